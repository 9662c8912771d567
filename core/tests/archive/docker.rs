//! What `docker save`, `podman save` and their relatives write: `manifest.json`, or `repositories` before it.

use layerlab_core::{archive::ArchiveKind, digest::Digest};
use serde_json::json;

use crate::{build::*, open::*};

#[test]
fn legacy_docker_save() {
    let (a, b) = (layer("a"), layer("b"));
    let bytes = Tar::new()
        .folder("1/")
        .file("1/VERSION", "1.0")
        .file("1/layer.tar", &a)
        .file("2/layer.tar", &b)
        .file("c.json", config(&[&a, &b]))
        .file("manifest.json", docker_manifest(&[("c.json", &["a:1"], &["1/layer.tar", "2/layer.tar"])]))
        .file("repositories", "{}")
        .bytes();
    let archive = assert_seen(
        &bytes,
        ArchiveKind::DockerArchive,
        &["Docker Filesystem a:1 1/layer.tar=1/layer.tar 2/layer.tar=2/layer.tar"],
        &[],
    );
    let layer = &archive.images[0].layers[1];
    assert_eq!(layer.created_by.as_deref(), Some("RUN 1"));
    assert_eq!(layer.diff_id_declared.as_ref().unwrap().0, Digest::sha256(&b));
    let read: Vec<_> = archive.documents.iter().map(|document| &*document.path).collect();
    assert_eq!(read, ["manifest.json", "c.json"]);
}

#[test]
fn a_layer_that_no_suffix_betrays() {
    let a = layer("a");
    let bytes = Tar::new()
        .file("manifest.json", docker_manifest(&[("conf", &[], &["layer"])]))
        .file("other.tar", layer("b"))
        .file("layer", &a)
        .file("conf", config(&[&a]))
        .bytes();
    assert_seen(&bytes, ArchiveKind::DockerArchive, &["Docker Filesystem layer=layer"], &[]);
}

#[test]
fn duplicate_layers_are_links_and_one_blob() {
    let a = layer("a");
    let names = ["1/layer.tar", "2/layer.tar", "3/layer.tar", "4/layer.tar", "5/layer.tar"];
    let bytes = Tar::new()
        .symlink("1/layer.tar", "../5/layer.tar")
        .symlink("2/layer.tar", "5/layer.tar")
        .symlink("3/layer.tar", "../1/layer.tar")
        .file("5/layer.tar", &a)
        .hard_link("4/layer.tar", "5/layer.tar")
        .file("c.json", config(&[&a, &a, &a, &a, &a]))
        .file("manifest.json", docker_manifest(&[("c.json", &[], &names)]))
        .bytes();
    let layers: Vec<_> = names.iter().map(|name| format!("{name}=5/layer.tar")).collect();
    let archive = open_bytes(&bytes).unwrap();
    assert_eq!(seen(&archive).1, [format!("Docker Filesystem {}", layers.join(" "))]);
    assert_eq!(archive.blobs.len(), 1);
}

#[test]
fn links_in_a_circle_are_absent_layers() {
    let a = layer("a");
    let bytes = Tar::new()
        .symlink("x", "y")
        .symlink("y", "x")
        .file("a", &a)
        .file("c.json", config(&[&a, &a]))
        .file("manifest.json", docker_manifest(&[("c.json", &[], &["a", "x"])]))
        .bytes();
    assert_seen(&bytes, ArchiveKind::DockerArchive, &["Docker Filesystem a=a x!layer-absent"], &[]);
}

#[test]
fn several_images_several_tags_no_tags() {
    let (a, b) = (layer("a"), layer("b"));
    let bytes = Tar::new()
        .file("a", &a)
        .file("b", &b)
        .file("1.json", config(&[&a]))
        .file("2.json", config(&[&a, &b]))
        .file("manifest.json", docker_manifest(&[("1.json", &["x:1", "x:2"], &["a"]), ("2.json", &[], &["a", "b"])]))
        .bytes();
    let archive = assert_seen(
        &bytes,
        ArchiveKind::DockerArchive,
        &["Docker Filesystem x:1,x:2 a=a", "Docker Filesystem a=a b=b"],
        &[],
    );
    assert_eq!(archive.blobs.len(), 2);
}

#[test]
fn podman_docker_archive() {
    let a = layer("a");
    let name = format!("{}.tar", Digest::sha256(&a).encoded());
    let config = config(&[&a]);
    let config_name = format!("{}.json", Digest::sha256(config.as_bytes()).encoded());
    let bytes = Tar::new()
        .file(&name, &a)
        .symlink("chain/layer.tar", &format!("../{name}"))
        .file("chain/VERSION", "1.0")
        .file("chain/json", r#"{"id":"chain"}"#)
        .file(&config_name, &config)
        .file("repositories", "{}")
        .file("manifest.json", docker_manifest(&[(&config_name, &["localhost/a:1"], &[&name])]))
        .bytes();
    let line = format!("Docker Filesystem localhost/a:1 {name}={name}");
    let archive = assert_seen(&bytes, ArchiveKind::DockerArchive, &[&line], &[]);
    let config = archive.images[0].config.as_ref().unwrap();
    assert_eq!(config.declared.as_ref(), Some(&config.digest.0));
}

#[test]
fn docker_v1_follows_the_parents() {
    let (a, b) = (layer("a"), layer("b"));
    let (top, base) = ("bb".repeat(32), "aa".repeat(32));
    let layers = || {
        Tar::new()
            .file(&format!("{top}/json"), json!({ "id": top, "parent": base, "os": "linux" }).to_string())
            .file(&format!("{top}/layer.tar"), &b)
            .file(&format!("{base}/json"), json!({ "id": base }).to_string())
            .file(&format!("{base}/layer.tar"), &a)
    };
    let stack = format!("{base}/layer.tar={base}/layer.tar {top}/layer.tar={top}/layer.tar");
    let repositories = format!(r#"{{"z":{{"2":"{top}","1":"{base}"}}}}"#);
    let archive = assert_seen(
        &layers().file("repositories", repositories).bytes(),
        ArchiveKind::DockerV1,
        &[&format!("V1 Filesystem z:2 {stack}"), &format!("V1 Filesystem z:1 {base}/layer.tar={base}/layer.tar")],
        &["diff-ids-missing", "diff-ids-missing"],
    );
    assert_eq!(archive.images[0].config.as_ref().unwrap().config.os.as_deref(), Some("linux"));
    assert_eq!(archive.blobs.len(), 2);

    let untagged = format!("V1 Filesystem {stack}");
    assert_seen(&layers().bytes(), ArchiveKind::DockerV1, &[&untagged], &["diff-ids-missing"]);
}

#[test]
fn docker_v1_parents_in_a_circle_end() {
    let bytes = Tar::new()
        .file("1/json", r#"{"parent":"2"}"#)
        .file("2/json", r#"{"parent":"1"}"#)
        .file("1/layer.tar", layer("a"))
        .file("repositories", r#"{"r":{"t":"1"}}"#)
        .bytes();
    assert_seen(
        &bytes,
        ArchiveKind::DockerV1,
        &["V1 Filesystem r:t 2/layer.tar!layer-absent 1/layer.tar=1/layer.tar"],
        &["image-broken", "diff-ids-missing"],
    );
}

#[test]
fn members_with_a_leading_dot_slash() {
    let a = layer("a");
    let bytes = Tar::new()
        .folder("./")
        .file("./manifest.json", docker_manifest(&[("c.json", &[], &["./a"])]))
        .file("./c.json", config(&[&a]))
        .file("./a", &a)
        .bytes();
    assert_seen(&bytes, ArchiveKind::DockerArchive, &["Docker Filesystem ./a=a"], &[]);
}

#[test]
fn absent_layers_keep_their_place() {
    let (a, b) = (layer("a"), layer("b"));
    let bytes = Tar::new()
        .file("b", &b)
        .file("c.json", config(&[&a, &b, &a]))
        .file("manifest.json", docker_manifest(&[("c.json", &["thin:1"], &["", "b", "nowhere"])]))
        .bytes();
    let archive = assert_seen(
        &bytes,
        ArchiveKind::DockerArchive,
        &["Docker Filesystem thin:1 !layer-absent b=b nowhere!layer-absent"],
        &[],
    );
    assert_eq!(archive.images[0].layers[1].created_by.as_deref(), Some("RUN 1"));
}
