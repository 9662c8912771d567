//! Where a tar begins and ends, what is hashed of it, and what is kept of a damaged one.

use layerlab_core::{
    digest::{Algorithm, Digest},
    limits::Limits,
};

use crate::{
    build::{Head, Tar},
    reading::{assert_entries, assert_findings, job, read, read_with},
};

fn small() -> Tar {
    Tar::default().dir("etc/").file("etc/hosts", b"127.0.0.1\n")
}

#[test]
fn the_diff_id_covers_padding_and_trailing_data() {
    let mut bytes = small().end();
    bytes.extend_from_slice(&[0; 8192]);
    bytes.extend_from_slice(b"not zero");
    let reading = read(&bytes);
    assert_eq!(reading.summary.diff_id.0, Digest::sha256(&bytes));
    assert_eq!(reading.summary.blob_digest, Digest::sha256(&bytes));
    assert_eq!((reading.summary.tar_size, reading.summary.blob_size), (bytes.len() as u64, bytes.len() as u64));
    assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
    assert_findings(&reading, &[&format!("note layer-trailing-data at {}", bytes.len() - 8)]);
}

#[test]
fn zeros_after_the_end_are_padding() {
    let mut bytes = small().end();
    bytes.extend_from_slice(&[0; 8192 + 7]);
    assert_findings(&read(&bytes), &[]);
}

#[test]
fn a_tar_without_end_blocks_is_whole() {
    let bytes = small().0;
    let reading = read(&bytes);
    assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
    assert_findings(&reading, &[&format!("note layer-no-end-blocks at {}", bytes.len())]);
}

/// As umoci 0.4.7 writes them.
#[test]
fn a_tar_without_padding_and_end_blocks_is_whole() {
    let bytes = &small().0[..512 + 512 + 10];
    let reading = read(bytes);
    assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
    assert_findings(&reading, &["note layer-no-end-blocks at 1034"]);
}

#[test]
fn one_zero_block_is_an_end() {
    let mut bytes = small().0;
    bytes.extend_from_slice(&[0; 512]);
    assert_findings(&read(&bytes), &[]);
}

#[test]
fn a_tar_cut_in_a_file_keeps_the_whole_entries() {
    let reading = read(&small().0[..512 + 512 + 4]);
    assert_entries(&reading, &["dir etc"]);
    assert_findings(&reading, &["error layer-truncated at 1028"]);
    assert_eq!(
        reading.summary.findings[0].message,
        "The tar is cut short at byte 1028, within etc/hosts, of which 6 bytes are missing. Entries kept: 1."
    );
    assert_eq!((reading.summary.entries, reading.summary.regular_bytes), (1, 0));
}

#[test]
fn a_tar_cut_in_a_header_keeps_the_whole_entries() {
    let reading = read(&small().0[..512 + 300]);
    assert_entries(&reading, &["dir etc"]);
    assert_findings(&reading, &["error layer-truncated at 812"]);
}

#[test]
fn a_tar_cut_between_an_extension_and_its_member_says_so() {
    let bytes = small().pax(b'x', &[("path", b"long")]).0;
    assert_findings(&read(&bytes), &[&format!("error layer-truncated at {}", bytes.len())]);
}

#[test]
fn a_wrong_checksum_ends_the_reading_and_not_the_hashing() {
    let mut bytes = small().file("a", b"").file("b", b"").end();
    bytes[1536] ^= 1;
    let reading = read(&bytes);
    assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
    assert_findings(&reading, &["error layer-damaged at 1536"]);
    assert_eq!(reading.summary.diff_id.0, Digest::sha256(&bytes));
}

#[test]
fn what_is_no_tar_says_so() {
    for bytes in [&b"{\"_type\": \"https://in-toto.io/Statement/v0.1\"}"[..], &[b'x'; 2000]] {
        let reading = read(bytes);
        assert_entries(&reading, &[]);
        assert!(reading.summary.findings[0].message.starts_with("The layer is no tar archive"));
        assert_eq!(reading.summary.diff_id.0, Digest::sha256(bytes));
    }
}

#[test]
fn a_blob_that_is_no_layer_is_hashed_and_not_read() {
    let job = layerlab_core::archive::LayerBlob { expect_tar: false, ..job(Algorithm::Sha256, Algorithm::Sha256) };
    let reading = read_with(b"{}", &job, &Limits::default());
    assert_findings(&reading, &[]);
    assert_eq!(reading.summary.blob_digest, Digest::sha256(b"{}"));
}

#[test]
fn empty_layers_are_layers() {
    for bytes in [&[][..], &[0; 512], &[0; 1024], &[0; 10_240]] {
        let reading = read(bytes);
        assert_entries(&reading, &[]);
        assert_findings(&reading, &[]);
        assert_eq!(reading.summary.diff_id.0, Digest::sha256(bytes));
    }
}

#[test]
fn sha512_is_computed_and_an_unknown_algorithm_is_not() {
    let (bytes, sha512) = (small().end(), Algorithm::Sha512);
    let blake3 = || Algorithm::Other("blake3".into());
    let expected = |algorithm: &Algorithm| Digest::compute(algorithm, &bytes).unwrap();
    for (blob, diff_id, computed_blob, computed_diff_id) in [
        (sha512.clone(), Algorithm::Sha256, &sha512, &Algorithm::Sha256),
        (sha512.clone(), sha512.clone(), &sha512, &sha512),
        (blake3(), sha512.clone(), &Algorithm::Sha256, &sha512),
    ] {
        let summary = read_with(&bytes, &job(blob, diff_id), &Limits::default()).summary;
        assert_eq!(summary.blob_digest, expected(computed_blob));
        assert_eq!(summary.diff_id.0, expected(computed_diff_id));
    }
}

#[test]
fn sizes_that_no_data_can_have_end_the_reading() {
    for (field, words) in [
        (&b"-4\0"[..], "the header's size is no number"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfc", "the size is negative (-4)"),
        (b"\x80\0\0\0\0\x20\0\0\0\0\0\x01", "the size is absurd (9007199254740993)"),
        (b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", "the header's size is no number"),
    ] {
        let reading = read(&small().member(Head::new("f", b'0', 0).set(124, field), b"").end());
        assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
        assert_findings(&reading, &["error layer-damaged at 1536"]);
        let message = format!("The tar is damaged at byte 1536: {words}. Entries kept: 2.");
        assert_eq!(reading.summary.findings[0].message, message);
    }
}

#[test]
fn more_entries_than_the_bound_are_hashed_and_not_kept() {
    let bytes = small().file("a", b"").end();
    let limits = Limits { layer_entries: 2, ..Limits::default() };
    let reading = read_with(&bytes, &job(Algorithm::Sha256, Algorithm::Sha256), &limits);
    assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
    assert_findings(&reading, &["error limit-reached at 1536"]);
    assert_eq!(reading.summary.diff_id.0, Digest::sha256(&bytes));
}

#[test]
fn names_that_fill_the_memory_are_hashed_and_not_kept() {
    let bytes = small().file("a/very/deep/directory", b"").end();
    let limits = Limits { layer_tree_bytes: 100, ..Limits::default() };
    let reading = read_with(&bytes, &job(Algorithm::Sha256, Algorithm::Sha256), &limits);
    assert_entries(&reading, &["dir etc", "file etc/hosts 10"]);
    assert_findings(&reading, &["error limit-reached at 1536"]);
}
