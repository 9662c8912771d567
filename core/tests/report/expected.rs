//! The reports of real archives against an independent oracle's, in every key that both have.
//!
//! The archives are no part of the project; without them this prints a line and passes.

use serde_json::{Map, Value};

use crate::common::{analyse_path, expectations, images_folder};

#[test]
fn reports_equal_the_oracles_in_every_key_that_both_have() {
    let Some(root) = images_folder() else { return };
    let (mut archives, mut compared, mut differences) = (0, 0, Vec::new());
    for (archive, expected) in expectations(&root) {
        let Ok(report) = analyse_path(&archive) else {
            // An archive of which nothing can be opened is refused; the oracle lists what it lacks.
            let images = expected["images"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(images.iter().all(|image| image.get("error").is_some()), "{}", archive.display());
            continue;
        };
        archives += 1;
        let found = serde_json::to_value(&report).unwrap();
        let mut comparison = Comparison { compared: 0, differences: Vec::new() };
        comparison.compare("", &expected, &found);
        compared += comparison.compared;
        let place = |difference: String| format!("{}{difference}", archive.display());
        differences.extend(comparison.differences.into_iter().map(place));
    }
    println!("{archives} archives, {compared} values compared");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert!(archives > 70 && compared > 10_000, "only {archives} archives and {compared} values compared");
}

struct Comparison {
    compared: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, place: &str, expected: &Value, found: &Value) {
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) => {
                for (key, value) in expected.iter().filter(|(key, _)| !is_excluded(expected, key)) {
                    if let Some(found) = found.get(key) {
                        self.compare(&format!("{place}.{key}"), value, found);
                    }
                }
            }
            (Value::Array(expected), Value::Array(found)) => {
                self.equal(&format!("{place}.length"), &expected.len().into(), &found.len().into());
                let mut above_a_gap = false;
                for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                    let mut expected = expected.clone();
                    above_a_gap |= expected.get("error").is_some();
                    if let (true, Some(layer)) = (above_a_gap, expected.as_object_mut()) {
                        // The oracle closes its chain over an absent layer; there is no such chain.
                        layer.remove("chain_id");
                    }
                    self.compare(&format!("{place}[{index}]"), &expected, found);
                }
            }
            _ => self.equal(place, expected, found),
        }
    }

    fn equal(&mut self, place: &str, expected: &Value, found: &Value) {
        self.compared += 1;
        if expected != found {
            self.differences.push(format!("{place}: expected {expected}, found {found}"));
        }
    }
}

/// What the oracle does not do.
fn is_excluded(object: &Map<String, Value>, key: &str) -> bool {
    // A tarball without documents is no image to it; here it is one unnamed layer.
    let bare = object.contains_key("note") && key == "images";
    // Of an image that it cannot open it only counts the layers.
    let broken = object.contains_key("error") && key == "layers";
    bare || broken
}
