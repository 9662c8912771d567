//! Whether a committed layer says what the upperdir said: unpacked again on the same lower layers, it must give the
//! same merged view.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    process::Command,
    sync::Arc,
};

use layerlab_core::{
    layer::changeset::DeviceNumber,
    overlay::{Inode, Kind, Layer, MergedPath, Overlay},
};

use crate::{
    disk::{self, Tree},
    model,
};

/// The merged view after a commit, and as it was; both without what an image cannot say.
pub fn committed(overlay: &Overlay) -> Result<(Tree, Tree), String> {
    let committed = overlay.commit().map_err(|error| error.to_string())?;
    let unpacked = unpack(&committed.tar).map_err(|error| error.to_string())?;
    let on_top = |layer| {
        let mut lowers = overlay.lowers().to_vec();
        lowers.push(Arc::new(layer));
        merged(&Overlay::new(lowers, overlay.mode()))
    };
    let again = on_top(unpacked);
    if on_top(committed.layer) != again {
        return Err("the layer beside the tar is another one than in it".into());
    }
    Ok((again, merged(overlay)))
}

/// The same, unpacked by umoci: the lower layers as one exported layer, and the committed one on it. `directory` is an
/// empty one that may be filled.
pub fn unpacked_by_umoci(overlay: &Overlay, directory: &Path) -> io::Result<Tree> {
    let base = Overlay::new(overlay.lowers().to_vec(), overlay.mode()).export().map_err(io::Error::other)?;
    let top = overlay.commit().map_err(io::Error::other)?;
    let layout = directory.join("layout").display().to_string();
    let image = format!("{layout}:test");
    umoci(&["init", "--layout", &layout])?;
    umoci(&["new", "--image", &image])?;
    for (name, layer) in [("base.tar", base), ("top.tar", top)] {
        let file = directory.join(name).display().to_string();
        fs::write(&file, &layer.tar)?;
        umoci(&["raw", "add-layer", "--image", &image, &file])?;
    }
    let rootfs = directory.join("rootfs");
    umoci(&["raw", "unpack", "--image", &image, &rootfs.display().to_string()])?;
    Ok(sayable(disk::read_tree(&rootfs)?))
}

/// The merged view as [`unpacked_by_umoci`] should have it.
pub fn merged(overlay: &Overlay) -> Tree {
    sayable(model::merged(overlay))
}

fn umoci(arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("umoci").args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("umoci {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim())))
}

fn sayable(mut tree: Tree) -> Tree {
    tree.retain(|_, node| node.mode & 0o170_000 != 0o140_000);
    for node in tree.values_mut() {
        node.links = None;
        node.xattrs.retain(|name, value| !name.starts_with("trusted.overlay.") && !value.is_empty());
    }
    tree
}

fn unpack(bytes: &[u8]) -> io::Result<Layer> {
    let mut layer = Layer::new();
    let mut opaque = Vec::new();
    for entry in tar::Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let at = MergedPath::from(&path[..]);
        let name = at.name();
        if &name[..] == b".wh..wh..opq" {
            opaque.push(at.parent());
            continue;
        }
        if let Some(hidden) = name.strip_prefix(b".wh.") {
            layer.put(&at.parent().join(hidden), Inode::whiteout());
            continue;
        }
        let link = entry.link_name_bytes().map(|link| link.into_owned()).unwrap_or_default();
        let header = entry.header().clone();
        let number = DeviceNumber {
            major: header.device_major().ok().flatten().unwrap_or_default(),
            minor: header.device_minor().ok().flatten().unwrap_or_default(),
        };
        let kind = match header.entry_type() {
            tar::EntryType::Link => {
                layer.put_link(&at, &MergedPath::from(&String::from_utf8_lossy(&link)[..]));
                continue;
            }
            tar::EntryType::Directory => Kind::Directory(Default::default()),
            tar::EntryType::Symlink => Kind::Symlink(link.into()),
            tar::EntryType::Char => Kind::CharDevice(number),
            tar::EntryType::Block => Kind::BlockDevice(number),
            tar::EntryType::Fifo => Kind::Fifo,
            _ => {
                let mut data = Vec::new();
                entry.read_to_end(&mut data)?;
                Kind::File(data[..].into())
            }
        };
        let mut inode = Inode::new(kind, header.mode()? as u16);
        (inode.uid, inode.gid, inode.mtime) = (header.uid()? as u32, header.gid()? as u32, header.mtime()? as i64);
        for extension in entry.pax_extensions()?.into_iter().flatten() {
            let extension = extension?;
            if let Some(name) = extension.key().ok().and_then(|key| key.strip_prefix("SCHILY.xattr.")) {
                inode.xattrs.insert(name.as_bytes().into(), extension.value_bytes().into());
            }
        }
        layer.put(&at, inode);
    }
    for at in opaque {
        if let Some(ino) = layer.find(&at) {
            layer.inode_mut(ino).overlay.opaque = true;
        }
    }
    Ok(layer)
}
