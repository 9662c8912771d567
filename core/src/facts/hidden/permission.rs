//! Files of the merged tree whose permissions deserve a look.

use serde::{Deserialize, Serialize};

use crate::{
    explore::capability::{self, FileCapabilities},
    tree::{InodeKind, UnionTree},
};

/// One path of the merged tree. What a layer below hides cannot be executed or written, so only what is seen counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Permission {
    pub reason: Reason,
    pub path: Vec<u8>,
    /// The layer the file comes from.
    pub layer: u32,
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// In the words of `getcap`, for [`Reason::Capabilities`].
    pub capabilities: Option<String>,
}

/// Most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An executable that runs as its owner, and that anybody may write.
    SetuidWritable,
    WorldWritable,
    /// A directory that anybody may write into, without the sticky bit that guards each one's files.
    WorldWritableDirectory,
    Setuid,
    Setgid,
    Capabilities,
}

const SETUID: u16 = 0o4000;
const SETGID: u16 = 0o2000;
const STICKY: u16 = 0o1000;
const GROUP_EXECUTE: u16 = 0o010;
const OTHERS_WRITE: u16 = 0o002;

/// Sorted by reason, then path. A path can stand in it more than once.
pub fn permissions(tree: &UnionTree) -> Vec<Permission> {
    let mut found = Vec::new();
    for view in tree.living() {
        let metadata = view.inode.metadata;
        let mode = metadata.mode;
        let mut add = |reason, capabilities| {
            found.push(Permission {
                reason,
                path: tree.paths().bytes(view.path),
                layer: view.inode.layer,
                mode,
                uid: metadata.uid,
                gid: metadata.gid,
                capabilities,
            });
        };
        match view.inode.kind {
            InodeKind::File { .. } => {
                let writable = mode & OTHERS_WRITE != 0;
                let setuid = mode & SETUID != 0;
                if setuid {
                    add(if writable { Reason::SetuidWritable } else { Reason::Setuid }, None);
                } else if writable {
                    add(Reason::WorldWritable, None);
                }
                // Without the right to execute, the bit once meant mandatory locking.
                if mode & SETGID != 0 && mode & GROUP_EXECUTE != 0 {
                    add(Reason::Setgid, None);
                }
                let value = tree.xattrs(&metadata).iter().find(|xattr| &*xattr.name == capability::XATTR);
                if let Some(xattr) = value {
                    let words = FileCapabilities::parse(&xattr.value).map(|capabilities| capabilities.to_string());
                    add(Reason::Capabilities, Some(words.unwrap_or_else(|| "?".into())));
                }
            }
            InodeKind::Directory if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 => {
                add(Reason::WorldWritableDirectory, None);
            }
            _ => {}
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{dir, file, symlink, tree, whiteout};

    #[test]
    fn what_deserves_a_look() {
        let tree = tree(&[
            &[
                file("bin/su", "").mode(0o4755),
                file("bin/wall", "").mode(0o2755),
                file("locked", "").mode(0o2644),
                file("bin/bad", "").mode(0o4777),
                file("etc/open", "").mode(0o666),
                dir("tmp").mode(0o1777),
                dir("srv").mode(0o777),
                symlink("link", "x").mode(0o777),
                file("gone", "").mode(0o4755),
                file("bin/ping", "").xattr("security.capability", "odd"),
            ],
            &[whiteout("gone")],
        ]);
        let found: Vec<String> = permissions(&tree)
            .into_iter()
            .map(|found| format!("{:?} {}", found.reason, String::from_utf8_lossy(&found.path)))
            .collect();
        assert_eq!(
            found,
            [
                "SetuidWritable bin/bad",
                "WorldWritable etc/open",
                "WorldWritableDirectory srv",
                "Setuid bin/su",
                "Setgid bin/wall",
                "Capabilities bin/ping",
            ]
        );
    }
}
