//! The list of images of real archives against what an independent oracle says of them.
//!
//! The archives are no part of the project; without them this prints a line and passes.

use std::{fs, path::Path};

use layerlab_core::archive::{Image, ImageArchive, LayerSource, Via};
use serde_json::Value;

use crate::common::{images_folder, open_path};

#[test]
fn images_are_listed_as_the_oracle_lists_them() {
    let Some(root) = images_folder() else { return };
    let mut compared = 0;
    for expectation in expectations(&root) {
        let archive = expectation.to_string_lossy().trim_end_matches(".expected.json").to_owned();
        let expected: Value = serde_json::from_slice(&fs::read(&expectation).unwrap()).unwrap();
        let images = expected["images"].as_array().map(Vec::as_slice).unwrap_or_default();
        let opened = open_path(Path::new(&archive));
        match opened {
            Ok(opened) if images.is_empty() => assert!(opened.is_bare(), "{archive}"),
            Ok(opened) => {
                compare(&archive, &opened, images);
                compared += 1;
            }
            // An archive of which nothing can be opened is refused; the oracle lists what it lacks.
            Err(error) => assert!(images.iter().all(|image| image.get("error").is_some()), "{archive}: {error}"),
        }
    }
    println!("{compared} archives compared");
    assert!(compared > 70, "only {compared} archives compared");
}

fn compare(archive: &str, opened: &ImageArchive, expected: &[Value]) {
    assert_eq!(opened.images.len(), expected.len(), "{archive}");
    for (index, (image, expected)) in opened.images.iter().zip(expected).enumerate() {
        let place = format!("{archive}, image {index}");
        assert_eq!(via(image), expected["via"].as_str().unwrap(), "{place}");
        let tags: Vec<_> = expected["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        assert_eq!(image.tags, tags, "{place}");
        let manifest = image.manifest.as_ref();
        if expected.get("error").is_some() {
            let declared = manifest.and_then(|manifest| manifest.declared.as_ref()).map(ToString::to_string);
            assert_eq!(declared.as_deref(), expected["manifest_digest"].as_str(), "{place}");
            continue;
        }
        let digest = manifest.and_then(|manifest| manifest.digest.as_ref()).map(ToString::to_string);
        assert_eq!(digest.as_deref(), expected["manifest_digest"].as_str(), "{place}");
        let media_type = manifest.and_then(|manifest| manifest.media_type.as_deref());
        assert_eq!(media_type, expected["manifest_media_type"].as_str(), "{place}");
        let config = image.config.as_ref();
        let digest = config.map(|config| config.digest.to_string());
        assert_eq!(digest.as_deref(), expected["config_digest"].as_str(), "{place}");
        for (key, value) in [
            ("os", config.and_then(|config| config.config.os.as_deref())),
            ("architecture", config.and_then(|config| config.config.architecture.as_deref())),
            ("variant", config.and_then(|config| config.config.variant.as_deref())),
            ("created", config.and_then(|config| config.config.created.as_deref())),
        ] {
            assert_eq!(value, expected[key].as_str(), "{place}: {key}");
        }
        let history = config.map_or(&[][..], |config| &config.config.history);
        assert_eq!(Some(history.len() as u64), expected["history"].as_u64(), "{place}");
        let platform = image.platform.as_ref();
        for (key, value) in [
            ("os", platform.and_then(|platform| platform.os.as_deref())),
            ("architecture", platform.and_then(|platform| platform.architecture.as_deref())),
            ("variant", platform.and_then(|platform| platform.variant.as_deref())),
        ] {
            assert_eq!(value, expected["platform"][key].as_str(), "{place}: platform {key}");
        }
        compare_layers(&place, opened, image, expected["layers"].as_array().unwrap());
    }
}

fn compare_layers(place: &str, opened: &ImageArchive, image: &Image, expected: &[Value]) {
    assert_eq!(image.layers.len(), expected.len(), "{place}");
    for (index, (layer, expected)) in image.layers.iter().zip(expected).enumerate() {
        let place = format!("{place}, layer {index}");
        assert_eq!(Some(&*layer.path), expected["path"].as_str(), "{place}");
        assert_eq!(layer.media_type.as_deref(), expected["media_type"].as_str(), "{place}");
        let LayerSource::Blob(blob) = layer.source else {
            assert!(expected.get("error").is_some(), "{place}: {:?}", layer.source);
            continue;
        };
        assert_eq!(expected.get("error"), None, "{place}");
        assert_eq!(Some(opened.blobs[blob.0 as usize].location.size), expected["blob_size"].as_u64(), "{place}");
        let declared = layer.diff_id_declared.as_ref().map(ToString::to_string);
        assert_eq!(declared.as_deref(), expected["diff_id_declared"].as_str(), "{place}");
        assert_eq!(layer.created_by.as_deref(), expected["created_by"].as_str(), "{place}");
        let declared = layer.declared.as_ref();
        let digest = declared.map(|declared| declared.digest.to_string());
        assert_eq!(digest.as_deref(), expected["digest_declared"].as_str(), "{place}");
        assert_eq!(declared.and_then(|declared| declared.size), expected["size_declared"].as_i64(), "{place}");
    }
}

fn via(image: &Image) -> &'static str {
    match image.via {
        Via::Docker => "docker",
        Via::Oci => "oci",
        Via::V1 => "v1",
        Via::Dir => "dir",
        Via::Bare => "bare",
    }
}

fn expectations(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(expectations(&path));
        } else if path.to_string_lossy().ends_with(".expected.json") {
            found.push(path);
        }
    }
    found
}
