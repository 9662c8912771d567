//! `waste`, `diff` and `check` as a script sees them.

use std::{
    fs,
    process::{Command, Output},
};

use layerlab_tests::{Compression, Entry, Image, Layer, Members, docker_archive, oci_archive};
use serde_json::Value;
use tempfile::TempDir;

fn layerlab(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layerlab")).args(arguments).current_dir(folder).output().unwrap()
}

#[track_caller]
fn run(folder: &TempDir, status: i32, arguments: &[&str]) -> String {
    let output = layerlab(folder, arguments);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{out}{err}");
    if status == 2 { err } else { out }
}

fn write(folder: &TempDir, name: &str, members: &Members) {
    fs::write(folder.path().join(name), members.tar()).unwrap();
}

/// A copied program that is made executable in a layer of its own, a cache that is deleted too late, and a list that
/// stays.
fn wasteful() -> Image {
    let base = Layer::new().dir("etc").file("etc/motd", "hello\n").file("srv/app", "x".repeat(3_000));
    let made =
        Layer::new().file("root/.cache/pip/wheel", "w".repeat(2_000)).file("var/lib/apt/lists/main", "l".repeat(500));
    let mode = Layer::new().entry(Entry::file("srv/app", "x".repeat(3_000)).mode(0o755)).whiteout("root/.cache/pip");
    Image::new("shop:1.0")
        .layer("COPY srv /srv", base)
        .layer("RUN pip install && apt-get update", made)
        .layer("RUN chmod +x /srv/app && rm -r /root/.cache/pip", mode)
}

#[test]
fn waste_names_the_fix_of_every_loss() {
    let folder = TempDir::new().unwrap();
    write(&folder, "shop.tar", &docker_archive(&[&wasteful()]));
    let table = run(&folder, 0, &["waste", "shop.tar"]);
    for part in ["COPY --chmod in layer 1", "RUN --mount=type=cache in layer 2", "rm -rf /var/lib/apt/lists/*"] {
        assert!(table.contains(part), "{part}\n{table}");
    }
    let csv = run(&folder, 0, &["waste", "shop.tar", "--csv"]);
    let chmod = "RUN chmod +x /srv/app && rm -r /root/.cache/pip";
    assert_eq!(
        csv.lines().collect::<Vec<_>>(),
        [
            "cause,layer,path,bytes,by_layer,by_instruction,known,fix,fix_layer,saves",
            &format!("metadata_only,1,srv/app,3000,3,{chmod},,copy_chmod,1,3000"),
            &format!("deleted_with_directory,2,root/.cache/pip/wheel,2000,3,{chmod},pip_cache,keep_cache_out,2,2000"),
        ]
    );
    let json: Value = serde_json::from_str(&run(&folder, 0, &["waste", "shop.tar", "--json"])).unwrap();
    assert_eq!(json["shadowed_bytes"], 5_000);
    assert_eq!(json["efficiency"]["leftovers"][0]["known"], "apt_lists");
    let markdown = run(&folder, 0, &["waste", "shop.tar", "--markdown"]);
    assert!(markdown.starts_with("### shop&#58;1.0\n"), "{markdown}");
    assert!(run(&folder, 2, &["waste", "shop.tar", "--image", "9"]).contains("there is no image 9"));
}

#[test]
fn a_squashed_image_in_another_compression_is_the_same_tree() {
    let folder = TempDir::new().unwrap();
    let flat = Layer::new()
        .dir("etc")
        .file("etc/motd", "hello\n")
        .entry(Entry::file("srv/app", "x".repeat(3_000)).mode(0o755).mtime(99))
        .dir("root")
        .dir("root/.cache")
        .file("var/lib/apt/lists/main", "l".repeat(500));
    let flat = Image::new("shop:flat").layer("COPY / /", flat).compressed(Compression::Gzip);
    write(&folder, "shop.tar", &docker_archive(&[&wasteful()]));
    write(&folder, "flat.tar", &oci_archive(&[&flat]));
    let same = run(&folder, 0, &["diff", "shop.tar", "flat.tar", "--semantic"]);
    assert!(same.starts_with("The two hold the same tree, cut into other layers.\n"), "{same}");
    let strict = run(&folder, 1, &["diff", "shop.tar", "flat.tar"]);
    assert!(strict.starts_with("The two differ: 0 paths added, 0 removed, "), "{strict}");
    assert!(run(&folder, 0, &["diff", "shop.tar", "shop.tar"]).starts_with("The two are one image"));
}

#[test]
fn two_images_of_one_archive_differ_in_what_is_said() {
    let folder = TempDir::new().unwrap();
    let base = || Layer::new().file("a", "1").file("b", "2");
    let one = Image::new("one:1").layer("COPY a b /", base());
    let two =
        Image::new("two:1").layer("COPY a b /", base()).layer("RUN x", Layer::new().whiteout("a").file("c", "33"));
    write(&folder, "both.tar", &docker_archive(&[&one, &two]));
    let csv = run(&folder, 1, &["diff", "both.tar", "both.tar", "--image-b", "2", "--csv"]);
    let header = "change,path,aspects,type_a,type_b,size_a,size_b";
    assert_eq!(csv.lines().collect::<Vec<_>>(), [header, "removed,a,,file,,1,", "added,c,,,file,,2"]);
    let json = run(&folder, 1, &["diff", "both.tar", "both.tar", "--image-b", "2", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["schema"], &json["layers"]["trunk"]), (&"layerlab.diff/1".into(), &1.into()));
}

#[test]
fn a_check_gives_a_reason_for_each_broken_rule() {
    let folder = TempDir::new().unwrap();
    write(&folder, "shop.tar", &docker_archive(&[&wasteful()]));
    write(&folder, "small.tar", &docker_archive(&[&Image::new("s:1").layer("COPY", Layer::new().file("a", "12345"))]));
    fs::write(
        folder.path().join(".layerlab.toml"),
        "[limits]\nefficiency = 0.5\nwasted_bytes = 4999\nleftovers = \"1kB\"\ngrowth = \"50%\"\nsecrets = 0\n\
         [paths]\nmust_exist = [\"/srv/app\", \"/srv/none\"]\nmust_not_exist = [\"/var/lib/apt/lists/*\", \"**/.git\"]\n",
    )
    .unwrap();
    let text = run(&folder, 1, &["check", "shop.tar", "--against", "small.tar"]);
    let lines: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "BROKEN  efficiency: 0.4122 is below 0.5",
            "BROKEN  wasted_bytes: 5000 B (5.00 kB) is above 4999 B (5.00 kB)",
            "ok      leftovers: 500 B is at most 1000 B (1.00 kB)",
            "ok      secrets: 0 is at most 0",
            "BROKEN  growth: 70020.00 % is above 50.00 %",
            "ok      must_exist /srv/app: 1 path",
            "BROKEN  must_exist /srv/none: no such path",
            "BROKEN  must_not_exist /var/lib/apt/lists/*: there is /var/lib/apt/lists/main",
            "ok      must_not_exist **/.git: no such path",
            "5 rules are broken.",
        ]
    );
}

#[test]
fn a_secret_that_a_later_layer_deletes_breaks_the_rule() {
    let folder = TempDir::new().unwrap();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUx\n\
               -----END OPENSSH PRIVATE KEY-----\n";
    let image = Image::new("leaky:1")
        .layer("COPY id /root/.ssh/id_ed25519", Layer::new().file("root/.ssh/id_ed25519", key))
        .layer("RUN rm /root/.ssh/id_ed25519", Layer::new().whiteout("root/.ssh/id_ed25519"));
    write(&folder, "leaky.tar", &docker_archive(&[&image]));
    fs::write(folder.path().join(".layerlab.toml"), "[limits]\nsecrets = 0\n").unwrap();
    let text = run(&folder, 1, &["check", "leaky.tar"]);
    assert!(text.contains("BROKEN  secrets: 1 is above 0"), "{text}");
}

#[test]
fn dives_own_rules_are_read_as_they_are() {
    let folder = TempDir::new().unwrap();
    write(&folder, "shop.tar", &docker_archive(&[&wasteful()]));
    assert!(run(&folder, 2, &["check", "shop.tar"]).contains("there is neither .layerlab.toml nor .dive-ci here"));
    let rules = |text: &str| fs::write(folder.path().join(".dive-ci"), text).unwrap();
    rules("rules:\n  lowestEfficiency: 0.1\n  highestWastedBytes: 1MB\n  highestUserWastedPercent: disabled\n");
    assert!(run(&folder, 0, &["check", "shop.tar"]).ends_with("Every rule holds.\n"));
    rules("rules:\n  highestWastedBytes: 5kB\n");
    let text = run(&folder, 1, &["check", "shop.tar"]);
    assert!(text.contains("BROKEN  highestWastedBytes: "), "{text}");
    rules("rules:\n  lowestEfficiency: high\n");
    assert!(run(&folder, 2, &["check", "shop.tar"]).contains("lowestEfficiency: \"high\" is no number"));
}

#[test]
fn names_from_an_archive_cannot_speak_to_the_terminal() {
    let folder = TempDir::new().unwrap();
    let evil = "e\u{1b}]0;x\u{7}\u{202e}";
    let base = Layer::new().file(&format!("tmp/{evil}"), "12").file(evil, "1");
    let image = |tag: &str| {
        Image::new(tag)
            .layer("RUN \u{1b}[2J a", base.clone())
            .layer("RUN \u{1b}[2J b", Layer::new().whiteout(evil))
            .config("Labels", serde_json::json!({ evil: tag }))
            .config("User", evil.into())
    };
    write(&folder, "evil.tar", &docker_archive(&[&image(evil)]));
    write(&folder, "other.tar", &docker_archive(&[&Image::new("x:1").layer("RUN", Layer::new().file("a", "1"))]));
    fs::write(folder.path().join(".layerlab.toml"), "[paths]\nmust_not_exist = [\"/tmp/**\"]\n").unwrap();
    for (status, arguments) in [
        (0, &["waste", "evil.tar"][..]),
        (0, &["waste", "evil.tar", "--markdown"]),
        (0, &["waste", "evil.tar", "--csv"]),
        (1, &["diff", "evil.tar", "other.tar"]),
        (1, &["diff", "evil.tar", "other.tar", "--csv"]),
        (1, &["check", "evil.tar"]),
    ] {
        let text = run(&folder, status, arguments);
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(bad), "{arguments:?} {text:?}");
    }
}
