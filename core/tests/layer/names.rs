//! What the members of a layer say: whiteouts, links, names, extensions, sparse files.

use layerlab_core::{
    digest::Algorithm,
    layer::{LayerReading, changeset::EntryKind},
    limits::Limits,
};

use crate::{
    build::{Head, Tar},
    reading::{assert_entries, assert_findings, job, read, read_with},
};

#[test]
fn whiteouts_are_names_and_opaque_is_not_a_whiteout_of_wh_opq() {
    let reading = read(&Tar::default().file("d/.wh.x", b"").file("d/.wh..wh..opq", b"").file("d/new", b"1").end());
    assert_entries(&reading, &["whiteout d/x", "opaque d", "file d/new 1"]);
    assert_findings(&reading, &[]);
    assert_eq!(reading.summary.types, [("file".to_owned(), 3)].into());
    assert_eq!((reading.summary.entries, reading.summary.regular_bytes), (3, 1));
}

#[test]
fn a_whiteout_is_one_by_name_whatever_its_type() {
    let reading = read(&Tar::default().dir(".wh.x/").link(b'1', ".wh.y", "z").end());
    assert_entries(&reading, &["whiteout x", "whiteout y"]);
    assert_eq!(reading.summary.types, [("dir".to_owned(), 1), ("hardlink".to_owned(), 1)].into());
}

#[test]
fn a_bare_whiteout_hides_nothing() {
    let reading = read(&Tar::default().file("d/.wh.", b"").file("d/.wh..", b"").file("d/.wh...", b"").end());
    assert_entries(&reading, &["bare d", "bare d", "bare d"]);
    assert_findings(&reading, &["note whiteout-bare"; 3]);
}

#[test]
fn aufs_metadata_is_told_apart_from_whiteouts() {
    let tar = Tar::default().dir(".wh..wh.plnk/").file(".wh..wh.plnk/1.2", b"x").file(".wh..wh.aufs", b"");
    let reading = read(&tar.link(b'1', "f", ".wh..wh.plnk/1.2").end());
    assert_entries(
        &reading,
        &["dir .wh..wh.plnk", "file .wh..wh.plnk/1.2 1", "file .wh..wh.aufs 0", "hardlink f => .wh..wh.plnk/1.2"],
    );
    assert_findings(&reading, &["note aufs-metadata"]);
}

#[test]
fn estargz_members_are_labelled_at_the_root_only() {
    let tar = Tar::default().file("stargz.index.json", b"{}").file(".no.prefetch.landmark", b"\x0f");
    let reading = read(&tar.file("usr/stargz.index.json", b"{}").end());
    assert_findings(&reading, &["note stargz-metadata", "note stargz-metadata"]);
    assert_eq!(reading.changeset.entries.len(), 3);
}

#[test]
fn hard_links_carry_no_data_whatever_size_they_declare() {
    let tar = Tar::default().file("f", &[b'x'; 700]).member(Head::new("h", b'1', 700).link("f"), b"");
    let reading = read(&tar.link(b'1', "gone", "no/such/file").file("after", b"1").end());
    assert_entries(&reading, &["file f 700", "hardlink h => f", "hardlink gone => no/such/file", "file after 1"]);
    assert_findings(&reading, &[]);
    assert_eq!(reading.changeset.entries[1].size, 700);
    assert_eq!(reading.summary.regular_bytes, 701);
}

#[test]
fn the_same_path_twice_counts_twice() {
    let reading = read(&Tar::default().file("f", b"one").file("f", b"three").dir("f/").end());
    assert_entries(&reading, &["file f 3", "file f 5", "dir f"]);
    assert_eq!(reading.summary.regular_bytes, 8);
}

#[test]
fn names_are_clamped_at_the_root() {
    let tar = Tar::default().dir("./").file("./a", b"").file("/b", b"").file("../../etc/passwd", b"");
    let reading = read(&tar.file("x/../c", b"").link(b'1', "h", "../../out").link(b'2', "s", "../../out").end());
    assert_entries(
        &reading,
        &[
            "dir /",
            "file a 0",
            "file b 0",
            "file etc/passwd 0",
            "file c 0",
            "hardlink h => out",
            "symlink s -> ../../out",
        ],
    );
    assert_findings(
        &reading,
        &[
            "warning entry-unsafe-path at 1536",
            "warning entry-unsafe-path at 2048",
            "warning entry-unsafe-path at 2560",
            "note entry-unsafe-path",
        ],
    );
}

#[test]
fn nothing_but_a_directory_can_be_the_root() {
    let reading = read(&Tar::default().file("..", b"x").link(b'2', ".", "/tmp").file("", b"").file("ok", b"").end());
    assert_entries(&reading, &["file ok 0"]);
    assert_eq!((reading.summary.entries, reading.summary.regular_bytes), (4, 1));
}

#[test]
fn long_names_come_in_four_ways() {
    let (long, target) = (format!("long/{}", "n".repeat(300)), "t".repeat(200));
    let file = format!("file {long} 1");
    let symlink = format!("symlink s -> {target}");
    let prefix = Tar::default().member(Head::new("leaf", b'0', 1).set(345, b"some/prefix"), b"1");
    assert_entries(&read(&prefix.end()), &["file some/prefix/leaf 1"]);
    let gnu = Tar::default().gnu(b'L', &long).file("cut", b"1").gnu(b'K', &target).link(b'2', "s", "cut");
    assert_entries(&read(&gnu.end()), &[&file, &symlink]);
    let pax = Tar::default().pax(b'x', &[("path", long.as_bytes())]).file("cut", b"1");
    let pax = pax.pax(b'x', &[("linkpath", target.as_bytes())]).link(b'2', "s", "cut");
    assert_entries(&read(&pax.end()), &[&file, &symlink]);
}

#[test]
fn the_prefix_field_is_a_prefix_in_ustar_only() {
    let gnu = Head::new("name", b'0', 0).set(257, b"ustar  \0").set(345, b"14000000000\0");
    assert_entries(&read(&Tar::default().member(gnu, b"").end()), &["file name 0"]);
}

#[test]
fn an_extension_belongs_to_the_next_member_only() {
    let reading = read(&Tar::default().pax(b'x', &[("path", b"a")]).file("x", b"").file("b", b"").end());
    assert_entries(&reading, &["file a 0", "file b 0"]);
}

#[test]
fn pax_sizes_times_and_owners_go_before_the_header_s() {
    let records: &[(&str, &[u8])] = &[("size", b"3"), ("uid", b"3000000"), ("gid", b"7"), ("mtime", b"1700000000.25")];
    let tar = Tar::default().pax(b'x', records).member(Head::new("f", b'0', 0), b"abc").file("after", b"");
    let reading = read(&tar.end());
    assert_entries(&reading, &["file f 3", "file after 0"]);
    let metadata = reading.changeset.entries[0].metadata;
    assert_eq!((metadata.uid, metadata.gid), (3_000_000, 7));
    assert_eq!((metadata.mtime, metadata.mtime_nanos), (1_700_000_000, 250_000_000));
    assert_eq!(reading.changeset.entries[1].metadata.uid, 0);
}

#[test]
fn a_global_extension_gives_defaults() {
    let globals: &[(&str, &[u8])] = &[("comment", b"commit id"), ("uid", b"5"), ("SCHILY.xattr.user.a", b"global")];
    let tar = Tar::default().pax(b'g', globals).file("f", b"");
    let reading = read(&tar.pax(b'x', &[("SCHILY.xattr.user.a", b"local"), ("uid", b"6")]).file("g", b"").end());
    assert_findings(&reading, &[]);
    assert_eq!(xattrs(&reading, 0), [("user.a".into(), b"global".to_vec())]);
    assert_eq!(xattrs(&reading, 1), [("user.a".into(), b"local".to_vec())]);
    assert_eq!(reading.changeset.entries.iter().map(|e| e.metadata.uid).collect::<Vec<_>>(), [5, 6]);
    let named = read(&Tar::default().pax(b'g', &[("path", b"all")]).file("f", b"").end());
    assert_entries(&named, &["file f 0"]);
    assert_findings(&named, &["warning extension-malformed at 512"]);
}

#[test]
fn attributes_are_bytes_and_may_be_empty() {
    let capability: &[u8] = b"\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let records: &[(&str, &[u8])] =
        &[("SCHILY.xattr.security.capability", capability), ("SCHILY.xattr.user.overlay.origin", b"")];
    let reading = read(&Tar::default().pax(b'x', records).file("f", b"").end());
    let expected = [("security.capability".into(), capability.to_vec()), ("user.overlay.origin".into(), Vec::new())];
    assert_eq!(xattrs(&reading, 0), expected);
}

#[test]
fn malformed_extensions_are_findings_and_the_member_is_read() {
    for (records, offset) in
        [(&b"9 path=a\n0 path=b\n"[..], 521), (b"9 path=a\n12 size=1e3\n", 521), (b"9 path=a\n999 uid=0\n", 521)]
    {
        let reading = read(&Tar::default().extension(b'x', records).file("f", b"123").file("after", b"").end());
        assert_entries(&reading, &["file a 3", "file after 0"]);
        assert_findings(&reading, &[&format!("warning extension-malformed at {offset}")]);
    }
}

#[test]
fn a_name_with_a_nul_is_no_name() {
    let reading = read(&Tar::default().pax(b'x', &[("path", b"a\0b")]).file("f", b"1").file("after", b"").end());
    assert_entries(&reading, &["file after 0"]);
    assert_findings(&reading, &["warning extension-malformed at 0"]);
    assert_eq!((reading.summary.entries, reading.summary.regular_bytes), (2, 1));
}

#[test]
fn names_beyond_the_bounds_are_left_out_and_counted() {
    let limits = Limits { path_bytes: 50, path_depth: 3, extension_bytes: 800, ..Limits::default() };
    let deep = "d/d/d/d".as_bytes();
    let tar = Tar::default().pax(b'x', &[("path", &[b'n'; 51])]).file("f", b"");
    let tar = tar.pax(b'x', &[("path", deep)]).file("f", b"").file("d/d/ok", b"").file("d/d/d/no", b"");
    let tar = tar.pax(b'x', &[("path", &[b'n'; 700])]).file("f", b"").file("after", b"");
    let reading = read_with(&tar.end(), &job(Algorithm::Sha256, Algorithm::Sha256), &limits);
    assert_entries(&reading, &["file d/d/ok 0", "file after 0"]);
    assert_findings(
        &reading,
        &[
            "warning entry-too-deep at 0",
            "warning entry-too-deep at 1536",
            "warning entry-too-deep at 3584",
            "warning limit-reached at 4096",
        ],
    );
    assert_eq!(reading.summary.entries, 6);
}

#[test]
fn numbers_may_be_base_256_and_sizes_over_8_gib() {
    let mut uid = [0; 8];
    uid[0] = 0x80;
    uid[4..].copy_from_slice(&4_000_000_000_u32.to_be_bytes());
    let reading = read(&Tar::default().member(Head::new("f", b'0', 0).set(108, &uid), b"").end());
    assert_eq!(reading.changeset.entries[0].metadata.uid, 4_000_000_000);
    let mut size = [0; 12];
    size[0] = 0x80;
    size[4..].copy_from_slice(&(9_u64 << 30).to_be_bytes());
    let cut = read(&Tar::default().member(Head::new("f", b'0', 0).set(124, &size), b"start").0);
    assert_findings(&cut, &["error layer-truncated at 1024"]);
    assert!(cut.summary.findings[0].message.contains("of which 9663675904 bytes are missing"));
}

#[test]
fn sparse_files_have_the_content_of_a_dense_copy() {
    let mut content = vec![0; 5_000];
    content[..5].copy_from_slice(b"start");
    content[4_096..4_101].copy_from_slice(b"later");
    let stored = b"startlater";
    let dense = Tar::default().file("dir/sparse", &content).end();
    let pairs = b"00000000000\x0000000000005\x0000000010000\x0000000000005\0";
    let old = Head::new("dir/sparse", b'S', 10).set(257, b"ustar  \0").set(386, pairs).set(483, b"00000011610\0");
    let old = Tar::default().member(old, stored);
    let v00: &[(&str, &[u8])] = &[
        ("GNU.sparse.size", b"5000"),
        ("GNU.sparse.numblocks", b"2"),
        ("GNU.sparse.offset", b"0"),
        ("GNU.sparse.numbytes", b"5"),
        ("GNU.sparse.offset", b"4096"),
        ("GNU.sparse.numbytes", b"5"),
    ];
    let v00 = Tar::default().pax(b'x', v00).file("dir/sparse", stored);
    let v01: &[(&str, &[u8])] =
        &[("GNU.sparse.size", b"5000"), ("GNU.sparse.map", b"0,5,4096,5"), ("GNU.sparse.name", b"dir/sparse")];
    let v01 = Tar::default().pax(b'x', v01).file("dir/GNUSparseFile.1/sparse", stored);
    let v10: &[(&str, &[u8])] = &[
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"dir/sparse"),
        ("GNU.sparse.realsize", b"5000"),
    ];
    let mut with_map = b"2\n0\n5\n4096\n5\n".to_vec();
    with_map.resize(512, 0);
    with_map.extend_from_slice(stored);
    let v10 = Tar::default().pax(b'x', v10).file("dir/GNUSparseFile.1/sparse", &with_map);
    for sparse in [old, v00, v01, v10] {
        let reading = read(&sparse.file("after", b"").end());
        assert_entries(&reading, &["file dir/sparse 5000", "file after 0"]);
        assert_findings(&reading, &[]);
        assert_eq!(reading.summary.regular_bytes, 5_000);
        assert_eq!(content_hash(&reading), content_hash(&read(&dense)));
    }
}

#[test]
fn an_old_sparse_map_goes_on_in_blocks_of_its_own() {
    let pair = |n: u64| format!("{:011o}\0{:011o}\0", n * 1000, 1).into_bytes();
    let first: Vec<u8> = (0..4).flat_map(pair).collect();
    let mut block: Vec<u8> = (4..10).flat_map(pair).collect();
    block.resize(512, 0);
    let head = Head::new("s", b'S', 10).set(386, &first).set(482, b"\x01").set(483, b"00000023420\0");
    let mut bytes = head.sealed().to_vec();
    bytes.extend_from_slice(&block);
    bytes.extend_from_slice(b"0123456789");
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    let sparse = read(&Tar(bytes).file("after", b"").end());
    assert_entries(&sparse, &["file s 10000", "file after 0"]);
    let mut content = vec![0; 10_000];
    (0..10).for_each(|n| content[n * 1000] = b'0' + n as u8);
    assert_eq!(content_hash(&sparse), content_hash(&read(&Tar::default().file("s", &content).end())));
}

#[test]
fn a_sparse_map_that_does_not_fit_is_a_finding() {
    let records: &[(&str, &[u8])] = &[("GNU.sparse.size", b"100"), ("GNU.sparse.map", b"0,5,90,50")];
    let reading = read(&Tar::default().pax(b'x', records).file("s", b"startlater").file("after", b"").end());
    assert_entries(&reading, &["file s 100", "file after 0"]);
    assert_findings(&reading, &["warning extension-malformed at 1536"]);
}

#[test]
fn a_sparse_file_of_terabytes_is_compared_by_its_map() {
    let records =
        |size: &'static [u8]| -> [(&str, &[u8]); 2] { [("GNU.sparse.size", size), ("GNU.sparse.map", b"0,5")] };
    let tar = Tar::default().pax(b'x', &records(b"8000000000000")).file("a", b"start");
    let tar = tar.pax(b'x', &records(b"8000000000000")).file("b", b"start");
    let reading = read(&tar.pax(b'x', &records(b"8000000000001")).file("c", b"start").end());
    assert_entries(&reading, &["file a 8000000000000", "file b 8000000000000", "file c 8000000000001"]);
    assert_findings(
        &reading,
        &["warning limit-reached at 0", "warning limit-reached at 2048", "warning limit-reached at 4096"],
    );
    let kinds: Vec<EntryKind> = reading.changeset.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds[0], kinds[1]);
    assert_ne!(kinds[0], kinds[2]);
}

/// The bytes that it declares as stored are not there, so only the map tells how many zeros there are to hash.
#[test]
fn a_sparse_file_cannot_hide_its_holes_behind_its_size() {
    let records: &[(&str, &[u8])] =
        &[("size", b"9007199254740992"), ("GNU.sparse.size", b"9007199254740992"), ("GNU.sparse.map", b"0,1")];
    let reading = read(&Tar::default().pax(b'x', records).file("s", b"1").0);
    assert_findings(&reading, &["note layer-no-end-blocks at 2048", "warning limit-reached at 0"]);
}

#[test]
fn extensions_of_one_member_share_one_bound() {
    let limits = Limits { extension_bytes: 3_000, ..Limits::default() };
    let one = |tar: Tar, n: u8| tar.pax(b'x', &[(&format!("SCHILY.xattr.user.{n}"), b"value")]);
    let tar = (0..5).fold(Tar::default(), one).file("f", b"");
    let tar = (0..6).fold(tar, one).file("g", b"");
    let reading = read_with(&tar.file("after", b"").end(), &job(Algorithm::Sha256, Algorithm::Sha256), &limits);
    assert_entries(&reading, &["file f 0", "file after 0"]);
    assert_eq!(xattrs(&reading, 0).len(), 5);
    assert_findings(&reading, &["warning limit-reached at 5632"]);
}

#[test]
fn names_are_bytes() {
    let reading = read(&Tar::default().pax(b'x', &[("path", b"\xff\xfe")]).file("f", b"").file("caf\u{e9}", b"").end());
    let paths: Vec<Vec<u8>> = reading.changeset.entries.iter().map(|e| reading.changeset.paths.bytes(e.path)).collect();
    assert_eq!(paths, [b"\xff\xfe".to_vec(), "caf\u{e9}".as_bytes().to_vec()]);
}

#[test]
fn devices_are_listed_as_what_they_are() {
    let device = |name, flag, major: &[u8]| Head::new(name, flag, 0).set(329, major).set(337, b"0000003\0");
    let tar =
        Tar::default().member(device("null", b'3', b"0000001\0"), b"").member(device("sda", b'4', b"0000010\0"), b"");
    let tar = tar.member(Head::new("fifo", b'6', 0), b"").member(Head::new("zero", b'3', 0), b"");
    assert_entries(&read(&tar.end()), &["char null 1:3", "block sda 8:3", "fifo fifo", "char zero 0:0"]);
}

#[test]
fn old_and_unknown_types_are_read_past() {
    let tar = Tar::default().member(Head::new("old/", 0, 0), b"").member(Head::new("old-file", 0, 2), b"ab");
    let tar = tar.member(Head::new("contiguous", b'7', 1), b"c").member(Head::new("z", b'Z', 3), b"zzz");
    let reading = read(&tar.member(Head::new("slash/", b'0', 0), b"").file("after", b"").end());
    let expected = ["dir old", "file old-file 2", "file contiguous 1", "other(Z) z", "dir slash", "file after 0"];
    assert_entries(&reading, &expected);
    assert_findings(&reading, &["note entry-unknown-type at 2560"]);
    assert_eq!(reading.summary.regular_bytes, 3);
}

#[test]
fn equal_content_has_an_equal_hash() {
    let reading = read(&Tar::default().file("a", b"same").file("b", b"same").file("c", b"else").file("d", b"").end());
    let kinds: Vec<EntryKind> = reading.changeset.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds[0], kinds[1]);
    assert_ne!(kinds[0], kinds[2]);
    assert_ne!(kinds[2], kinds[3]);
}

fn xattrs(reading: &LayerReading, entry: usize) -> Vec<(String, Vec<u8>)> {
    let set = reading.changeset.xattrs(reading.changeset.entries[entry].metadata.xattrs);
    set.iter().map(|xattr| (String::from_utf8_lossy(&xattr.name).into_owned(), xattr.value.to_vec())).collect()
}

fn content_hash(reading: &LayerReading) -> EntryKind {
    reading.changeset.entries[0].kind
}
