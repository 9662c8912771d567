//! Exploring an image: the module of the page, and the worker that holds the trees.

layerlab_web::catalogue!("../static/messages/explore");

mod app;
mod ask;
pub mod client;
pub mod compare;
pub mod cost;
pub mod explorer;
pub mod forest;
mod place;
pub mod protocol;
mod save;

pub use app::App;

#[cfg(test)]
mod tests {
    use layerlab_tests::catalogue::Catalogues;

    #[test]
    fn every_word_is_in_both_catalogues() {
        let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/explore"));
        catalogues.assert_alike();
        catalogues.assert_keys_of(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    }
}
