//! A tar of a folder, and of the whole tree.

use std::io::Read;

use layerlab_core::{explore::extract::Extraction, limits::Limits, path::PathId};
use layerlab_tests::{Compression, Entry, Image, Layer, docker_archive, oci_archive};

use crate::stack::{Stack, open_bytes};

fn image() -> Image {
    let base = Layer::new()
        .dir("etc")
        .file("etc/passwd", "root")
        .dir("usr")
        .file("usr/tool", "the tool")
        .hardlink("usr/same", "usr/tool")
        .symlink("bin", "usr")
        .file("../../up", "clamped")
        .entry(
            Entry::file("usr/ping", "ping")
                .mode(0o4755)
                .owner(1, 2)
                .pax("mtime", "-5")
                .xattr("security.capability", b"\0\x01\xff"),
        );
    let top = Layer::new().whiteout("etc/passwd").file("etc/hosts", "127.0.0.1").file(&"long/".repeat(40), "");
    Image::new("test:1").layer("COPY base", base).layer("RUN top", top)
}

/// Type, path, link and content of every member.
fn members(tar: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(tar);
    let line = |entry: std::io::Result<tar::Entry<&[u8]>>| {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let link = entry.link_name_bytes().map(|link| format!(" -> {}", String::from_utf8_lossy(&link)));
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        let kind = entry.header().entry_type().as_byte() as char;
        format!("{kind} {path}{} {content}", link.unwrap_or_default()).trim_end().to_owned()
    };
    archive.entries().unwrap().map(line).collect()
}

fn extract<V: layerlab_core::archive::source::Volumes>(stack: &mut Stack<V>, path: PathId, height: u32) -> Vec<u8> {
    let timeline = stack.timeline.clone();
    let mut extraction = Extraction::new(&timeline, path, height, |layer| stack.changeset(layer), &Limits::default());
    let mut tar = Vec::new();
    while extraction.step(&timeline, &mut stack.bytes, &mut tar).unwrap() {}
    let (done, total) = extraction.progress();
    assert_eq!(done, total);
    tar
}

#[test]
fn the_whole_tree_is_a_tar_of_what_is_seen_and_no_name_leads_out() {
    let long = "long/".repeat(40);
    let mut expected: Vec<String> = (1..=39).map(|depth| format!("5 {}", "long/".repeat(depth))).collect();
    expected.push(format!("5 {long}"));
    expected.extend(
        [
            "0 etc/hosts 127.0.0.1",
            "0 up clamped",
            "0 usr/ping ping",
            "0 usr/tool the tool",
            "1 usr/same -> usr/tool",
            "2 bin -> usr",
            "5 etc/",
            "5 usr/",
        ]
        .map(String::from),
    );
    expected.sort();
    let image = image();
    for archive in [
        docker_archive(&[&image]).tar(),
        oci_archive(&[&image.clone().compressed(Compression::Gzip)]).tar(),
        oci_archive(&[&image.clone().compressed(Compression::Zstd)]).tar(),
    ] {
        let mut stack = open_bytes(&archive);
        let height = stack.timeline.height();
        let mut found = members(&extract(&mut stack, PathId::ROOT, height));
        found.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_folder_keeps_its_own_name_and_loses_what_is_above() {
    let archive = docker_archive(&[&image()]).tar();
    let mut stack = open_bytes(&archive);
    let etc = stack.find("etc");
    assert_eq!(members(&extract(&mut stack, etc, 1)), ["5 etc/", "0 etc/passwd root"]);
    assert_eq!(members(&extract(&mut stack, etc, 2)), ["5 etc/", "0 etc/hosts 127.0.0.1"]);
}

#[test]
fn a_member_keeps_mode_owner_time_and_xattrs() {
    let archive = docker_archive(&[&image()]).tar();
    let mut stack = open_bytes(&archive);
    let ping = stack.find("usr/ping");
    let tar = extract(&mut stack, ping, 2);
    let mut archive = tar::Archive::new(tar.as_slice());
    let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
    let header = entry.header().clone();
    assert_eq!((header.mode().unwrap(), header.uid().unwrap(), header.gid().unwrap()), (0o4755, 1, 2));
    let records: Vec<(String, Vec<u8>)> = entry
        .pax_extensions()
        .unwrap()
        .unwrap()
        .map(|record| record.map(|record| (record.key().unwrap().to_owned(), record.value_bytes().to_vec())).unwrap())
        .collect();
    let expected = [("mtime", &b"-5"[..]), ("SCHILY.xattr.security.capability", b"\0\x01\xff")];
    assert_eq!(records, expected.map(|(key, value)| (key.to_owned(), value.to_vec())));
}
