use layerlab_core::{
    limits::Limits,
    store::tamper::{Asked, Check, Consequence, Examined, Shelf, Target, Verdict, examine},
};

fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Layers that are stored as they are: every byte of a file is a byte of the blob.
fn shelf(greeting: &str) -> Shelf {
    use layerlab_core::digest::Digest;
    let layers = vec![tar(&[("etc/motd", greeting)]), tar(&[("bin/app", "program")])];
    let diff_ids: Vec<String> = layers.iter().map(|layer| format!("\"{}\"", Digest::sha256(layer))).collect();
    let config = format!(
        r#"{{"os":"linux","config":{{"Cmd":["app"]}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
        diff_ids.join(",")
    )
    .into_bytes();
    let descriptor = |bytes: &[u8]| format!(r#"{{"digest":"{}","size":{}}}"#, Digest::sha256(bytes), bytes.len());
    let listed: Vec<String> = layers.iter().map(|layer| descriptor(layer)).collect();
    let manifest = format!(r#"{{"note":"x","config":{},"layers":[{}]}}"#, descriptor(&config), listed.join(","));
    Shelf { manifest: manifest.into_bytes(), config, layers }
}

fn tampered(target: Target, offset: usize, asked: Asked) -> Examined {
    examine(&shelf("hello"), &shelf("other"), target, offset, asked, &Limits::default())
}

fn defences(examined: &Examined) -> Vec<(Check, Option<usize>)> {
    examined.defences.iter().map(|checked| (checked.check, checked.layer)).collect()
}

fn at(text: &[u8], part: &str) -> usize {
    String::from_utf8_lossy(text).find(part).unwrap()
}

#[test]
fn a_byte_of_a_file_is_caught_by_the_blobs_digest_and_would_be_by_the_diff_id() {
    let examined = tampered(Target::Layer(0), 512, Asked::ByTag);
    assert_eq!(defences(&examined), [(Check::LayerDigest, Some(0)), (Check::DiffId, Some(0))]);
    let paths = vec!["etc/motd".to_owned()];
    assert_eq!(examined.unchecked, [Consequence::OtherFiles { layer: 0, paths }]);
    assert!(matches!(examined.checks.last().unwrap().verdict, Verdict::Fails { .. }));
}

#[test]
fn a_byte_of_a_header_breaks_the_tar_too() {
    let examined = tampered(Target::Layer(1), 0, Asked::ByTag);
    assert_eq!(
        defences(&examined),
        [(Check::LayerDigest, Some(1)), (Check::LayerUnpacks, Some(1)), (Check::DiffId, Some(1))]
    );
    assert!(examined.unchecked.iter().any(|told| matches!(told, Consequence::Damaged { layer: 1, .. })));
}

#[test]
fn a_config_is_caught_by_its_digest_and_would_run_something_else() {
    let config = shelf("hello").config;
    let examined = tampered(Target::Config, at(&config, "app\""), Asked::ByTag);
    assert_eq!(defences(&examined), [(Check::ConfigDigest, None)]);
    assert!(examined.unchecked.contains(&Consequence::OtherConfig { key: "config".into() }));
}

#[test]
fn a_diff_id_in_the_config_is_caught_twice() {
    let config = shelf("hello").config;
    let digit = at(&config, "sha256:") + 8;
    // Another digit is another digest; "f" would become "g", which is none.
    let digit = (digit..digit + 60).find(|at| config[*at].is_ascii_digit()).unwrap();
    let examined = tampered(Target::Config, digit, Asked::ByTag);
    assert_eq!(defences(&examined), [(Check::ConfigDigest, None), (Check::DiffId, Some(0))]);
}

#[test]
fn a_manifest_is_only_caught_by_who_knows_its_digest() {
    let manifest = shelf("hello").manifest;
    let note = at(&manifest, "\"x\"") + 1;
    let by_tag = tampered(Target::Manifest, note, Asked::ByTag);
    assert_eq!((defences(&by_tag), &by_tag.unchecked[..]), (vec![], &[Consequence::SameFiles][..]));
    assert_eq!(by_tag.checks[0].verdict, Verdict::NotChecked);
    let by_digest = tampered(Target::Manifest, note, Asked::ByDigest);
    assert_eq!(defences(&by_digest), [(Check::ManifestDigest, None)]);
}

#[test]
fn a_manifest_that_names_another_size_is_caught_by_the_bytes() {
    let manifest = shelf("hello").manifest;
    let size = at(&manifest, "\"size\":") + 7;
    assert_eq!(defences(&tampered(Target::Manifest, size, Asked::ByTag)), [(Check::ConfigSize, None)]);
    let brace = tampered(Target::Manifest, 0, Asked::ByTag);
    assert_eq!(defences(&brace), [(Check::ManifestReadable, None)]);
    assert_eq!(brace.unchecked, [Consequence::Nothing]);
}

#[test]
fn no_check_sees_a_tag_that_was_moved() {
    let moved = tampered(Target::Tag, 0, Asked::ByTag);
    assert_eq!(defences(&moved), []);
    assert!(matches!(moved.unchecked[0], Consequence::OtherImage { .. }));
    let pinned = tampered(Target::Tag, 0, Asked::ByDigest);
    assert_eq!((defences(&pinned), &pinned.unchecked[..]), (vec![], &[Consequence::SameFiles][..]));
}
