//! What must hold of every message catalogue.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Flat keys to texts.
pub type Catalogue = BTreeMap<String, String>;

/// The catalogues of one crate in both languages. A folder holds `en.json` and `zh-CN.json`, or several pairs as
/// `lessons.en.json` and `lessons.zh-CN.json`.
#[derive(Debug)]
pub struct Catalogues {
    pub en: Catalogue,
    pub zh: Catalogue,
}

impl Catalogues {
    /// # Panics
    ///
    /// On a folder without catalogues, on what is no JSON, and on a key that stands in two files.
    pub fn read(folder: impl AsRef<Path>) -> Self {
        let of = |tag: &str| {
            let mut catalogue = Catalogue::new();
            for path in files(folder.as_ref(), &format!("{tag}.json")) {
                let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                flatten("", &value, &mut catalogue);
            }
            assert!(!catalogue.is_empty(), "no {tag} catalogue in {}", folder.as_ref().display());
            catalogue
        };
        Self { en: of("en"), zh: of("zh-CN") }
    }

    /// The same keys with the same placeholders, and no empty text.
    pub fn assert_alike(&self) {
        assert_eq!(self.en.keys().collect::<Vec<_>>(), self.zh.keys().collect::<Vec<_>>());
        for (key, text) in &self.en {
            assert!(!text.trim().is_empty() && !self.zh[key].trim().is_empty(), "{key} is empty");
            assert_eq!(placeholders(text), placeholders(&self.zh[key]), "{key}");
        }
    }

    /// Each of `keys` has words.
    pub fn assert_has(&self, keys: impl IntoIterator<Item = String>) {
        let missing: Vec<String> = keys.into_iter().filter(|key| !self.en.contains_key(key)).collect();
        assert!(missing.is_empty(), "no words for {missing:?}");
    }

    /// Keys are written as literals in the sources below `folder`: `text("…")`, `fill("…")`, `plural("…")`.
    pub fn assert_keys_of(&self, folder: impl AsRef<Path>) {
        let mut missing = Vec::new();
        for path in files(folder.as_ref(), ".rs") {
            let source = fs::read_to_string(&path).expect("a readable source");
            for (call, plural) in [("text(\"", false), ("fill(\"", false), ("plural(\"", true)] {
                for (at, _) in source.match_indices(call) {
                    // Only whole names: `plain_text("…")` is another function.
                    if source[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
                        continue;
                    }
                    let key = source[at + call.len()..].split('"').next().unwrap_or_default();
                    let key = if plural { format!("{key}.other") } else { key.to_owned() };
                    if !key.contains('{') && !self.en.contains_key(&key) {
                        missing.push(format!("{}: {key}", path.display()));
                    }
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }
}

/// Files below `folder` whose names end in `end`.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn flatten(prefix: &str, value: &Value, flat: &mut Catalogue) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&key, value, flat);
            }
        }
        Value::String(text) => {
            let before = flat.insert(prefix.to_owned(), text.clone());
            assert!(before.is_none(), "{prefix} stands twice");
        }
        other => panic!("{prefix} is {other}"),
    }
}

fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text.split("%{").skip(1).filter_map(|rest| rest.split('}').next()).collect();
    names.sort_unstable();
    names
}
