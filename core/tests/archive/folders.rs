//! Folders: layouts and `dir:`.

use layerlab_core::{
    archive::{
        ArchiveKind, ImageArchive,
        source::{Files, SourceFile},
    },
    digest::Digest,
    error::ArchiveError,
    limits::Limits,
};
use serde_json::json;

use crate::{build::*, open::*};

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
