//! Exploring an image: the module of the page, and the worker that holds the trees.

layerlab_web::catalogue!("../static/messages/explore");

mod address;
mod app;
mod ask;
mod chip;
pub mod client;
pub mod compare;
pub mod cost;
pub mod explorer;
pub mod facts;
mod files;
pub mod forest;
mod hidden;
mod opened;
pub mod protocol;
mod question;
mod save;
mod scanning;

pub use app::App;

#[cfg(test)]
mod tests {
    use layerlab_core::facts::{config::Subject, hidden::Rule};
    use layerlab_tests::catalogue::Catalogues;

    #[test]
    fn every_word_is_in_both_catalogues() {
        let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/explore"));
        catalogues.assert_alike();
        catalogues.assert_keys_of(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        catalogues.assert_has(crate::files::made_keys());
        catalogues.assert_has(Rule::ALL.iter().map(|rule| format!("rule.{}", rule.key())));
        catalogues.assert_has(Subject::ALL.iter().map(|subject| format!("config.{}", subject.key())));
        catalogues.assert_has(crate::facts::view::Mark::keys());
    }
}
