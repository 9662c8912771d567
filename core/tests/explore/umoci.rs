//! The merged tree against what `umoci unpack` makes of the same image: type, mode, size, owner and link target of
//! every path, and the bytes of every file.
//!
//! Skipped, with a plain word, where there is no umoci, no right to give files away, or no folder of archives; and for
//! images that umoci cannot unpack (zstd layers, with 0.4).

use std::{
    collections::BTreeMap,
    env, fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    process::Command,
};

use layerlab_core::explore::{Kind, Reading, Row, TreeView};
use serde_json::Value;

use crate::{common::images_folder, stack::open_file};

/// What two readers must agree about.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    kind: &'static str,
    mode: u32,
    size: u64,
    owner: (u32, u32),
    target: Option<String>,
}

#[test]
fn the_merged_tree_is_what_umoci_unpacks() {
    let Some(images) = images_folder() else { return };
    if Command::new("umoci").arg("--version").output().is_err() {
        return println!("skipped: umoci is not installed");
    }
    let scratch = env::temp_dir().join(format!("layerlab-umoci-{}", std::process::id()));
    let mut compared = 0;
    for archive in ["small", "nano"].iter().flat_map(|folder| oci_archives(&images.join(folder))) {
        let _ = fs::remove_dir_all(&scratch);
        match unpack(&archive, &scratch) {
            Ok(rootfs) => {
                compare(&archive, &rootfs);
                compared += 1;
            }
            Err(reason) => println!("skipped: {}: {reason}", archive.display()),
        }
    }
    let _ = fs::remove_dir_all(&scratch);
    println!("{compared} images compared with umoci");
}

/// The first listed manifest, tagged so that umoci finds it, unpacked: the folder of its root file system.
fn unpack(archive: &Path, scratch: &Path) -> Result<PathBuf, String> {
    let layout = scratch.join("layout");
    fs::create_dir_all(&layout).map_err(|error| error.to_string())?;
    run(Command::new("tar").arg("xf").arg(archive).arg("-C").arg(&layout))?;
    let index = layout.join("index.json");
    let mut document: Value = serde_json::from_slice(&fs::read(&index).map_err(|error| error.to_string())?)
        .map_err(|error| error.to_string())?;
    let mut first = document["manifests"][0].clone();
    if first["mediaType"] != "application/vnd.oci.image.manifest.v1+json" {
        return Err("the first manifest is an index".into());
    }
    first["annotations"] = serde_json::json!({ "org.opencontainers.image.ref.name": "explored" });
    document["manifests"] = serde_json::json!([first]);
    fs::write(&index, document.to_string()).map_err(|error| error.to_string())?;
    let rootfs = scratch.join("rootfs");
    run(Command::new("umoci")
        .args(["raw", "unpack", "--image"])
        .arg(format!("{}:explored", layout.display()))
        .arg(&rootfs))?;
    Ok(rootfs)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

fn compare(archive: &Path, rootfs: &Path) {
    let unpacked = unpacked(rootfs, rootfs);
    let mut stack = open_file(archive);
    let top = stack.timeline.height() - 1;
    let mut view = TreeView::new(stack.timeline.clone(), Reading::Merged { layer: top });
    view.expand_all();
    let rows = view.rows(0..usize::MAX);
    let ours: BTreeMap<Vec<u8>, Facts> =
        rows.iter().map(|row| (stack.timeline.paths().bytes(row.path), facts(row))).collect();
    for (path, facts) in &unpacked {
        let name = String::from_utf8_lossy(path);
        assert_eq!(ours.get(path), Some(facts), "{name} of {}", archive.display());
    }
    assert_eq!(ours.len(), unpacked.len(), "{}", archive.display());
    for row in rows.iter().filter(|row| row.kind == Kind::File) {
        let path = stack.timeline.paths().bytes(row.path);
        let bytes = fs::read(rootfs.join(std::ffi::OsStr::from_bytes(&path))).unwrap();
        assert!(stack.read(row.path).unwrap() == bytes, "{} of {}", row.name, archive.display());
    }
}

fn facts(row: &Row) -> Facts {
    let kind = match row.kind {
        Kind::HardLink => "file",
        kind => kind.word(),
    };
    Facts {
        kind,
        mode: if kind == "symlink" { 0 } else { row.metadata.mode.into() },
        size: if kind == "file" { row.size } else { 0 },
        owner: (row.metadata.uid, row.metadata.gid),
        target: row.target.clone(),
    }
}

fn unpacked(root: &Path, folder: &Path) -> BTreeMap<Vec<u8>, Facts> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let kind = match metadata.mode() & 0o170_000 {
            0o040_000 => "dir",
            0o120_000 => "symlink",
            0o020_000 => "char",
            0o060_000 => "block",
            0o010_000 => "fifo",
            _ => "file",
        };
        let target = (kind == "symlink").then(|| fs::read_link(&path).unwrap());
        let facts = Facts {
            kind,
            mode: if kind == "symlink" { 0 } else { metadata.mode() & 0o7777 },
            size: if kind == "file" { metadata.len() } else { 0 },
            owner: (metadata.uid(), metadata.gid()),
            target: target.map(|target| layerlab_core::display::harmless(target.as_os_str().as_bytes())),
        };
        found.insert(path.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec(), facts);
        if kind == "dir" {
            found.extend(unpacked(root, &path));
        }
    }
    found
}

fn oci_archives(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut archives: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    archives.retain(|path| path.to_string_lossy().ends_with(".oci.tar"));
    archives.sort();
    archives
}
