//! What each layer did to the packages: the databases of successive layers, compared.

use std::{cmp::Ordering, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{
    hidden::fate::{Effect, Marks},
    scan::LayerScan,
};
use crate::display::harmless;

mod apk;
mod dpkg;
mod version;

/// One installed package, as a database has it. Names are harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub manager: Manager,
    pub name: String,
    pub version: String,
    pub architecture: String,
    /// Bytes that the database says it takes when installed.
    pub size: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manager {
    Dpkg,
    Apk,
    Rpm,
}

/// What one layer did to the packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerPackages {
    /// Sorted by name, as all lists here are.
    pub added: Vec<Package>,
    pub removed: Vec<Package>,
    pub changed: Vec<Change>,
    /// Installed after the layer.
    pub installed: usize,
    pub notes: Vec<Note>,
}

/// The same package in another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub from: String,
    pub to: Package,
    /// Down for a downgrade.
    pub up: bool,
}

/// Something to know about a database itself. Paths are harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// The layer deleted the database: what was installed is no longer known, and its packages do not count as removed.
    Deleted { path: String },
    /// The database passes the bound: what is behind it was not read.
    Truncated { path: String },
    /// An rpm database is here. No library that runs in a browser reads its formats (Berkeley DB, ndb, SQLite), so it
    /// is recognised and not read.
    RpmNotRead { path: String },
}

/// The packages of a stack, layer by layer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packages {
    /// Base first, one for each layer.
    pub layers: Vec<LayerPackages>,
    /// What is installed in the end, sorted.
    pub installed: Vec<Package>,
}

/// Whether a path is of a package database, and is to be kept by a scan.
pub fn is_database(path: &[u8]) -> bool {
    kind(path).is_some()
}

fn kind(path: &[u8]) -> Option<Kind> {
    const APK: [&[u8]; 2] = [b"lib/apk/db/installed", b"usr/lib/apk/db/installed"];
    if path == b"var/lib/dpkg/status" {
        return Some(Kind::DpkgStatus);
    }
    if let Some(name) = path.strip_prefix(b"var/lib/dpkg/status.d/") {
        // Distroless images have a file a package, and beside it one of checksums.
        return (!name.ends_with(b".md5sums") && !name.contains(&b'/')).then_some(Kind::DpkgStatus);
    }
    if APK.contains(&path) {
        return Some(Kind::Apk);
    }
    is_rpm(path).then_some(Kind::Rpm)
}

/// Whether a path is of an rpm database; its name is enough, because its bytes are not read.
pub fn is_rpm(path: &[u8]) -> bool {
    let folders: [&[u8]; 2] = [b"var/lib/rpm/", b"usr/lib/sysimage/rpm/"];
    let names: [&[u8]; 3] = [b"Packages", b"Packages.db", b"rpmdb.sqlite"];
    folders.iter().any(|folder| path.strip_prefix(*folder).is_some_and(|name| names.contains(&name)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    DpkgStatus,
    Apk,
    Rpm,
}

type Installed = BTreeMap<(Manager, String, String), Package>;

/// Compares the databases of a stack, base first. A layer that is absent has no marks and no scan.
pub fn by_layer<'a>(stack: impl IntoIterator<Item = Option<(&'a Marks<'a>, &'a LayerScan)>>) -> Packages {
    // The packages of each database file that is there, by its path.
    let mut files: BTreeMap<Vec<u8>, Vec<Package>> = BTreeMap::new();
    let mut before = Installed::new();
    let mut out = Packages::default();
    for layer in stack {
        let mut report = LayerPackages::default();
        if let Some((marks, scan)) = layer {
            let touched = apply(&mut files, marks, scan, &mut report.notes);
            if touched {
                let after: Installed =
                    files.values().flatten().map(|package| (package.key(), package.clone())).collect();
                let deleted = report.notes.iter().any(|note| matches!(note, Note::Deleted { .. }));
                compare(&before, &after, deleted, &mut report);
                before = after;
            }
        }
        report.installed = before.len();
        out.layers.push(report);
    }
    out.installed = before.into_values().collect();
    out
}

/// Takes a layer's database files in; says whether anything changed.
fn apply(
    files: &mut BTreeMap<Vec<u8>, Vec<Package>>,
    marks: &Marks<'_>,
    scan: &LayerScan,
    notes: &mut Vec<Note>,
) -> bool {
    let mut touched = false;
    let gone: Vec<Vec<u8>> = files.keys().filter(|path| marks.effect(path) == Some(Effect::Deletes)).cloned().collect();
    for path in gone {
        files.remove(&path);
        touched = true;
        let is_status_d = path.starts_with(b"var/lib/dpkg/status.d/");
        if !is_status_d {
            notes.push(Note::Deleted { path: harmless(&path) });
        }
    }
    for (path, kept) in &scan.kept {
        let packages = match kind(path) {
            Some(Kind::DpkgStatus) => dpkg::parse(&kept.bytes),
            Some(Kind::Apk) => apk::parse(&kept.bytes),
            Some(Kind::Rpm) => {
                notes.push(Note::RpmNotRead { path: harmless(path) });
                continue;
            }
            None => continue,
        };
        if !kept.whole {
            notes.push(Note::Truncated { path: harmless(path) });
        }
        files.insert(path.clone(), packages);
        touched = true;
    }
    touched
}

fn compare(before: &Installed, after: &Installed, deleted: bool, report: &mut LayerPackages) {
    for (key, package) in after {
        match before.get(key) {
            None => report.added.push(package.clone()),
            Some(old) if old.version != package.version => {
                let up = version::compare(&old.version, &package.version) != Ordering::Greater;
                report.changed.push(Change { from: old.version.clone(), to: package.clone(), up });
            }
            Some(_) => {}
        }
    }
    if !deleted {
        report.removed = before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, p)| p.clone()).collect();
    }
}

impl Package {
    fn key(&self) -> (Manager, String, String) {
        (self.manager, self.name.clone(), self.architecture.clone())
    }
}

/// A text from a database, bounded and harmless.
fn value(bytes: &[u8]) -> String {
    harmless(bytes.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::testing::scan,
        tree::testing::{Item, changeset, file, opaque, whiteout},
    };

    fn status(packages: &[(&str, &str)]) -> String {
        let paragraph = |(name, version): &(&str, &str)| {
            format!("Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n\n")
        };
        packages.iter().map(paragraph).collect()
    }

    /// `+a 1 -b 2 c 1>2` for each layer.
    fn told(layers: &[Vec<(&str, String)>], markers: &[&[Item]]) -> Vec<String> {
        let changesets: Vec<_> = layers
            .iter()
            .zip(markers)
            .map(|(files, markers)| {
                let items: Vec<Item> =
                    files.iter().map(|(path, text)| file(path, text)).chain(markers.iter().cloned()).collect();
                changeset(&items)
            })
            .collect();
        let marks: Vec<_> = changesets.iter().map(Marks::new).collect();
        let scans: Vec<_> = layers
            .iter()
            .map(|files| scan(&files.iter().map(|(path, text)| (*path, text.as_str())).collect::<Vec<_>>()))
            .collect();
        let packages = by_layer(marks.iter().zip(&scans).map(Some));
        let line = |layer: &LayerPackages| {
            let mut words: Vec<String> = Vec::new();
            words.extend(layer.added.iter().map(|p| format!("+{} {}", p.name, p.version)));
            words.extend(layer.removed.iter().map(|p| format!("-{} {}", p.name, p.version)));
            words.extend(
                layer
                    .changed
                    .iter()
                    .map(|c| format!("{} {}{}{}", c.to.name, c.from, if c.up { "<" } else { ">" }, c.to.version)),
            );
            words.extend(layer.notes.iter().map(|note| format!("{note:?}")));
            format!("{} | {}", words.join(", "), layer.installed)
        };
        packages.layers.iter().map(line).collect()
    }

    const STATUS: &str = "var/lib/dpkg/status";

    #[test]
    fn layers_add_remove_and_upgrade() {
        let layers = [
            vec![(STATUS, status(&[("a", "1.0-1"), ("b", "2")]))],
            vec![(STATUS, status(&[("a", "1.0-10"), ("c", "3")]))],
            vec![("etc/motd", "x".to_owned())],
            vec![(STATUS, status(&[("a", "1.0~rc1"), ("c", "3")]))],
        ];
        assert_eq!(
            told(&layers, &[&[], &[], &[], &[]]),
            ["+a 1.0-1, +b 2 | 2", "+c 3, -b 2, a 1.0-1<1.0-10 | 2", " | 2", "a 1.0-10>1.0~rc1 | 2"]
        );
    }

    #[test]
    fn a_deleted_database_removes_no_package() {
        let layers = [vec![(STATUS, status(&[("a", "1")]))], vec![]];
        for marker in [whiteout("var/lib/dpkg"), opaque("var/lib"), whiteout(STATUS)] {
            assert_eq!(told(&layers, &[&[], &[marker]]), ["+a 1 | 1", "Deleted { path: \"var/lib/dpkg/status\" } | 0"]);
        }
    }

    #[test]
    fn distroless_has_a_file_a_package() {
        let one = |name: &str| format!("Package: {name}\nVersion: 1\nArchitecture: amd64\n");
        let layers = [
            vec![("var/lib/dpkg/status.d/base", one("base")), ("var/lib/dpkg/status.d/base.md5sums", "x".into())],
            vec![("var/lib/dpkg/status.d/libc6", one("libc6"))],
            vec![],
        ];
        assert_eq!(
            told(&layers, &[&[], &[], &[whiteout("var/lib/dpkg/status.d/base")]]),
            ["+base 1 | 1", "+libc6 1 | 2", "-base 1 | 1"]
        );
    }

    #[test]
    fn apk_and_rpm() {
        let apk = "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nI:634880\n\nP:zlib\nV:1.3_rc1-r0\nA:x86_64\n";
        let layers =
            [vec![("lib/apk/db/installed", apk.to_owned())], vec![("var/lib/rpm/rpmdb.sqlite", "x".to_owned())]];
        assert_eq!(
            told(&layers, &[&[], &[]]),
            ["+musl 1.2.4-r2, +zlib 1.3_rc1-r0 | 2", "RpmNotRead { path: \"var/lib/rpm/rpmdb.sqlite\" } | 2"]
        );
    }
}
