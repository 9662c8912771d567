//! Each key that the engine can give has words in both languages.

use std::{collections::BTreeMap, fs, path::PathBuf};

use layerlab_core::lesson::RunError;
use layerlab_core::overlay::{
    Event, Reason,
    engine::{Cached, Effect},
    shell::MESSAGE_KEYS,
};

fn catalogue(language: &str) -> BTreeMap<String, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../static/messages/learn");
    let text = fs::read_to_string(root.join(format!("engine.{language}.json"))).unwrap();
    let sections: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&text).unwrap();
    let flat = sections
        .into_iter()
        .flat_map(|(section, texts)| texts.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text)));
    flat.collect()
}

#[test]
fn every_key_of_the_engine_has_words_and_no_words_are_left_over() {
    let keys = |section: &str, keys: &[&str]| keys.iter().map(|key| format!("{section}.{key}")).collect::<Vec<_>>();
    let mut wanted: Vec<String> = [
        keys("event", &Event::KEYS),
        keys("reason", &Reason::ALL.map(Reason::key)),
        keys("effect", &Effect::KEYS),
        keys("cached", &Cached::KEYS),
        keys("run-error", &RunError::KEYS),
        MESSAGE_KEYS.map(str::to_string).to_vec(),
    ]
    .concat();
    wanted.sort();
    for language in ["en", "zh-CN"] {
        let catalogue = catalogue(language);
        assert_eq!(catalogue.keys().cloned().collect::<Vec<_>>(), wanted, "{language}");
        assert!(catalogue.values().all(|text| !text.trim().is_empty()), "{language}");
    }
}
