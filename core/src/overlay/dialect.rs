//! One model, two file systems' words: OverlayFS, and AUFS, which was Docker's first.
//!
//! Source: Documentation/filesystems/overlayfs.rst; aufs(5) ("Branch Syntax", "Whiteout"); docker's `graphdriver/aufs`.

use serde::{Deserialize, Serialize};

use super::{Layer, MergedPath, Mode, OverlayMount, mode::escape};

/// In whose words and on-disk forms a mount is shown. What operations do, is OverlayFS's in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Layers are directories: lowerdir, upperdir, workdir, merged.
    #[default]
    Overlay,
    /// Layers are branches, one of them writable.
    Aufs,
}

/// A name as it stands in the directory of the writable layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDisk {
    pub path: MergedPath,
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What it seems.
    Plain,
    /// OverlayFS: a character device 0/0 under the name that it hides.
    Device,
    /// OverlayFS: a directory with the attribute `trusted.overlay.opaque=y`.
    OpaqueAttribute,
    /// AUFS: an empty file `.wh.NAME` beside the name that it hides.
    WhiteoutFile,
    /// AUFS: an empty file `.wh..wh..opq` inside the directory.
    OpaqueFile,
}

impl Dialect {
    pub const ALL: [Self; 2] = [Self::Overlay, Self::Aufs];

    /// The part of the message catalogue's keys that tells the words apart.
    pub fn key(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Aufs => "aufs",
        }
    }

    /// The names in a layer's directory, as `ls -lR` on the host would find them, parents first.
    pub fn on_disk(self, layer: &Layer) -> Vec<OnDisk> {
        let mut out = Vec::new();
        let entry = |path, form| OnDisk { path, form };
        for (path, ino) in layer.walk() {
            let inode = layer.inode(ino);
            match self {
                Self::Overlay if inode.is_whiteout() => out.push(entry(path, Form::Device)),
                Self::Overlay if inode.overlay.opaque => out.push(entry(path, Form::OpaqueAttribute)),
                Self::Aufs if inode.is_whiteout() => {
                    let name = [b".wh.", &path.name()[..]].concat();
                    out.push(entry(path.parent().join(&name), Form::WhiteoutFile));
                }
                Self::Aufs if inode.overlay.opaque => {
                    out.push(entry(path.clone(), Form::Plain));
                    out.push(entry(path.join(b".wh..wh..opq"), Form::OpaqueFile));
                }
                _ => out.push(entry(path, Form::Plain)),
            }
        }
        out
    }

    /// The options of the mount. AUFS lists its branches top first too, the writable one (`rw`) before those that are
    /// read-only and may hold whiteouts (`ro+wh`); it has no workdir.
    pub fn options(self, mount: &OverlayMount) -> String {
        match self {
            Self::Overlay => mount.options(),
            Self::Aufs => {
                let branch = |directory: &String, may: &str| format!("{}={may}", escape(directory, &['\\', ':', ',']));
                let lowers = mount.lowerdirs.iter().map(|directory| branch(directory, "ro+wh"));
                let branches: Vec<String> = std::iter::once(branch(&mount.upperdir, "rw")).chain(lowers).collect();
                format!("br={},dio,xino=/dev/shm/aufs.xino", branches.join(":"))
            }
        }
    }

    /// The line that mounts it.
    pub fn mount_line(self, mount: &OverlayMount) -> String {
        match self {
            Self::Overlay => mount.to_string(),
            Self::Aufs => format!("mount -t aufs none -o {} {}", self.options(mount), mount.merged),
        }
    }

    /// The line by which `mount` lists it, seen at a directory.
    pub fn listed(self, mount: &OverlayMount, at: &str) -> String {
        let source = match self {
            Self::Overlay => "overlay",
            Self::Aufs => "none",
        };
        format!("{source} on {at} type {} (rw,relatime,{})", self.key(), self.options(mount))
    }

    /// Whether a mode can be said in this dialect: redirects, metacopy and the index are OverlayFS's alone.
    pub fn has(self, mode: Mode) -> bool {
        self == Self::Overlay || mode == Mode::Default
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::Inode;

    #[test]
    fn one_upper_layer_in_both_forms() {
        let mut layer = Layer::new();
        layer.put(&"/etc/motd".into(), Inode::whiteout());
        layer.put(&"/srv/new".into(), Inode::file(b"", 0o644));
        let srv = layer.find(&"/srv".into()).unwrap();
        layer.inode_mut(srv).overlay.opaque = true;
        let shown = |dialect: Dialect| -> Vec<String> {
            dialect.on_disk(&layer).iter().map(|entry| format!("{} {:?}", entry.path, entry.form)).collect()
        };
        assert_eq!(
            shown(Dialect::Overlay),
            ["/etc Plain", "/etc/motd Device", "/srv OpaqueAttribute", "/srv/new Plain"]
        );
        assert_eq!(
            shown(Dialect::Aufs),
            [
                "/etc Plain",
                "/etc/.wh.motd WhiteoutFile",
                "/srv Plain",
                "/srv/.wh..wh..opq OpaqueFile",
                "/srv/new Plain"
            ]
        );
    }

    #[test]
    fn the_writable_branch_comes_first() {
        let mount = OverlayMount {
            lowerdirs: vec!["/b/2".into(), "/b/1".into()],
            upperdir: "/u".into(),
            workdir: "/w".into(),
            merged: "/m".into(),
            mode: Mode::Default,
        };
        assert_eq!(
            Dialect::Aufs.mount_line(&mount),
            "mount -t aufs none -o br=/u=rw:/b/2=ro+wh:/b/1=ro+wh,dio,xino=/dev/shm/aufs.xino /m"
        );
    }
}
