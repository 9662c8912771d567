//! What one pass over a layer's files keeps for the facts: the few files that are read whole, and the secrets found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    contents::{FileHead, Visitor},
    distribution, hidden, packages,
};
use crate::limits::Limits;

/// The scan of one layer; a [`Visitor`] that gathers while the layer passes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerScan {
    /// Files kept whole, by path; of a path that is twice in the layer the last one, as in the tree.
    pub kept: BTreeMap<Vec<u8>, Kept>,
    pub hits: Vec<hidden::Hit>,
    /// Hits beyond the bound.
    pub more_hits: usize,
    /// Files looked through for secrets, and their bytes.
    pub files: u64,
    pub bytes: u64,
    /// Files that are larger than what is looked through.
    pub too_large: u64,
    bounds: Bounds,
}

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub bytes: Vec<u8>,
    /// False where the file passes the bound and only its start is here.
    pub whole: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Bounds {
    file: usize,
    database: usize,
    secrets: usize,
}

impl LayerScan {
    pub fn new(limits: &Limits) -> Self {
        let bounds =
            Bounds { file: limits.fact_file_bytes, database: limits.package_database_bytes, secrets: limits.secrets };
        Self { bounds, ..Self::default() }
    }

    /// A kept file's bytes.
    pub fn read(&self, path: &[u8]) -> Option<&[u8]> {
        self.kept.get(path).map(|kept| kept.bytes.as_slice())
    }

    fn keep(&mut self, file: &FileHead<'_>, bytes: &[u8]) {
        let whole = bytes.len() as u64 == file.size;
        self.kept.insert(file.path.to_vec(), Kept { bytes: bytes.to_vec(), whole });
    }
}

impl Visitor for LayerScan {
    fn wants(&mut self, file: &FileHead<'_>) -> Option<usize> {
        if packages::is_rpm(file.path) {
            // Its name says that it is there; its bytes cannot be read.
            return Some(0);
        }
        if packages::is_database(file.path) {
            return Some(self.bounds.database);
        }
        if file.size > self.bounds.file as u64 {
            self.too_large += 1;
            return None;
        }
        (file.size > 0).then_some(self.bounds.file)
    }

    fn content(&mut self, file: &FileHead<'_>, bytes: &[u8]) {
        if packages::is_database(file.path) {
            return self.keep(file, bytes);
        }
        if distribution::is_os_release(file.path) {
            self.keep(file, bytes);
        }
        if !hidden::is_text(bytes) {
            return;
        }
        self.files += 1;
        self.bytes += bytes.len() as u64;
        for found in hidden::find(file.path, bytes) {
            if self.hits.len() < self.bounds.secrets {
                self.hits.push(hidden::Hit { path: file.path.to_vec(), data_offset: file.data_offset, secret: found });
            } else {
                self.more_hits += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing;

    #[test]
    fn the_last_of_a_path_is_kept_and_large_files_are_counted() {
        let limits = Limits { fact_file_bytes: 100, secrets: 1, ..Limits::default() };
        let key = format!("a=AKIA{}\n", "Q7XN4MZ2RTLP5WYV");
        let tar = testing::tar(&[
            ("etc/os-release", "ID=one"),
            ("etc/os-release", "ID=two"),
            ("big", &"x".repeat(101)),
            ("binary", "\0AKIAQ7XN4MZ2RTLP5WYV"),
            ("one", &key),
            ("two", &key),
        ]);
        for chunk in [1, 7, 512, tar.len()] {
            let mut walk = crate::facts::contents::Walk::new(LayerScan::new(&limits), &limits);
            tar.chunks(chunk).for_each(|part| walk.push(part));
            let scan = walk.into_visitor();
            assert_eq!(scan.read(b"etc/os-release"), Some(&b"ID=two"[..]));
            assert_eq!((scan.too_large, scan.hits.len(), scan.more_hits), (1, 1, 1), "chunks of {chunk}");
        }
    }

    #[test]
    fn a_compressed_layer_is_walked_and_damage_ends_the_walk() {
        use std::io::Write;
        let limits = Limits::default();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&testing::tar(&[("etc/os-release", "ID=x")])).unwrap();
        let mut stored = gzip.finish().unwrap();
        let read = |stored: &[u8]| {
            let mut walk = crate::facts::contents::LayerWalk::new(stored, LayerScan::new(&limits), &limits).unwrap();
            while walk.step().unwrap() {}
            walk.into_visitor()
        };
        assert_eq!(read(&stored).read(b"etc/os-release"), Some(&b"ID=x"[..]));
        stored.truncate(40);
        assert_eq!(read(&stored).read(b"etc/os-release"), None);
    }
}
