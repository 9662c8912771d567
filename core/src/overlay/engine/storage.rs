//! The engine's own directories on the host, with the files of the layers in them.

use std::collections::BTreeMap;

use super::Engine;
use crate::{
    overlay::{Inode, Kind, Layer, MergedPath},
    store::layout::{self, ContainerPlace, FileKind, cache_id, mount_id},
};

const ROOT: &str = "/var/lib/docker";

impl Engine {
    /// `/var/lib/docker` as a tree that begins at the host's root. Names that are random in reality are invented, see
    /// [`layout`].
    pub fn storage(&self) -> Layer {
        let mut out = Layer::new();
        let places: Vec<ContainerPlace> = self.places().collect();
        let files = self.files_by_folder();
        for node in layout::docker(&self.store(), &places) {
            let at = MergedPath::from(&format!("{ROOT}/{}", node.path)[..]);
            match node.kind {
                FileKind::Folder => _ = out.put(&at, Inode::directory(0o755)),
                FileKind::Text(text) => _ = out.put(&at, Inode::file(text.as_bytes(), 0o644)),
                FileKind::Link { to } => _ = out.put(&at, Inode::symlink(to.as_bytes())),
                FileKind::File { .. } => {
                    let config = self.images.iter().find(|image| node.path.ends_with(image.id.0.encoded()));
                    let bytes = config.map_or(&b""[..], |image| &image.config);
                    out.put(&at, Inode::file(bytes, 0o644));
                }
                FileKind::Tree { .. } => {
                    out.put(&at, Inode::directory(0o755));
                    let folder = node.path.rsplit('/').nth(1).unwrap_or_default();
                    if let Some(layer) = files.get(folder) {
                        copy(layer, &MergedPath::root(), &mut out, &at);
                    }
                }
            }
        }
        for (name, volume) in self.volumes() {
            let at = MergedPath::from(&format!("{ROOT}/volumes/{name}/_data")[..]);
            out.put(&at, Inode::directory(0o755));
            copy(volume, &MergedPath::root(), &mut out, &at);
        }
        out
    }

    /// Docker's containers, as far as they have a place on disk.
    pub fn places(&self) -> impl Iterator<Item = ContainerPlace> {
        let containers = self.containers.iter().filter(|container| !container.is_plain);
        containers.map(|container| ContainerPlace {
            id: container.id.clone(),
            image: container.image.clone(),
            running: container.is_running(),
        })
    }

    /// What lies in the `diff` of each folder of `overlay2/`.
    fn files_by_folder(&self) -> BTreeMap<String, &Layer> {
        let mut files: BTreeMap<String, &Layer> = BTreeMap::new();
        for image in &self.images {
            let layers = image.layers.iter().map(|layer| &*layer.layer);
            files.extend(image.chain_ids().iter().map(cache_id).zip(layers));
        }
        for container in &self.containers {
            let folder = mount_id(&container.id);
            let init = container.overlay.lowers().last().map(|init| (format!("{folder}-init"), &**init));
            files.extend(init);
            files.insert(folder, container.overlay.upper().layer());
        }
        files
    }
}

/// Copies what lies below one directory to below another, as a file system without a union shows it: a whiteout is a
/// device there and an opaque directory a directory. (A hard link becomes a file of its own.)
pub(super) fn copy(from: &Layer, below: &MergedPath, to: &mut Layer, at: &MergedPath) {
    for (path, ino) in from.walk().into_iter().filter(|(path, _)| below.is_ancestor_of(path)) {
        let mut inode = from.inode(ino).clone();
        (inode.links, inode.overlay, inode.is_plain) = (0, Default::default(), true);
        if inode.is_directory() {
            inode.kind = Kind::Directory(Default::default());
        }
        let place = path.components().skip(below.components().count()).fold(at.clone(), |at, name| at.join(name));
        to.put(&place, inode);
    }
}
