//! Layers on a disk: written from the model, and read back into a form that can be compared.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::{CString, OsStr},
    fs, io,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use layerlab_core::overlay::{Ino, Inode, Kind, Layer, MergedPath};
use rustix::fs as sys;

use crate::generate::NOW;

/// A tree in a form that can be compared and shown: what is at each path.
pub type Tree = BTreeMap<String, Node>;

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub mode: u32,
    pub owner: (u32, u32),
    /// Seconds; [`NOW`] for any time since the case began.
    pub mtime: i64,
    /// Bytes of a file, target of a link, number of a device.
    pub data: String,
    pub links: Option<u64>,
    /// In an upperdir: the first path of the same inode.
    pub same_as: Option<String>,
    pub xattrs: BTreeMap<String, String>,
}

/// Writes a layer into an empty directory.
pub fn write_layer(layer: &Layer, root: &Path) -> io::Result<()> {
    write_metadata(layer.inode(Layer::ROOT), root)?;
    let mut written: HashMap<Ino, PathBuf> = HashMap::new();
    for (path, ino) in layer.walk() {
        let inode = layer.inode(ino);
        let at = root.join(OsStr::from_bytes(path.bytes()));
        if let Some(first) = written.get(&ino) {
            fs::hard_link(first, &at)?;
            continue;
        }
        let node = |file_type, number: (u32, u32)| {
            sys::mknodat(sys::CWD, &at, file_type, sys::Mode::empty(), sys::makedev(number.0, number.1))
        };
        match &inode.kind {
            Kind::Directory(_) => fs::create_dir(&at)?,
            Kind::File(content) => fs::write(&at, content.bytes(1 << 20).unwrap_or_default())?,
            Kind::Symlink(target) => std::os::unix::fs::symlink(OsStr::from_bytes(target), &at)?,
            Kind::CharDevice(number) => node(sys::FileType::CharacterDevice, (number.major, number.minor))?,
            Kind::BlockDevice(number) => node(sys::FileType::BlockDevice, (number.major, number.minor))?,
            Kind::Fifo => node(sys::FileType::Fifo, (0, 0))?,
            Kind::Socket => node(sys::FileType::Socket, (0, 0))?,
        }
        if !inode.is_whiteout() {
            write_metadata(inode, &at)?;
        }
        written.insert(ino, at);
    }
    // Last of all: an entry made in a directory changes its time.
    for (ino, at) in written.into_iter().chain([(Layer::ROOT, root.to_owned())]) {
        let time = sys::Timespec { tv_sec: layer.inode(ino).mtime, tv_nsec: 0 };
        let times = sys::Timestamps { last_access: time, last_modification: time };
        sys::utimensat(sys::CWD, &at, &times, sys::AtFlags::SYMLINK_NOFOLLOW)?;
    }
    Ok(())
}

fn write_metadata(inode: &Inode, at: &Path) -> io::Result<()> {
    std::os::unix::fs::lchown(at, Some(inode.uid), Some(inode.gid))?;
    if !matches!(inode.kind, Kind::Symlink(_)) {
        fs::set_permissions(at, std::os::unix::fs::PermissionsExt::from_mode(inode.mode.into()))?;
    }
    for (name, value) in &inode.xattrs {
        let name = CString::new(&name[..])?;
        sys::lsetxattr(at, &name, value, sys::XattrFlags::empty())?;
    }
    if inode.overlay.opaque {
        sys::lsetxattr(at, c"trusted.overlay.opaque", b"y", sys::XattrFlags::empty())?;
    }
    Ok(())
}

/// Reads a tree. `root` itself is left out.
pub fn read_tree(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut pending = vec![root.to_owned()];
    let mut inodes: HashMap<u64, Vec<String>> = HashMap::new();
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            // A name that is listed and cannot be looked up is a name without a node.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                pending.push(path.clone());
            }
            inodes.entry(metadata.ino()).or_default().push(shown.clone());
            tree.insert(shown, read_node(&path, &metadata)?);
        }
    }
    for mut paths in inodes.into_values() {
        paths.sort();
        for path in &paths[1..] {
            if let Some(node) = tree.get_mut(path) {
                node.same_as = Some(paths[0].clone());
            }
        }
    }
    Ok(tree)
}

fn read_node(path: &Path, metadata: &fs::Metadata) -> io::Result<Node> {
    let data = match metadata.mode() & 0o170_000 {
        0o100_000 => shown(&fs::read(path)?),
        0o120_000 => shown(fs::read_link(path)?.as_os_str().as_bytes()),
        0o020_000 | 0o060_000 => format!("{}:{}", sys::major(metadata.rdev()), sys::minor(metadata.rdev())),
        _ => String::new(),
    };
    Ok(Node {
        mode: metadata.mode(),
        owner: (metadata.uid(), metadata.gid()),
        mtime: metadata.mtime().min(NOW),
        data,
        links: Some(metadata.nlink()),
        same_as: None,
        xattrs: read_xattrs(path)?,
    })
}

pub fn read_xattrs(path: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut names = vec![0; 4096];
    let len = sys::llistxattr(path, &mut names[..])?;
    let mut out = BTreeMap::new();
    for name in names[..len].split(|&b| b == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 65_536];
        let len = sys::lgetxattr(path, &CString::new(name)?, &mut value[..])?;
        out.insert(shown(name), shown(&value[..len]));
    }
    Ok(out)
}

pub fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// The mode word of an inode of the model, as `stat` has it.
pub fn mode_word(inode: &Inode) -> u32 {
    let file_type = match inode.kind {
        Kind::File(_) => 0o100_000,
        Kind::Directory(_) => 0o040_000,
        Kind::Symlink(_) => 0o120_000,
        Kind::CharDevice(_) => 0o020_000,
        Kind::BlockDevice(_) => 0o060_000,
        Kind::Fifo => 0o010_000,
        Kind::Socket => 0o140_000,
    };
    file_type | u32::from(inode.mode)
}

pub fn path_shown(path: &MergedPath) -> String {
    String::from_utf8_lossy(path.bytes()).into_owned()
}
