//! `secrets`, `dockerfile` and `packages` as a script sees them.

use std::{
    fs,
    process::{Command, Output},
};

use layerlab_tests::{Compression, Entry, Image, Layer, docker_archive, oci_archive};
use serde_json::Value;
use tempfile::TempDir;

fn layerlab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layerlab")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Put together here, so that no scanner takes this file for a leak.
fn token() -> String {
    format!("ghp_{}", "9sK2mQ8vL4xT7bN1cR5wZ3yH6jF0pDgA1uEo")
}

const STATUS: &str = "var/lib/dpkg/status";

fn package(name: &str, version: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n\n")
}

fn image() -> Image {
    let base = Layer::new()
        .file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n")
        .symlink("etc/os-release", "../usr/lib/os-release")
        .file(STATUS, package("base", "1"));
    let secret = Layer::new().file("root/.netrc", "machine x.com login me password hunter2\n").file("app/t", token());
    let top = Layer::new()
        .whiteout("root/.netrc")
        .file(STATUS, package("base", "2") + &package("curl", "8"))
        .entry(Entry::file("bin/su", "").mode(0o4755));
    Image::new("shop:1.0")
        .layer("/bin/sh -c #(nop) ADD file:1 in / ", base)
        .layer("COPY secrets /root/ # buildkit", secret)
        .layer("RUN /bin/sh -c rm /root/.netrc && apt-get install curl # buildkit", top)
}

fn written(folder: &TempDir, image: &Image) -> String {
    let path = folder.path().join("image.tar");
    fs::write(&path, docker_archive(&[image]).tar()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn secrets_are_masked_until_asked_for_and_the_deleted_come_first() {
    let folder = TempDir::new().unwrap();
    let file = written(&folder, &image());
    let output = layerlab(&["secrets", &file]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains(&token()), "{shown}");
    let gone = shown.find("GONE, by layer 3").unwrap();
    let visible = shown.find("visible").unwrap();
    assert!(gone < visible, "{shown}");
    assert!(shown.contains("layer 2: root/.netrc:1") && shown.contains("setuid"), "{shown}");
    let output = layerlab(&["secrets", &file, "--show"]);
    assert!(text(&output.stdout).contains("hunter2"));
}

#[test]
fn the_json_says_where_and_what_became_of_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    fs::write(&path, oci_archive(&[&image().compressed(Compression::Gzip)]).tar()).unwrap();
    let output = layerlab(&["secrets", path.to_str().unwrap(), "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "layerlab.secrets/1");
    let secret = &document["images"][0]["secrets"][0];
    for (key, expected) in [
        ("rule", Value::from("netrc")),
        ("name", "x.com".into()),
        ("path", "root/.netrc".into()),
        ("layers", vec![1].into()),
        ("fate", "deleted".into()),
        ("by", 2.into()),
        ("value", "•••••••".into()),
    ] {
        assert_eq!(secret[key], expected, "{key}");
    }
    assert_eq!(document["images"][0]["permissions"][0]["path"], "bin/su");
}

#[test]
fn nothing_found_is_0_and_unreadable_is_2() {
    let folder = TempDir::new().unwrap();
    let clean = Image::new("clean:1").layer("COPY a /", Layer::new().file("a", "nothing"));
    let output = layerlab(&["secrets", &written(&folder, &clean)]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(layerlab(&["secrets", "nowhere.tar"]).status.code(), Some(2));
    assert_eq!(layerlab(&["dockerfile", &written(&folder, &clean), "--image", "7"]).status.code(), Some(1));
}

#[test]
fn the_dockerfile_marks_what_is_guessed() {
    let folder = TempDir::new().unwrap();
    let output = layerlab(&["dockerfile", &written(&folder, &image())]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "# guessed: no base: the build begins with a file system of its own\nFROM scratch\n# guessed: the source's name; \
         only its checksum was written down\nADD file:1 /\nCOPY secrets /root/\nRUN rm /root/.netrc && apt-get install \
         curl\n"
    );
}

#[test]
fn packages_are_told_by_layer() {
    let folder = TempDir::new().unwrap();
    let output = layerlab(&["packages", &written(&folder, &image())]);
    assert_eq!(
        text(&output.stdout),
        "image 1  shop:1.0\n  Debian 12 (layer 1: usr/lib/os-release)\n  layer 1\n    + base 1\n  layer 3\n    + curl 8\n    \
         ^ base 1 -> 2\n  installed in the end: 2\n"
    );
}
