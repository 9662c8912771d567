//! Files that are no image archive, that are compressed as a whole, or that are damaged.

use layerlab_core::{
    archive::{ArchiveKind, ImageArchive},
    digest::Digest,
    limits::Limits,
};

use crate::{build::*, open::*};

#[test]
fn a_bare_layer_and_a_rootfs_are_one_image_of_one_layer() {
    let whiteouts = Tar::new().folder("etc/").file("etc/.wh.passwd", "").file(".dockerenv", "").bytes();
    let archive = assert_seen(&whiteouts, ArchiveKind::Layer, &["Bare Filesystem x.tar=x.tar"], &[]);
    let location = archive.blobs[0].location;
    assert_eq!((location.offset, location.size), (0, whiteouts.len() as u64));
    assert_seen(&layer("a"), ArchiveKind::Layer, &["Bare Filesystem x.tar=x.tar"], &[]);

    let exported = Tar::new().file(".dockerenv", "").folder("etc/").bytes();
    assert_seen(&exported, ArchiveKind::Rootfs, &["Bare Filesystem x.tar=x.tar"], &[]);
    let application = Tar::new().folder("repositories/").file("manifest.json", "{}").file("app/.wh.old", "").bytes();
    assert_seen(&application, ArchiveKind::Layer, &["Bare Filesystem x.tar=x.tar"], &[]);
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
