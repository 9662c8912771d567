//! OCI layouts in a tar, alone or beside `manifest.json`.

use layerlab_core::{
    archive::{ArchiveKind, ImageArchive, source::SourceFile},
    limits::Limits,
};
use serde_json::json;

use crate::{build::*, open::*};

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
