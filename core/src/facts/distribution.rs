//! The distribution: os-release, as a process in the merged tree would read it.
//!
//! Source: os-release(5).

use serde::{Deserialize, Serialize};

use crate::{
    display::harmless,
    path::{PathId, clamp},
    tree::{InodeKind, UnionTree},
};

/// What os-release says. Values are harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    pub id: Option<String>,
    pub id_like: Option<String>,
    pub name: Option<String>,
    pub pretty_name: Option<String>,
    pub version_id: Option<String>,
    pub codename: Option<String>,
    pub variant: Option<String>,
    /// The path it was read from, after symbolic links, and the layer of its bytes.
    pub path: String,
    pub layer: u32,
}

/// In the order in which os-release(5) has them looked up.
const PATHS: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];
/// Symbolic links followed before a look-up gives up, as Linux does.
const HOPS: usize = 40;

/// Reads the distribution of a merged tree. `read` gives a file of a layer by its path.
pub fn find<'s>(tree: &UnionTree, read: impl Fn(u32, &[u8]) -> Option<&'s [u8]>) -> Option<Distribution> {
    PATHS.iter().find_map(|path| {
        let at = follow(tree, path.as_bytes())?;
        let view = tree.get(at)?;
        let path = tree.paths().bytes(at);
        let layer = view.inode.layer;
        let bytes = read(layer, &path)?;
        Some(Distribution { path: harmless(&path), layer, ..Distribution::parse(bytes) })
    })
}

impl Distribution {
    /// Reads `NAME=value` lines, quoted as a shell would have them.
    pub fn parse(text: &[u8]) -> Self {
        let mut out = Self::default();
        for line in text.split(|&b| b == b'\n') {
            let line = line.trim_ascii();
            let Some(equals) = line.iter().position(|&b| b == b'=') else { continue };
            let value = unquoted(&line[equals + 1..]);
            let field = match &line[..equals] {
                b"ID" => &mut out.id,
                b"ID_LIKE" => &mut out.id_like,
                b"NAME" => &mut out.name,
                b"PRETTY_NAME" => &mut out.pretty_name,
                b"VERSION_ID" => &mut out.version_id,
                b"VERSION_CODENAME" => &mut out.codename,
                b"VARIANT" => &mut out.variant,
                _ => continue,
            };
            *field = Some(value).filter(|value| !value.is_empty());
        }
        out
    }

    /// The image of that distribution on Docker Hub, as a FROM names it; `None` where it is not known to be one.
    pub fn image_name(&self) -> Option<String> {
        let id = self.id.as_deref()?;
        let version = self.version_id.as_deref();
        let major = version.map(|version| version.split('.').next().unwrap_or(version));
        let (name, version) = match id {
            "alpine" | "debian" | "ubuntu" | "fedora" | "photon" | "almalinux" | "mageia" | "clearlinux" => {
                (id, version)
            }
            "rocky" => ("rockylinux/rockylinux", version),
            "ol" => ("oraclelinux", version),
            "amzn" => ("amazonlinux", version),
            "rhel" => (
                match major? {
                    "8" => "redhat/ubi8",
                    "9" => "redhat/ubi9",
                    "10" => "redhat/ubi10",
                    _ => return None,
                },
                version,
            ),
            "opensuse-leap" => ("opensuse/leap", version),
            "opensuse-tumbleweed" => ("opensuse/tumbleweed", None),
            "arch" => ("archlinux", None),
            "wolfi" => ("cgr.dev/chainguard/wolfi-base", None),
            "centos" => ("centos", version),
            _ => return None,
        };
        Some(match version {
            Some(version) => format!("{name}:{version}"),
            None => name.to_owned(),
        })
    }

    /// The name for people.
    pub fn title(&self) -> Option<&str> {
        self.pretty_name.as_deref().or(self.name.as_deref()).or(self.id.as_deref())
    }
}

/// Follows `path` through the symbolic links of a merged tree to what is no link; clamped at the root, as in a
/// container.
pub fn follow(tree: &UnionTree, path: &[u8]) -> Option<PathId> {
    let mut rest: Vec<Vec<u8>> = components(path);
    let mut at = PathId::ROOT;
    let mut hops = 0;
    while let Some(name) = rest.pop() {
        if name == b".." {
            at = tree.paths().parent(at);
            continue;
        }
        let child = tree.paths().find_child(at, &name)?;
        let view = tree.get(child)?;
        let InodeKind::Symlink { target } = view.inode.kind else {
            at = child;
            continue;
        };
        hops += 1;
        if hops > HOPS {
            return None;
        }
        let target = tree.target(target);
        if target.starts_with(b"/") {
            at = PathId::ROOT;
        }
        rest.extend(components(target));
    }
    Some(at)
}

/// Last first, so that the next one is popped. `..` stays: what it means depends on the links before it.
fn components(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|&b| b == b'/').filter(|part| !matches!(*part, b"" | b"."));
    parts.rev().map(<[u8]>::to_vec).collect()
}

fn unquoted(value: &[u8]) -> String {
    let quote = value.first().copied().filter(|b| matches!(b, b'"' | b'\''));
    let inside = match quote {
        Some(quote) => value[1..].strip_suffix(&[quote]).unwrap_or(&value[1..]),
        None => value,
    };
    let mut plain = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter().copied();
    while let Some(b) = bytes.next() {
        match b {
            b'\\' if quote == Some(b'"') => plain.extend(bytes.next()),
            b => plain.push(b),
        }
    }
    harmless(&plain)
}

/// Whether a path may be an os-release: distributions keep it elsewhere too and link to it.
pub fn is_os_release(path: &[u8]) -> bool {
    clamp(path).components.last().is_some_and(|name| name.ends_with(b"os-release"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{dir, file, link, symlink, tree, whiteout};

    const TEXT: &[u8] =
        b"NAME=Debian\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian \\\"12\\\"\"\n# no\nID_LIKE=''\n";

    #[test]
    fn values_are_unquoted() {
        let found = Distribution::parse(TEXT);
        assert_eq!(found.title(), Some("Debian \"12\""));
        assert_eq!((found.id.as_deref(), found.id_like), (Some("debian"), None));
        assert_eq!(Distribution::parse(TEXT).image_name().unwrap(), "debian:12");
        assert_eq!(Distribution::parse(b"ID=\x1b[2J\xff").id.as_deref(), Some("\\u{1b}[2J\\xff"));
        assert_eq!(Distribution::parse(b"ID=nano").image_name(), None);
    }

    #[test]
    fn links_are_followed_in_the_merged_tree() {
        let base = [
            dir("usr"),
            symlink("lib", "usr/lib"),
            file("usr/lib/os-release", "x"),
            symlink("etc/os-release", "../lib/os-release"),
        ];
        let merged = tree(&[&base, &[file("other", "")]]);
        let read = |layer, path: &[u8]| (layer == 0 && path == b"usr/lib/os-release").then_some(TEXT);
        let found = find(&merged, read).unwrap();
        assert_eq!((found.path.as_str(), found.layer), ("usr/lib/os-release", 0));
        assert_eq!(find(&tree(&[&base, &[whiteout("usr/lib/os-release")]]), read), None);
    }

    #[test]
    fn a_circle_of_links_ends() {
        let merged = tree(&[&[symlink("etc/os-release", "b"), symlink("etc/b", "os-release"), link("x", "etc/b")]]);
        assert_eq!(follow(&merged, b"etc/os-release"), None);
        assert_eq!(follow(&merged, b"../../etc/../etc/x/.."), None);
        assert_eq!(follow(&merged, b"etc/../.."), Some(PathId::ROOT));
    }
}
