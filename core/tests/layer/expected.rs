//! Every layer of the real archives against the values that the independent oracle computed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    archive::{Archive, images},
    reading::read,
};

const KEYS: [&str; 8] =
    ["blob_digest", "blob_size", "compression", "tar_size", "diff_id", "entries", "types", "regular_bytes"];

#[test]
fn every_layer_is_as_the_oracle_says() {
    let Some(folder) = images() else { return };
    let mut compared = 0;
    for expected in expected_files(&folder) {
        let path = PathBuf::from(expected.to_string_lossy().trim_end_matches(".expected.json"));
        let document: Value = serde_json::from_slice(&fs::read(&expected).unwrap()).unwrap();
        let layers: Vec<&Value> = document["images"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|image| image["layers"].as_array())
            .flatten()
            .filter(|layer| layer["blob_digest"].is_string())
            .collect();
        if layers.is_empty() {
            continue;
        }
        let archive = Archive::open(&path).unwrap();
        for layer in layers {
            let name = layer["path"].as_str().unwrap();
            let bytes = archive.read(name).unwrap_or_else(|| panic!("{} has no {name}", path.display()));
            let reading = read(&bytes);
            let found = serde_json::to_value(&reading.summary).unwrap();
            for key in KEYS.iter().filter(|key| !layer[**key].is_null()) {
                assert_eq!(found[*key], layer[*key], "{key} of {name} in {}: {:?}", path.display(), reading.summary);
            }
            let errors: Vec<_> = reading.summary.findings.iter().filter(|f| json!(f.severity) == "error").collect();
            assert!(layer["notes"].is_array() || errors.is_empty(), "{name} in {}: {errors:?}", path.display());
            compared += 1;
        }
    }
    println!("{compared} layers compared");
    assert!(compared > 0);
}

fn expected_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".expected.json") {
            files.push(path);
        } else if path.is_dir() {
            files.extend(expected_files(&path));
        }
    }
    files.sort();
    files
}
