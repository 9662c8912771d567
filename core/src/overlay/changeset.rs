//! From the OCI form of a layer to OverlayFS's: what a container engine does when it unpacks an image.
//!
//! Source: OCI image-spec, layer.md ("Whiteouts").

use std::collections::BTreeSet;

use super::{
    content::Content,
    inode::{Inode, Kind},
    layer::Layer,
    path::MergedPath,
};
use crate::{
    layer::changeset::{Changeset, Entry, EntryKind, Whiteout},
    path::PathId,
};

/// Unpacks a changeset: an explicit whiteout becomes a character device 0/0, an opaque one an attribute of its
/// directory, whatever their places in the tar. The bytes of files were not kept by a changeset, and so cannot be read
/// here. A hard link whose target is not in the same layer, and a type without a meaning, are left out.
pub fn unpack(changeset: &Changeset) -> Layer {
    let mut layer = Layer::new();
    let path = |id: PathId| {
        let bytes = changeset.paths.bytes(id);
        bytes.split(|&b| b == b'/').filter(|part| !part.is_empty()).fold(MergedPath::root(), |at, name| at.join(name))
    };
    let mut opaque: BTreeSet<MergedPath> = BTreeSet::new();
    let mut whiteouts: BTreeSet<MergedPath> = BTreeSet::new();
    for entry in &changeset.entries {
        let at = path(entry.path);
        match entry.kind {
            EntryKind::Whiteout(Whiteout::Explicit) => _ = whiteouts.insert(at),
            EntryKind::Whiteout(Whiteout::Opaque) => _ = opaque.insert(at),
            EntryKind::Whiteout(Whiteout::Bare) => {}
            EntryKind::HardLink { target } => _ = layer.put_link(&at, &path(target)),
            _ => {
                if let Some(inode) = inode(changeset, entry) {
                    layer.put(&at, inode);
                }
            }
        }
    }
    // A name that is both whited out and there hides what is below, and is there.
    for at in whiteouts {
        match layer.find(&at) {
            Some(ino) if layer.inode(ino).is_directory() => _ = opaque.insert(at),
            Some(_) => {}
            None => _ = layer.put(&at, Inode::whiteout()),
        }
    }
    for at in opaque {
        let ino = match layer.find(&at) {
            Some(ino) => ino,
            None => layer.put(&at, Inode::directory(0o755)),
        };
        if layer.inode(ino).is_directory() {
            layer.inode_mut(ino).overlay.opaque = true;
        }
    }
    layer
}

fn inode(changeset: &Changeset, entry: &Entry) -> Option<Inode> {
    let kind = match entry.kind {
        EntryKind::File { content } => Kind::File(Content::not_kept(content, entry.size)),
        EntryKind::Directory => Kind::Directory(Default::default()),
        EntryKind::Symlink { target } => Kind::Symlink(changeset.target(target).into()),
        EntryKind::CharDevice(number) => Kind::CharDevice(number),
        EntryKind::BlockDevice(number) => Kind::BlockDevice(number),
        EntryKind::Fifo => Kind::Fifo,
        EntryKind::HardLink { .. } | EntryKind::Other(_) | EntryKind::Whiteout(_) => return None,
    };
    let metadata = &entry.metadata;
    let xattrs = changeset.xattrs(metadata.xattrs).iter();
    Some(Inode {
        uid: metadata.uid,
        gid: metadata.gid,
        mtime: metadata.mtime,
        xattrs: xattrs
            .filter(|xattr| !xattr.name.starts_with(b"trusted.overlay."))
            .map(|xattr| (xattr.name[..].into(), xattr.value[..].into()))
            .collect(),
        ..Inode::new(kind, metadata.mode & 0o7777)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::changeset::{ContentHash, Metadata};

    #[test]
    fn whiteouts_change_their_form() {
        let mut changeset = Changeset::default();
        let mut add = |path: &str, kind: EntryKind| {
            let path = changeset.paths.path(path.as_bytes().split(|&b| b == b'/'));
            let metadata = Metadata { mode: 0o755, ..Metadata::default() };
            changeset.entries.push(Entry { path, kind, metadata, size: 0, data_offset: 0 });
        };
        let file = EntryKind::File { content: ContentHash([0, 0]) };
        add("etc/motd", EntryKind::Whiteout(Whiteout::Explicit));
        add("var/lib/new", file);
        add("var/lib", EntryKind::Whiteout(Whiteout::Opaque));
        add("opt", EntryKind::Directory);
        add("opt", EntryKind::Whiteout(Whiteout::Explicit));
        add("tmp/x", EntryKind::Whiteout(Whiteout::Bare));
        let layer = unpack(&changeset);
        let shown: Vec<String> = layer
            .walk()
            .into_iter()
            .map(|(path, ino)| {
                let inode = layer.inode(ino);
                let mark = if inode.is_whiteout() {
                    " whiteout"
                } else if inode.overlay.opaque {
                    " opaque"
                } else {
                    ""
                };
                format!("{path}{mark}")
            })
            .collect();
        assert_eq!(shown, ["/etc", "/etc/motd whiteout", "/opt opaque", "/var", "/var/lib opaque", "/var/lib/new"]);
    }
}
