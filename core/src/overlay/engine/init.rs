//! What an engine lays between image and container, and what it mounts over it.
//!
//! Source: moby, `daemon/initlayer/setup_unix.go` and `container/container_unix.go` ("NetworkMounts").

use std::sync::Arc;

use super::{Container, Engine};
use crate::overlay::{Inode, Layer, MergedPath, Mode, Op, Overlay, shell::BindMount};

/// Files that the engine writes for each container and mounts over the union.
const MOUNTED: [&str; 3] = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

/// The `-init` layer: read-only, above the image. It holds mount points, empty so that nothing of the host or of another
/// container can be committed by way of them.
pub(super) fn init_layer(image: &[Arc<Layer>]) -> Layer {
    let below = Overlay::new(image.to_vec(), Mode::Default);
    let mut layer = Layer::new();
    for directory in ["/dev/pts", "/dev/shm", "/proc", "/sys"] {
        if below.merged_at(&directory.into()).is_none() {
            layer.put(&directory.into(), Inode::directory(0o755));
        }
    }
    for file in ["/.dockerenv", "/dev/console"].into_iter().chain(MOUNTED) {
        layer.put(&file.into(), Inode::file(b"", 0o755));
    }
    layer.put(&"/etc/mtab".into(), Inode::symlink(b"/proc/mounts"));
    layer
}

impl Container {
    /// The files that are mounted over those of the init layer. Addresses are from the ranges for examples.
    pub(super) fn mount_own_files(&mut self) {
        let host = self.id.get(..12).unwrap_or(&self.id).to_string();
        let texts = [
            format!("{host}\n"),
            format!("127.0.0.1\tlocalhost\n192.0.2.2\t{host}\n"),
            "nameserver 192.0.2.1\n".to_string(),
        ];
        for (at, text) in MOUNTED.iter().zip(texts) {
            let at = MergedPath::from(*at);
            let inner = MergedPath::root().join(&at.name());
            let mut layer = Layer::new();
            layer.put(&inner, Inode::file(text.as_bytes(), 0o644));
            let tree = Overlay::with_upper(Vec::new(), layer, Mode::Default);
            self.mounts.push(BindMount { at, tree, inner, volume: None });
        }
    }
}

impl Engine {
    /// Mounts a volume, which is made if there is none of the name, at a directory of a container. As Docker does, the
    /// mount point is made in the writable layer where the image has none.
    pub(super) fn mount_volume(&mut self, container: usize, volume: &str, at: &str) -> bool {
        let is_new = !self.volumes.contains_key(volume);
        let tree = self
            .volumes
            .entry(volume.into())
            .or_insert_with(|| Overlay::with_upper(Vec::new(), Layer::new(), Mode::Default));
        let tree = tree.clone();
        let at = MergedPath::from(at);
        let container = &mut self.containers[container];
        for directory in at.ancestors().into_iter().skip(1).chain([at.clone()]) {
            let path = [b"/", directory.bytes()].concat();
            // A directory that is there already is as good.
            let _ = container.overlay.apply(&Op::Mkdir { path, mode: 0o755 });
        }
        container.mounts.push(BindMount { at, tree, inner: MergedPath::root(), volume: Some(volume.into()) });
        is_new
    }

    /// Volumes by name: what of them is written is in no layer.
    pub fn volumes(&self) -> impl Iterator<Item = (&str, &Layer)> {
        self.volumes.iter().map(|(name, tree)| (&name[..], tree.upper().layer()))
    }
}
