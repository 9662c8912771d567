use std::collections::BTreeMap;

use layerlab_core::finding::Code;
use serde_json::Value;

use super::*;

fn catalogue(tag: &str) -> BTreeMap<String, String> {
    let path = format!("{}/../static/messages/{tag}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut flat = BTreeMap::new();
    flatten("", &serde_json::from_str(&text).expect("a JSON document"), &mut flat);
    flat
}

fn flatten(prefix: &str, value: &Value, flat: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&key, value, flat);
            }
        }
        Value::String(text) => {
            flat.insert(prefix.to_owned(), text.clone());
        }
        other => panic!("{prefix} is {other}"),
    }
}

fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text.split("%{").skip(1).filter_map(|rest| rest.split('}').next()).collect();
    names.sort_unstable();
    names
}

#[test]
fn both_catalogues_have_the_same_keys_and_placeholders() {
    let (en, zh) = (catalogue("en"), catalogue("zh-CN"));
    assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
    for (key, text) in &en {
        assert!(!text.trim().is_empty() && !zh[key].trim().is_empty(), "{key} is empty");
        assert_eq!(placeholders(text), placeholders(&zh[key]), "{key}");
    }
}

#[test]
fn every_code_of_the_engine_has_words() {
    let en = catalogue("en");
    let mut keys: Vec<String> = Code::ALL.iter().map(|code| format!("finding.{}", code.as_str())).collect();
    keys.extend(crate::view_model::words::all().into_iter().map(str::to_owned));
    let missing: Vec<&String> = keys.iter().filter(|key| !en.contains_key(*key)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}

/// Keys are written as literals in the components: each must be in the catalogue, and each of the catalogue used.
#[test]
fn every_key_in_the_source_is_in_the_catalogue() {
    let en = catalogue("en");
    let mut missing = Vec::new();
    for file in sources(&format!("{}/src", env!("CARGO_MANIFEST_DIR"))) {
        let source = std::fs::read_to_string(&file).expect("readable");
        for (call, plural) in [("text(\"", false), ("fill(\"", false), ("plural(\"", true)] {
            for key in source.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                let key = if plural { format!("{key}.other") } else { key.to_owned() };
                if !key.contains('{') && !en.contains_key(&key) {
                    missing.push(format!("{file}: {key}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

fn sources(dir: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("readable").flatten() {
        let path = entry.path().display().to_string();
        match entry.path().is_dir() {
            true => files.extend(sources(&path)),
            false if path.ends_with(".rs") && !path.ends_with("i18n/tests.rs") => files.push(path),
            false => {}
        }
    }
    files
}

#[test]
fn the_browsers_languages_choose() {
    for (wanted, chosen) in [
        (&["zh-TW", "en"][..], Language::SimplifiedChinese),
        (&["de-DE", "en-GB", "zh"], Language::English),
        (&["fr"], Language::English),
        (&[], Language::English),
    ] {
        assert_eq!(Language::choose(wanted.iter().copied()), chosen, "{wanted:?}");
    }
}
