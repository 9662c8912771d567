//! dive's figures against those of dive 0.13.1 itself, where the program is installed.
//!
//! dive is given every archive that has a `manifest.json`. Without one it takes the layers in an order of its own
//! that changes from run to run, so there is nothing to compare.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use layerlab_core::archive::ArchiveKind;
use serde_json::Value;

use crate::common::{analyse_path, images_folder};

/// Where dive reads an image otherwise than it is.
const DIFFERS: &[(&str, &str)] = &[
    ("bad/layer-symlink-ok.tar", "a layer that is a link to another member is empty to dive"),
    ("bad/traversal.tar", "`..` is a name to dive: a path that is clamped onto another here is one more there"),
];

/// What dive cannot open, and we can.
const REFUSED: &[(&str, &str)] = &[
    ("bad/config-deep.tar", "dive panics on a config that it cannot parse"),
    ("bad/json-bom.tar", "dive panics on a byte order mark"),
    ("bad/layer-is-manifest.tar", "dive takes the JSON file that a layer names out of its list of documents"),
    ("bad/layer-traversal-path.tar", "dive looks names up as they are written"),
    ("bad/missing-layer.tar", "one absent layer ends the whole"),
    ("bad/pax-nul-path.tar", "one malformed header ends the whole"),
    ("bad/pax-size-text.tar", "one malformed header ends the whole"),
    ("bad/pax-zero-length.tar", "one malformed header ends the whole"),
    ("bad/size-8g-octal.tar", "dive panics on a size that is not there"),
    ("bad/size-minus-octal.tar", "one malformed header ends the whole"),
    ("bad/size-negative-big.tar", "one malformed header ends the whole"),
    ("bad/size-over-2e53.tar", "dive panics on a size that is not there"),
    ("bad/truncated-in-layer.tar", "an archive that ends early ends the whole"),
];

/// dive holds a layer's tree several times; the large archives take it minutes.
const LARGEST: u64 = 64 << 20;

#[test]
fn figures_equal_dives_own_where_it_reads_the_image_right() {
    let Some(root) = images_folder() else { return };
    let version = Command::new("dive").arg("--version").output();
    if !version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("0.13.1")) {
        println!("skipped: dive 0.13.1 is not installed");
        return;
    }
    let (mut equal, mut problems) = (0, Vec::new());
    for path in archives(&root) {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let Ok(report) = analyse_path(&path) else { continue };
        let Some(ours) = report.images.first().and_then(|image| image.dive) else { continue };
        if report.kind != ArchiveKind::DockerArchive {
            continue;
        }
        let listed = |list: &[(&str, &str)]| list.iter().any(|(listed, _)| *listed == name);
        let Some(dives) = figures(&path) else {
            if !listed(REFUSED) {
                problems.push(format!("{name}: dive refuses it, and no reason is listed"));
            }
            continue;
        };
        let same = (ours.efficiency, ours.wasted_bytes) == dives;
        if same == listed(DIFFERS) || listed(REFUSED) {
            problems.push(format!("{name}: {:?}, dive {dives:?}", (ours.efficiency, ours.wasted_bytes)));
        }
        equal += u32::from(same);
    }
    println!("{equal} archives have dive's own figures");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(equal > 60, "only {equal} archives were compared");
}

/// Efficiency and wasted bytes of the first image, as `dive --json` writes them; `None` where it writes nothing.
fn figures(archive: &Path) -> Option<(f64, u64)> {
    let out = env::temp_dir().join(format!("layerlab-dive-{}.json", std::process::id()));
    let source = format!("docker-archive://{}", archive.display());
    let mut dive = Command::new("dive");
    dive.args([&source, "--json"]).arg(&out).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    dive.status().unwrap();
    let document = fs::read(&out).ok()?;
    fs::remove_file(&out).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let image = &document["image"];
    Some((image["efficiencyScore"].as_f64()?, image["inefficientBytes"].as_u64()?))
}

/// Every `*.tar` below `folder` that is small enough.
fn archives(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(archives(&path));
        } else if path.extension().is_some_and(|extension| extension == "tar")
            && fs::metadata(&path).unwrap().len() <= LARGEST
        {
            found.push(path);
        }
    }
    found
}
