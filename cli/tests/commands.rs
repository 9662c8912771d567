//! The command line as a script sees it: exit status, standard output, and nothing else.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use layerlab_tests::{Compression, Image, Layer, Members, docker_archive, oci_archive};
use serde_json::Value;
use tempfile::TempDir;

fn layerlab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layerlab")).args(arguments).output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn image() -> Image {
    let base = Layer::new().dir("etc").file("etc/motd", "hello\n").file("etc/cache", "x".repeat(4_000));
    let top = Layer::new().whiteout("etc/cache");
    Image::new("shop:1.0").layer("COPY etc /etc", base).layer("RUN rm /etc/cache", top)
}

fn written(folder: &TempDir, name: &str, members: &Members) -> String {
    let path = folder.path().join(name);
    fs::write(&path, members.tar()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The digest of the config is the image ID; the fixture builder computes it on its own.
fn image_id() -> String {
    layerlab_tests::sha256(&image().config_document())
}

#[test]
fn verified_is_0_mismatch_is_1_unreadable_is_2() {
    let folder = TempDir::new().unwrap();
    let good = docker_archive(&[&image()]);
    let first_layer = good.names().find(|name| name.ends_with("layer.tar")).unwrap().to_owned();
    let flipped = good.clone().flip(&first_layer, 600);
    let text_file = folder.path().join("notes.tar");
    fs::write(&text_file, "not an archive\n").unwrap();

    for (file, expected) in [
        (written(&folder, "good.tar", &good), 0),
        (written(&folder, "flipped.tar", &flipped), 1),
        (written(&folder, "absent-layer.tar", &good.without(&first_layer)), 1),
        (text_file.to_str().unwrap().to_owned(), 2),
        (folder.path().join("nowhere.tar").to_str().unwrap().to_owned(), 2),
    ] {
        let output = layerlab(&["verify", &file]);
        assert_eq!(status(&output), expected, "{file}: {}{}", text(&output.stdout), text(&output.stderr));
    }
    let refused = layerlab(&["analyse", text_file.to_str().unwrap()]);
    assert_eq!(status(&refused), 2);
    assert!(text(&refused.stderr).contains("it seems to be a text file"), "{}", text(&refused.stderr));
    assert!(refused.stdout.is_empty());
}

#[test]
fn a_mismatch_shows_both_digests_whole() {
    let folder = TempDir::new().unwrap();
    let good = docker_archive(&[&image()]);
    let layer = good.names().find(|name| name.ends_with("layer.tar")).unwrap().to_owned();
    let flipped = good.clone().flip(&layer, 600);
    let computed = layerlab_tests::sha256(flipped.content(&layer));
    let output = layerlab(&["verify", &written(&folder, "flipped.tar", &flipped)]);
    let shown = text(&output.stdout);
    assert!(shown.contains("MISMATCH"), "{shown}");
    assert!(shown.contains(&image().diff_ids()[0]) && shown.contains(&computed), "{shown}");
}

#[test]
fn a_trusted_digest_is_equal_contradicted_or_undecidable() {
    let folder = TempDir::new().unwrap();
    let file = written(&folder, "good.tar", &docker_archive(&[&image()]));
    let inspect = folder.path().join("inspect.json");
    let (id, layer) = (layerlab_tests::sha256(b"another"), layerlab_tests::sha256(b"layer"));
    let document = format!(r#"[{{"Id":"{id}","RepoTags":[],"RootFS":{{"Type":"layers","Layers":["{layer}"]}}}}]"#);
    fs::write(&inspect, document).unwrap();
    let unknown = layerlab_tests::sha256(b"unknown");
    for (trusted, expected, sentence) in [
        (image_id().as_str(), 0, "equals what you trust"),
        (inspect.to_str().unwrap(), 1, "CONTRADICTS what you trust"),
        (unknown.as_str(), 1, "cannot be decided"),
        ("hello", 1, "is no digest"),
    ] {
        let output = layerlab(&["verify", &file, "--against", trusted]);
        assert_eq!(status(&output), expected, "{trusted}: {}", text(&output.stdout));
        assert!(text(&output.stdout).contains(sentence), "{trusted}: {}", text(&output.stdout));
    }
}

#[test]
fn a_file_a_folder_a_pipe_and_a_compressed_file_give_one_stack() {
    let folder = TempDir::new().unwrap();
    let archive = oci_archive(&[&image().compressed(Compression::Gzip)]);
    let layout = folder.path().join("layout");
    archive.write(&layout).unwrap();
    let tar = written(&folder, "image.tar", &archive);
    let zipped = folder.path().join("image.tar.gz");
    fs::write(&zipped, Compression::Gzip.compress(&archive.tar())).unwrap();

    let stack = |report: &Value| report["images"][0]["layers"].clone();
    let expected = report(&layerlab(&["analyse", &tar, "--json"]));
    assert_eq!(expected["images"][0]["config_digest"], image_id().as_str());
    assert_eq!(expected["images"][0]["layers"][1]["counts"]["removed"], 1);
    for (path, outer, kind) in
        [(layout.to_str().unwrap(), "dir", "oci-layout"), (zipped.to_str().unwrap(), "gzip", "oci-archive")]
    {
        let found = report(&layerlab(&["analyse", path, "--json"]));
        assert_eq!((&found["outer"], &found["kind"]), (&outer.into(), &kind.into()));
        assert_eq!(stack(&found), stack(&expected), "{path}");
    }
    let piped = report(&piped(&["analyse", "-", "--json"], &archive.tar()));
    assert_eq!((&piped["file"], stack(&piped)), (&"-".into(), stack(&expected)));
}

#[test]
fn names_from_an_archive_cannot_speak_to_the_terminal() {
    let folder = TempDir::new().unwrap();
    let layer = Layer::new().file("a\u{1b}]0;owned\u{7}b", "x").file("../\u{202e}up", "y");
    let image = Image::new("evil\u{1b}[31m:1").layer("RUN \u{1b}[2J echo", layer);
    let output = layerlab(&["analyse", &written(&folder, "evil.tar", &docker_archive(&[&image]))]);
    let shown = text(&output.stdout);
    assert!(shown.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{shown:?}");
    assert!(shown.contains("\\u{1b}"), "{shown}");
}

fn report(output: &Output) -> Value {
    assert_eq!(status(output), 0, "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(Path::new(env!("CARGO_BIN_EXE_layerlab")))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn tree_lists_a_layers_changes_the_merged_tree_or_a_range() {
    let base = Layer::new().dir("etc").file("etc/a\u{1b}[31m", "one").file("b", "two");
    let top = Layer::new().whiteout("b").file("etc/c", "three");
    let image = Image::new("shop:1").layer("COPY base", base).layer("RUN top", top);
    let archive = docker_archive(&[&image]).tar();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("shop.tar");
    fs::write(&file, archive).unwrap();
    let tree = |arguments: &[&str]| {
        let output = layerlab(&[&["tree", file.to_str().unwrap()], arguments].concat());
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (_, changes, _) = tree(&["--changes"]);
    assert_eq!(
        changes,
        "- -rw-r--r--       0:0 3 B   1  b\n  drwxr-xr-x       0:0 5 B   1  etc\n+ -rw-r--r--       0:0 5 B   2  etc/c\n\n\
         1 added, 1 removed, 2 unmodified; 8 B, +2 B\n"
    );
    let (_, merged, _) = tree(&["--layer", "1"]);
    assert!(merged.contains("etc/a\\u{1b}[31m\n"), "{merged}");
    let (_, range, _) = tree(&["--from", "0", "--to", "2"]);
    assert_eq!(range.lines().filter(|line| line.starts_with('+')).count(), 3);
    let (code, _, error) = tree(&["--layer", "3"]);
    assert_eq!((code, error.as_str()), (Some(2), "layerlab: There is no layer 3: the image has 2 layers.\n"));
}
