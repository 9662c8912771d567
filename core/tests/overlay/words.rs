//! Words for tests of the overlay: layers and operations in one line each.

use std::sync::Arc;

use layerlab_core::overlay::{Event, Flags, Inode, Layer, Mode, Op, Outcome, Overlay, Place};

/// A layer of `/dir/`, `/file=content`, `/link->target`, `/name!` (a whiteout), `/dir/!` (an opaque directory) and
/// `/name==/first` (a hard link). Directories are 0755 and files 0644, all root's.
pub fn layer(entries: &[&str]) -> Arc<Layer> {
    let mut layer = Layer::new();
    for entry in entries {
        if let Some((path, first)) = entry.split_once("==") {
            layer.put_link(&path.into(), &first.into()).expect("the first name comes first");
        } else if let Some((path, content)) = entry.split_once('=') {
            layer.put(&path.into(), Inode::file(content.as_bytes(), 0o644));
        } else if let Some((path, target)) = entry.split_once("->") {
            layer.put(&path.into(), Inode::symlink(target.as_bytes()));
        } else if let Some(path) = entry.strip_suffix("/!") {
            let ino = layer.put(&path.into(), Inode::directory(0o755));
            layer.inode_mut(ino).overlay.opaque = true;
        } else if let Some(path) = entry.strip_suffix('!') {
            layer.put(&path.into(), Inode::whiteout());
        } else {
            layer.put(&(*entry).into(), Inode::directory(0o755));
        }
    }
    Arc::new(layer)
}

/// A mount of lower layers, base first.
pub fn mount<const N: usize>(lowers: [&[&str]; N], mode: Mode) -> Overlay {
    Overlay::new(lowers.map(layer).to_vec(), mode)
}

/// Runs an operation written as a line, and gives the errno's name, or what came out.
pub fn run(overlay: &mut Overlay, line: &str) -> String {
    let (result, _) = overlay.apply(&op(line));
    match result {
        Ok(Outcome::Done) => "ok".into(),
        Ok(Outcome::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(Outcome::Names(names)) => {
            names.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>().join(" ")
        }
        Ok(Outcome::Stat(stat)) => format!("{:?} {:o} {}", stat.file_type, stat.mode, stat.links),
        Ok(Outcome::Xattrs(xattrs)) => format!("{xattrs:?}"),
        Err(errno) => errno.to_string(),
    }
}

pub fn events(overlay: &mut Overlay, line: &str) -> Vec<Event> {
    overlay.apply(&op(line)).1
}

/// `create /f 644`, `append /f text`, `write /f text` (at 0, O_TRUNC), `open /f` (for writing, and no more), `rename /a /b`, …
pub fn op(line: &str) -> Op {
    let words: Vec<&str> = line.split(' ').collect();
    let arg = |n: usize| words.get(n).unwrap_or_else(|| panic!("{line}: too few words")).as_bytes().to_vec();
    let number = |n: usize, radix: u32| u64::from_str_radix(words[n], radix).expect("a number");
    let write = |flags: Flags, place: Place, data: Vec<u8>| Op::Write { path: arg(1), flags, place, data };
    match words[0] {
        "stat" => Op::Stat { path: arg(1), follow: true },
        "lstat" => Op::Stat { path: arg(1), follow: false },
        "read" => Op::Read { path: arg(1) },
        "readlink" => Op::ReadLink { path: arg(1) },
        "ls" => Op::ReadDir { path: arg(1) },
        "create" => write(Flags { create: Some(number(2, 8) as u16), ..Flags::default() }, Place::End, Vec::new()),
        "write" => write(Flags { truncate: true, ..Flags::default() }, Place::At(0), arg(2)),
        "append" => write(Flags::default(), Place::End, arg(2)),
        "open" => write(Flags::default(), Place::End, Vec::new()),
        "truncate" => Op::Truncate { path: arg(1), len: number(2, 10) },
        "mkdir" => Op::Mkdir { path: arg(1), mode: 0o755 },
        "rmdir" => Op::Rmdir { path: arg(1) },
        "unlink" => Op::Unlink { path: arg(1) },
        "rename" => Op::Rename { from: arg(1), to: arg(2) },
        "noreplace" => Op::RenameNoReplace { from: arg(1), to: arg(2) },
        "exchange" => Op::Exchange { a: arg(1), b: arg(2) },
        "link" => Op::Link { from: arg(1), to: arg(2) },
        "symlink" => Op::Symlink { target: arg(1), path: arg(2) },
        "chmod" => Op::Chmod { path: arg(1), mode: number(2, 8) as u16 },
        "chown" => Op::Chown { path: arg(1), uid: number(2, 10) as u32, gid: number(3, 10) as u32, follow: true },
        "touch" => Op::SetTime { path: arg(1), mtime: number(2, 10) as i64, follow: true },
        other => panic!("no operation {other}"),
    }
}
