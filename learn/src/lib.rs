//! Lessons on a live union mount: a module of the page.
//!
//! What is drawn is a fold over the engine's events: `scene` says what is in the picture, `geometry` where, `captions`
//! in which words, `player` when. All four are pure; the components draw what they return.

layerlab_web::catalogue!("../static/messages/learn");

pub mod address;
mod app;
pub mod bench;
pub mod captions;
pub mod components;
pub mod geometry;
pub mod library;
pub mod own;
pub mod pages;
pub mod player;
pub mod progress;
pub mod scene;
pub mod stage;
pub mod talk;

pub use app::App;

#[cfg(test)]
mod tests {
    use layerlab_core::overlay::{
        Event,
        engine::{Cached, Effect},
        shell::MESSAGE_KEYS,
    };
    use layerlab_tests::catalogue::Catalogues;

    #[test]
    fn every_word_is_in_both_catalogues() {
        let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/learn"));
        catalogues.assert_alike();
        catalogues.assert_keys_of(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        catalogues.assert_has(Event::KEYS.map(|key| format!("event.{key}")));
        catalogues.assert_has(Effect::KEYS.map(|key| format!("effect.{key}")));
        catalogues.assert_has(Cached::KEYS.map(|key| format!("cached.{key}")));
        catalogues.assert_has(MESSAGE_KEYS.map(str::to_owned));
    }
}
