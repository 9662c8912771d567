//! Every form of image archive, made here member by member: which images it lists, which bytes their layers are, and
//! what there is to say about it.
//!
//! Each is also opened with short reads and as a stream (see `common::open_bytes`).

mod common;

use common::{Tar, config, descriptor, layer, open_bytes};
use layerlab_core::{
    archive::{ArchiveKind, ImageArchive, LayerSource, source::Files, source::SourceFile},
    digest::Digest,
    error::ArchiveError,
    limits::Limits,
};
use serde_json::{Value, json};

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// One line an image: view, nature, tags, layers as `path=blob` or `path!finding`; then the findings of the archive
/// and of the images.
fn seen(archive: &ImageArchive) -> (ArchiveKind, Vec<String>, Vec<&'static str>) {
    let layer = |layer: &layerlab_core::archive::ImageLayer| match &layer.source {
        LayerSource::Blob(id) => format!("{}={}", layer.path, archive.blobs[id.0 as usize].path),
        LayerSource::Absent(finding) => format!("{}!{}", layer.path, finding.code.as_str()),
    };
    let images = archive.images.iter().map(|image| {
        let layers: Vec<_> = image.layers.iter().map(layer).collect();
        format!("{:?} {:?} {} {}", image.via, image.nature, image.tags.join(","), layers.join(" "))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    });
    let findings = archive.findings.iter().chain(archive.images.iter().flat_map(|image| &image.findings));
    (archive.kind, images.collect(), findings.map(|finding| finding.code.as_str()).collect())
}

#[track_caller]
fn assert_seen(bytes: &[u8], kind: ArchiveKind, images: &[&str], findings: &[&str]) -> ImageArchive {
    let archive = open_bytes(bytes).unwrap();
    let images: Vec<_> = images.iter().map(ToString::to_string).collect();
    assert_eq!(seen(&archive), (kind, images, findings.to_vec()));
    archive
}

fn docker_manifest(entries: &[(&str, &[&str], &[&str])]) -> String {
    let entry = |(config, tags, layers): &(&str, &[&str], &[&str])| json!({ "Config": config, "RepoTags": (!tags.is_empty()).then_some(tags), "Layers": layers });
    Value::from(entries.iter().map(entry).collect::<Vec<_>>()).to_string()
}

/// A layout under construction: blobs by their digests, the index last.
struct Layout {
    tar: Tar,
}

impl Layout {
    fn new() -> Self {
        Self { tar: Tar::new().file("oci-layout", LAYOUT) }
    }

    fn blob(&mut self, data: impl AsRef<[u8]>) {
        let (tar, _) = std::mem::replace(&mut self.tar, Tar::new()).blob(data);
        self.tar = tar;
    }

    /// Adds layers, config and manifest of an image; returns the manifest's descriptor.
    fn image(&mut self, layers: &[&[u8]]) -> Value {
        let config = config(layers);
        let layers: Vec<_> = layers
            .iter()
            .map(|layer| {
                self.blob(layer);
                descriptor(OCI_LAYER, layer)
            })
            .collect();
        self.blob(&config);
        self.manifest(json!({ "config": descriptor(OCI_CONFIG, &config), "layers": layers }))
    }

    fn manifest(&mut self, manifest: Value) -> Value {
        self.blob(manifest.to_string());
        descriptor(OCI_MANIFEST, manifest.to_string())
    }

    fn index(&mut self, manifests: &[Value]) -> Value {
        let index = json!({ "manifests": manifests }).to_string();
        self.blob(&index);
        descriptor(OCI_INDEX, index)
    }

    fn finish(self, manifests: &[Value]) -> Vec<u8> {
        self.tar.file("index.json", json!({ "manifests": manifests }).to_string()).bytes()
    }
}

fn with(mut descriptor: Value, key: &str, value: Value) -> Value {
    descriptor[key] = value;
    descriptor
}

fn tagged(descriptor: Value, tag: &str) -> Value {
    with(descriptor, "annotations", json!({ "org.opencontainers.image.ref.name": tag }))
}

fn blob_name(data: impl AsRef<[u8]>) -> String {
    format!("blobs/sha256/{}", Digest::sha256(data.as_ref()).encoded())
}

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
fn docker_25_save_has_two_views_of_one_image() {
    let a = layer("a");
    let mut layout = Layout::new();
    let image = tagged(layout.image(&[&a]), "1");
    let docker = docker_manifest(&[(&blob_name(config(&[&a])), &["a:1"], &[&blob_name(&a)])]);
    layout.tar = layout.tar.file("manifest.json", docker);
    let blob = blob_name(&a);
    let images = [format!("Docker Filesystem a:1 {blob}={blob}"), format!("Oci Filesystem 1 {blob}={blob}")];
    let archive =
        assert_seen(&layout.finish(&[image]), ArchiveKind::DockerArchive, &images.each_ref().map(|s| &**s), &[]);
    assert_eq!(archive.blobs.len(), 1);
    assert_eq!(
        archive.images[0].config,
        archive.images[1].config.clone().map(|mut config| {
            config.declared_size = None;
            config
        })
    );
}

#[test]
fn views_that_disagree_are_told() {
    let (a, b) = (layer("a"), layer("b"));
    let mut layout = Layout::new();
    let image = layout.image(&[&a]);
    let docker = docker_manifest(&[(&blob_name(config(&[&a])), &[], &["other"])]);
    layout.tar = layout.tar.file("other", &b).file("manifest.json", docker);
    let blob = blob_name(&a);
    assert_seen(
        &layout.finish(&[image]),
        ArchiveKind::DockerArchive,
        &["Docker Filesystem other=other", &format!("Oci Filesystem {blob}={blob}")],
        &["views-disagree"],
    );
}

#[test]
fn a_partial_containerd_save_lists_what_is_not_in_it() {
    let a = layer("a");
    let mut layout = Layout::new();
    let here = with(layout.image(&[&a]), "platform", json!({ "os": "linux", "architecture": "amd64" }));
    let other = with(
        descriptor(OCI_MANIFEST, "never pulled"),
        "platform",
        json!({ "os": "linux", "architecture": "arm64", "variant": "v8" }),
    );
    let statement = r#"{"_type":"https://in-toto.io/Statement/v0.1"}"#;
    layout.blob(statement);
    layout.blob("{}");
    let attestation = layout.manifest(json!({
        "config": descriptor(OCI_CONFIG, "{}"),
        "layers": [descriptor("application/vnd.in-toto+json", statement)],
    }));
    let attestation = with(
        with(attestation, "annotations", json!({ "vnd.docker.reference.type": "attestation-manifest" })),
        "platform",
        json!({ "os": "unknown", "architecture": "unknown" }),
    );
    let index = layout.index(&[other, here, attestation]);
    let named = with(
        index,
        "annotations",
        json!({ "io.containerd.image.name": "docker.io/library/a:1", "org.opencontainers.image.ref.name": "1" }),
    );
    let (blob, statement) = (blob_name(&a), blob_name(statement));
    let archive = assert_seen(
        &layout.finish(&[named]),
        ArchiveKind::OciArchive,
        &[
            "Oci Absent docker.io/library/a:1,1",
            &format!("Oci Filesystem docker.io/library/a:1,1 {blob}={blob}"),
            &format!("Oci Attestation docker.io/library/a:1,1 {statement}={statement}"),
        ],
        &["blob-absent", "attestation"],
    );
    assert_eq!(archive.images[0].platform.as_ref().unwrap().to_string(), "linux/arm64/v8");
    let expect_tar: Vec<_> = archive.blobs.iter().map(|blob| blob.expect_tar).collect();
    assert_eq!(expect_tar, [true, false]);
    assert!(archive.images[0].manifest.as_ref().unwrap().digest.is_none());
    assert_ne!(archive.images[1].index_digest, None);
}

#[test]
fn an_absent_platform_is_named_in_the_sentence() {
    let mut layout = Layout::new();
    let here = layout.image(&[&layer("a")]);
    let absent = descriptor(OCI_MANIFEST, "x");
    let path = blob_name("x");
    let archive = open_bytes(
        &layout.finish(&[with(absent, "platform", json!({ "os": "linux", "architecture": "s390x" })), here]),
    )
    .unwrap();
    assert_eq!(
        archive.images[0].findings[0].message,
        format!("The manifest {path} for linux/s390x is not in this archive.")
    );
}

#[test]
fn one_config_with_two_manifests_is_two_images() {
    let a = layer("a");
    let mut layout = Layout::new();
    let plain = layout.image(&[&a]);
    let other = [&a[..], &[0; 512]].concat();
    layout.blob(&other);
    let config = descriptor(OCI_CONFIG, config(&[&a]));
    let second = layout.manifest(json!({ "config": config, "layers": [descriptor(OCI_LAYER, &other)] }));
    let archive = open_bytes(&layout.finish(&[plain, second])).unwrap();
    assert_eq!(archive.images.len(), 2);
    assert_eq!(archive.images[0].config, archive.images[1].config);
    assert_ne!(archive.images[0].manifest, archive.images[1].manifest);
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
fn oci_archives_with_bare_tags_whole_names_and_none() {
    let mut layout = Layout::new();
    let image = layout.image(&[]);
    let bytes = layout.finish(&[tagged(image.clone(), "app-1.0"), tagged(image.clone(), "localhost/a:1"), image]);
    assert_seen(
        &bytes,
        ArchiveKind::OciArchive,
        &["Oci Filesystem app-1.0", "Oci Filesystem localhost/a:1", "Oci Filesystem"],
        &[],
    );
}

/// The files of a tar as those of a folder, below `prefix`.
fn open_as_folder(bytes: &[u8], prefix: &str) -> Result<ImageArchive, ArchiveError> {
    let mut archive = tar::Archive::new(bytes);
    let (mut files, mut volumes) = (Vec::new(), Vec::new());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut data = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut data).unwrap();
        let name = format!("{prefix}{}", entry.path().unwrap().display());
        files.push(SourceFile { name, size: data.len() as u64 });
        volumes.push(std::io::Cursor::new(data));
    }
    ImageArchive::open_folder(&mut Files(volumes), &files, &Limits::default())
}

#[test]
fn an_oci_layout_as_a_folder() {
    let a = layer("a");
    let mut layout = Layout::new();
    let image = layout.image(&[&a]);
    let bytes = layout.finish(&[image]);
    let blob = blob_name(&a);
    for prefix in ["", "picked/", "very/deep/"] {
        let archive = open_as_folder(&bytes, prefix).unwrap();
        let line = format!("Oci Filesystem {blob}={blob}");
        assert_eq!(seen(&archive), (ArchiveKind::OciLayout, vec![line], vec![]), "{prefix}");
        let location = archive.blobs[0].location;
        assert_eq!((location.volume, location.offset, location.size), (1, 0, a.len() as u64));
    }
    let sentence = open_as_folder(&Tar::new().file("a", "b").bytes(), "").unwrap_err().to_string();
    assert!(sentence.contains("a folder without manifest.json, index.json or repositories"), "{sentence}");
}

#[test]
fn a_docker_dir_folder() {
    let a = layer("a");
    let config = config(&[&a]);
    let manifest = json!({
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": descriptor("application/vnd.docker.container.image.v1+json", &config),
        "layers": [descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", &a)],
    });
    let hex = |data: &[u8]| Digest::sha256(data).encoded().to_owned();
    let bytes = Tar::new()
        .file(&hex(&a), &a)
        .file(&hex(config.as_bytes()), &config)
        .file("manifest.json", manifest.to_string())
        .file("version", "Directory Transport Version: 1.1\n")
        .bytes();
    let archive = open_as_folder(&bytes, "").unwrap();
    let line = format!("Dir Filesystem {0}={0}", hex(&a));
    assert_eq!(seen(&archive), (ArchiveKind::DockerDir, vec![line], vec![]));
    let found = archive.images[0].manifest.as_ref().unwrap();
    assert_eq!(
        (found.declared.as_ref(), found.digest.clone()),
        (None, Some(Digest::sha256(manifest.to_string().as_bytes())))
    );

    let named = format!("{}.manifest.json", hex(manifest.to_string().as_bytes()));
    let entry = with(descriptor(OCI_MANIFEST, manifest.to_string()), "platform", json!({ "os": "linux" }));
    let bytes = Tar::new()
        .file(&hex(&a), &a)
        .file(&hex(config.as_bytes()), &config)
        .file(&named, manifest.to_string())
        .file("manifest.json", json!({ "manifests": [entry, descriptor(OCI_MANIFEST, "absent")] }).to_string())
        .bytes();
    let archive = open_as_folder(&bytes, "").unwrap();
    let line = format!("Dir Filesystem {0}={0}", hex(&a));
    assert_eq!(seen(&archive), (ArchiveKind::DockerDir, vec![line, "Dir Absent".into()], vec!["blob-absent"]));
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
fn kaniko_and_bazel_name_things_their_way_and_mix_media_types() {
    let a = layer("a");
    let bytes = Tar::new()
        .file("0abc.tar.gz", &a)
        .file("sha256:feed", config(&[&a]))
        .file("manifest.json", docker_manifest(&[("sha256:feed", &["k:1"], &["0abc.tar.gz"])]))
        .bytes();
    assert_seen(&bytes, ArchiveKind::DockerArchive, &["Docker Filesystem k:1 0abc.tar.gz=0abc.tar.gz"], &[]);

    let mut layout = Layout::new();
    let config = config(&[&a]);
    layout.blob(&a);
    layout.blob(&config);
    let mixed = layout.manifest(json!({
        "config": descriptor("application/vnd.docker.container.image.v1+json", &config),
        "layers": [descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", &a)],
    }));
    let blob = blob_name(&a);
    assert_seen(&layout.finish(&[mixed]), ArchiveKind::OciArchive, &[&format!("Oci Filesystem {blob}={blob}")], &[]);
}

#[test]
fn a_bare_layer_and_a_rootfs_are_one_image_of_one_layer() {
    let whiteouts = Tar::new().folder("etc/").file("etc/.wh.passwd", "").file(".dockerenv", "").bytes();
    let archive = assert_seen(&whiteouts, ArchiveKind::Layer, &["Bare Filesystem x.tar=x.tar"], &[]);
    let location = archive.blobs[0].location;
    assert_eq!((location.offset, location.size), (0, whiteouts.len() as u64));
    assert_seen(&layer("a"), ArchiveKind::Layer, &["Bare Filesystem x.tar=x.tar"], &[]);

    let exported = Tar::new().file(".dockerenv", "").folder("etc/").bytes();
    assert_seen(&exported, ArchiveKind::Rootfs, &["Bare Filesystem x.tar=x.tar"], &[]);
    let usual = ["bin/", "etc/", "usr/", "var/", "proc/"].into_iter().fold(Tar::new(), Tar::folder).bytes();
    assert_seen(&usual, ArchiveKind::Rootfs, &["Bare Filesystem x.tar=x.tar"], &[]);
}

#[test]
fn what_is_no_image_archive_is_named() {
    for (bytes, seems_to_be) in [
        (&b"[{\"CreatedBy\":\"RUN\",\"CreatedSince\":\"1 day\"}]"[..], "the output of docker history"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"", "an empty file"),
        (&[0; 1_024], "zeros only"),
    ] {
        let sentence = open_bytes(bytes).unwrap_err().to_string();
        assert!(sentence.contains(seems_to_be), "{sentence}");
    }
}

#[test]
fn compressed_as_a_whole_is_read_in_two_passes() {
    use std::io::Write;
    let (a, b) = (layer("a"), layer("b"));
    let name = format!("{}.tar", Digest::sha256(&b).encoded());
    let tar = Tar::new()
        .file(&name, &b)
        .file("a", &a)
        .file("c.json", config(&[&a, &b]))
        .file("manifest.json", docker_manifest(&[("c.json", &[], &["a", &name])]))
        .bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    let gzip = gzip.finish().unwrap();
    let stream = || flate2::read::MultiGzDecoder::new(&gzip[..]);
    let plan = ImageArchive::open_stream(stream(), "x.tar.gz", &Limits::default()).unwrap();
    assert_eq!(seen(&plan).1, [format!("Docker Filesystem a=a {name}={name}")]);
    let mut read = Vec::new();
    layerlab_core::archive::read_layers_in_stream(stream(), &plan, |id, reader| {
        // Only a part is read of the first one: the rest of it must not be taken for the next.
        let mut bytes = vec![0; if read.is_empty() { 10 } else { b.len() }];
        reader.read_exact(&mut bytes)?;
        read.push((id.0, bytes));
        Ok(())
    })
    .unwrap();
    assert_eq!(read, [(1, b[..10].to_vec()), (0, a.clone())]);

    let cut = flate2::read::MultiGzDecoder::new(&gzip[..gzip.len() / 2]);
    assert!(ImageArchive::open_stream(cut, "x.tar.gz", &Limits::default()).is_err());
}

#[test]
fn a_bare_layer_compressed_as_a_whole_is_the_stored_file() {
    let tar = layer("a");
    let mut plan = ImageArchive::open_stream(&tar[..], "l.tar.gz", &Limits::default()).unwrap();
    assert_eq!(plan.blobs[0].location.size, tar.len() as u64);
    plan.point_at_stored_file(77);
    let location = plan.blobs[0].location;
    assert_eq!((location.volume, location.offset, location.size), (0, 0, 77));
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

#[test]
fn artifacts_are_their_blobs() {
    let chart = layer("chart");
    let mut layout = Layout::new();
    layout.blob("{}");
    layout.blob(&chart);
    layout.blob("model");
    let helm = layout.manifest(json!({
        "config": descriptor("application/vnd.cncf.helm.config.v1+json", "{}"),
        "layers": [descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &chart)],
    }));
    let model = layout.manifest(json!({
        "artifactType": "application/vnd.example.model",
        "config": descriptor("application/vnd.oci.empty.v1+json", "{}"),
        "layers": [descriptor("application/octet-stream", "model")],
    }));
    let (chart, model_blob) = (blob_name(&chart), blob_name("model"));
    let archive = assert_seen(
        &layout.finish(&[helm, model]),
        ArchiveKind::OciArchive,
        &[&format!("Oci Artifact {chart}={chart}"), &format!("Oci Artifact {model_blob}={model_blob}")],
        &["not-a-filesystem-image", "not-a-filesystem-image", "not-a-filesystem-image"],
    );
    assert_eq!(archive.blobs.iter().map(|blob| blob.expect_tar).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn foreign_and_encrypted_layers() {
    let a = layer("a");
    let config = config(&[b"1", b"2", &a]);
    let mut layout = Layout::new();
    layout.blob(&a);
    layout.blob(&config);
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let manifest = layout.manifest(json!({
        "config": descriptor(OCI_CONFIG, &config),
        "layers": [
            with(descriptor(foreign, "1"), "urls", json!(["https://example.com/layer"])),
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "2"),
            descriptor(OCI_LAYER, &a),
        ],
    }));
    let (one, two, a) = (blob_name("1"), blob_name("2"), blob_name(&a));
    assert_seen(
        &layout.finish(&[manifest]),
        ArchiveKind::OciArchive,
        &[&format!("Oci Filesystem {one}!layer-foreign {two}!layer-encrypted {a}={a}")],
        &[],
    );
}

#[test]
fn indexes_in_indexes_end() {
    let mut layout = Layout::new();
    let image = layout.image(&[]);
    let mut index = layout.index(&[image]);
    for _ in 0..6 {
        index = layout.index(&[index.clone(), index]);
    }
    let bytes = layout.finish(&[index.clone()]);
    assert_eq!(open_bytes(&bytes).unwrap().images.len(), 64);

    let limits = Limits { images: 50, ..Limits::default() };
    let file = SourceFile { name: "x".into(), size: bytes.len() as u64 };
    let archive = ImageArchive::open(&mut &bytes[..], &file, &limits).unwrap();
    assert!(archive.images.len() < 50, "{}", archive.images.len());
    assert_eq!(seen(&archive).2, ["limit-reached"]);

    let limits = Limits { index_nesting: 3, ..Limits::default() };
    let error = ImageArchive::open(&mut &bytes[..], &file, &limits).unwrap_err().to_string();
    assert!(error.contains("is nested more than 3 deep"), "{error}");
}

#[test]
fn one_broken_document_hides_nothing_else() {
    let a = layer("a");
    let mut layout = Layout::new();
    let image = layout.image(&[&a]);
    layout.tar = layout.tar.file("manifest.json", "{");
    let blob = blob_name(&a);
    assert_seen(
        &layout.finish(&[image, json!({ "digest": "sha256:short" }), descriptor(OCI_MANIFEST, "absent")]),
        ArchiveKind::OciArchive,
        &[&format!("Oci Filesystem {blob}={blob}"), "Oci Absent", "Oci Absent"],
        &["document-unreadable", "document-unreadable", "image-broken", "blob-absent"],
    );
}

#[test]
fn long_names_and_sizes_of_every_kind_of_header() {
    use tar::EntryType;
    let a = layer("a");
    let (pax, gnu) = ("p".repeat(300), "g".repeat(300));
    let bytes = Tar::new()
        .pax(EntryType::XGlobalHeader, &[("comment", "made by git")])
        .pax(EntryType::XHeader, &[("path", &pax)])
        .file("short", &a)
        .member(EntryType::GNULongName, "././@LongLink", "", gnu.as_bytes())
        .file("short", &a)
        .member(EntryType::GNULongLink, "././@LongLink", "", pax.as_bytes())
        .symlink("k", "x")
        .pax(EntryType::XHeader, &[("linkpath", &gnu)])
        .hard_link("l", "x")
        .file("c.json", config(&[&a, &a, &a, &a]))
        .file("manifest.json", docker_manifest(&[("c.json", &[], &[&pax, &gnu, "k", "l"])]))
        .bytes();
    let line = format!("Docker Filesystem {pax}={pax} {gnu}={gnu} k={pax} l={gnu}");
    assert_seen(&bytes, ArchiveKind::DockerArchive, &[&line], &[]);
}

#[test]
fn a_truncated_archive_keeps_what_was_listed() {
    let (a, b) = (layer("a"), layer("b"));
    let bytes = Tar::new()
        .file("manifest.json", docker_manifest(&[("c.json", &[], &["a", "b"])]))
        .file("c.json", config(&[&a, &b]))
        .file("a", &a)
        .file("b", &b)
        .bytes();
    let cut = bytes.len() - 1_024 - b.len() + 700;
    let archive =
        assert_seen(&bytes[..cut], ArchiveKind::DockerArchive, &["Docker Filesystem a=a b=b"], &["archive-truncated"]);
    assert_eq!(archive.blobs[1].location.size, 700);
    assert_eq!(
        archive.findings[0].message,
        format!("The archive ends at byte {cut} inside b, of which 700 of {} bytes are there.", b.len())
    );
    assert_seen(
        &bytes[..bytes.len() - 1_024],
        ArchiveKind::DockerArchive,
        &["Docker Filesystem a=a b=b"],
        &["archive-no-end-blocks"],
    );
    let mut behind = bytes.clone();
    behind.extend(b"garbage");
    assert_seen(&behind, ArchiveKind::DockerArchive, &["Docker Filesystem a=a b=b"], &["archive-trailing-data"]);
}

#[test]
fn a_save_that_is_cut_before_its_manifest_is_no_layer() {
    let (tar, _) = Tar::new().blob(layer("a"));
    let bytes = tar.bytes();
    let sentence = open_bytes(&bytes[..1_000]).unwrap_err().to_string();
    assert_eq!(
        sentence,
        format!(
            "manifest.json or index.json cannot be understood: it is missing, although members like {} are an image \
             archive's; the archive ends at byte 1000, before it.",
            blob_name(layer("a"))
        )
    );
}
