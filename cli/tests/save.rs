//! Images written out again, read by this program and by another one.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use layerlab_tests::{Compression, Image, Layer, Members, docker_archive, oci_archive, sha256};
use serde_json::Value;
use tempfile::TempDir;

fn image() -> Image {
    let base = Layer::new().dir("etc").file("etc/motd", "hello\n").file("etc/cache", "x".repeat(4_000));
    let top = Layer::new().whiteout("etc/cache");
    Image::new("example.org/shop:1.0").layer("COPY etc /etc", base.clone()).layer("RUN rm /etc/cache", top)
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn layerlab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layerlab")).args(arguments).output().unwrap()
}

fn written(folder: &TempDir, name: &str, members: &Members) -> String {
    let path = folder.path().join(name);
    fs::write(&path, members.tar()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn analysed(path: &str) -> Value {
    serde_json::from_slice(&run(env!("CARGO_BIN_EXE_layerlab"), &["analyse", path, "--json"]).stdout).unwrap()
}

/// Source archives of each kind, saved in each format: same image ID, same diff_ids, and the registry's digest where
/// the archive had one.
#[test]
fn every_digest_stays_whatever_the_archive_and_the_format() {
    let folder = TempDir::new().unwrap();
    for (name, members) in [
        ("docker", docker_archive(&[&image()])),
        ("oci", oci_archive(&[&image()])),
        ("gzip", oci_archive(&[&image().compressed(Compression::Gzip)])),
        ("zstd", oci_archive(&[&image().compressed(Compression::Zstd)])),
    ] {
        let source = written(&folder, name, &members);
        for format in ["docker", "oci"] {
            let out = folder.path().join(format!("{name}-{format}.tar"));
            let out = out.to_str().unwrap();
            run(env!("CARGO_BIN_EXE_layerlab"), &["save", &source, "--format", format, "-o", out]);
            run(env!("CARGO_BIN_EXE_layerlab"), &["verify", out]);
            let (before, after) = (analysed(&source), analysed(out));
            let listed = after["images"].as_array().unwrap();
            for image in listed {
                assert_eq!(image["config_digest"], before["images"][0]["config_digest"], "{out}");
                assert!(image["tags"].to_string().contains("example.org/shop:1.0"), "{out}");
                for layer in 0..2 {
                    assert_eq!(image["layers"][layer]["diff_id"], before["images"][0]["layers"][layer]["diff_id"]);
                }
            }
            if format == "oci" && name != "docker" {
                let manifests: Vec<&Value> = listed.iter().map(|image| &image["manifest_digest"]).collect();
                assert!(manifests.contains(&&before["images"][0]["manifest_digest"]), "{out}: {manifests:?}");
            }
            skopeo_agrees(out, format);
        }
    }
}

/// `skopeo` reads the archive, computes the same image ID and copies every layer out of it.
fn skopeo_agrees(path: &str, format: &str) {
    if Command::new("skopeo").arg("--version").output().is_err() {
        eprintln!("not compared with skopeo, which is not installed here");
        return;
    }
    let transport = if format == "docker" { "docker-archive" } else { "oci-archive" };
    let source = format!("{transport}:{path}");
    let raw = run("skopeo", &["inspect", "--config", "--raw", &source]).stdout;
    assert_eq!(sha256(&raw), sha256(&image().config_document()), "{path}");
    let copy = TempDir::new().unwrap();
    let to = format!("dir:{}", copy.path().display());
    run("skopeo", &["--insecure-policy", "copy", "--quiet", &source, &to]);
    let manifest: Value = serde_json::from_slice(&fs::read(copy.path().join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 2, "{path}");
}

#[test]
fn one_layer_is_an_image_of_its_own() {
    let folder = TempDir::new().unwrap();
    let source = written(&folder, "image.tar", &docker_archive(&[&image()]));
    let out = folder.path().join("layer.tar");
    run(env!("CARGO_BIN_EXE_layerlab"), &["save", &source, "--layer", "1", "-o", out.to_str().unwrap()]);
    let (before, after) = (analysed(&source), analysed(out.to_str().unwrap()));
    let image = &after["images"][0];
    assert_eq!(image["layers"].as_array().unwrap().len(), 1);
    assert_eq!(image["layers"][0]["diff_id"], before["images"][0]["layers"][0]["diff_id"]);
    assert_eq!(image["layers"][0]["created_by"], "COPY etc /etc");
    assert_ne!(image["config_digest"], before["images"][0]["config_digest"]);
}

#[test]
fn what_is_not_as_declared_is_not_saved() {
    let folder = TempDir::new().unwrap();
    let good = docker_archive(&[&image()]);
    let layer = good.names().find(|name| name.ends_with("layer.tar")).unwrap().to_owned();
    let bad = written(&folder, "bad.tar", &good.clone().flip(&layer, 600));
    let good = written(&folder, "good.tar", &good);
    let out = folder.path().join("out.tar");
    let out = out.to_str().unwrap();
    for (arguments, sentence) in [
        (vec!["save", &bad, "-o", out], "Layer 1 is not what the config says"),
        (vec!["save", &good, "--image", "2", "-o", out], "There is no image 2: the archive lists 1."),
        (vec!["save", &good, "--layer", "3", "-o", out], "There is no layer 3: the image has 2."),
    ] {
        let output = layerlab(&arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(told.contains(sentence), "{told}");
        assert!(!Path::new(out).exists(), "{arguments:?}");
    }
}
