//! The model's trees in the form of [`crate::disk`].

use std::collections::{BTreeMap, HashMap};

use layerlab_core::overlay::{Content, Ino, Inode, Kind, Layer, Overlay};

use crate::disk::{Node, Tree, mode_word, path_shown, shown};

/// The merged view.
pub fn merged(overlay: &Overlay) -> Tree {
    let mut tree = Tree::new();
    for entry in overlay.merged() {
        let mut node = node(entry.inode, entry.content, Some(entry.stat.links));
        node.xattrs = entry.inode.shown_xattrs().map(|(name, value)| (shown(&name), shown(value))).collect();
        tree.insert(path_shown(&entry.path), node);
    }
    tree
}

/// The upperdir, OverlayFS's own attributes included.
pub fn upper(layer: &Layer) -> Tree {
    let mut tree = Tree::new();
    let mut first: HashMap<Ino, String> = HashMap::new();
    let mut paths = layer.walk();
    paths.sort();
    for (path, ino) in paths {
        let inode = layer.inode(ino);
        let path = path_shown(&path);
        let content = match &inode.kind {
            Kind::File(content) => Some(content),
            _ => None,
        };
        let mut node = node(inode, content, Some(layer.links(ino)));
        node.same_as = first.get(&ino).cloned();
        first.entry(ino).or_insert_with(|| path.clone());
        node.xattrs.extend(overlay_xattrs(inode));
        tree.insert(path, node);
    }
    tree
}

fn node(inode: &Inode, content: Option<&Content>, links: Option<u32>) -> Node {
    let data = match &inode.kind {
        Kind::File(_) => {
            content.and_then(|content| content.bytes(1 << 20)).map_or("lost".into(), |bytes| shown(&bytes))
        }
        Kind::Symlink(target) => shown(target),
        Kind::CharDevice(number) | Kind::BlockDevice(number) => format!("{}:{}", number.major, number.minor),
        Kind::Directory(_) | Kind::Fifo | Kind::Socket => String::new(),
    };
    Node {
        mode: mode_word(inode),
        owner: (inode.uid, inode.gid),
        mtime: inode.mtime,
        data,
        links: links.map(u64::from),
        same_as: None,
        xattrs: inode.xattrs.iter().map(|(name, value)| (shown(name), shown(value))).collect(),
    }
}

fn overlay_xattrs(inode: &Inode) -> BTreeMap<String, String> {
    let own = &inode.overlay;
    let values = [
        ("opaque", own.opaque.then(|| "y".into())),
        ("redirect", own.redirect.as_ref().map(|to| shown(to))),
        ("metacopy", own.metacopy.then(String::new)),
        ("origin", own.origin.map(|_| String::new())),
        ("impure", own.impure.then(|| "y".into())),
        ("nlink", own.nlink.map(|difference| format!("U{difference:+}"))),
    ];
    values.into_iter().filter_map(|(name, value)| Some((format!("trusted.overlay.{name}"), value?))).collect()
}
