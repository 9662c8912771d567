//! SHA-256 over a tree's sorted paths, without a list of them.

use super::{order::compare_names, union::UnionTree};
use crate::{
    digest::{Algorithm, Hasher},
    path::PathId,
};

/// What [`UnionTree::paths_sha256`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Lower-case hex; `None` where the listing would have passed the bound.
    pub sha256: Option<String>,
    /// Bytes that were listed, newlines included.
    pub bytes: u64,
}

impl UnionTree {
    /// SHA-256 over all full paths, sorted by their bytes and joined by newlines (none at the end).
    ///
    /// A directory's subtree does not follow its own name at once: `a-b` stands between `a` and `a/b`. So each
    /// directory is walked in the order of its keys, `name` for a path and `name/` for what is below it.
    pub fn paths_sha256(&self, max_bytes: u64) -> Listing {
        let mut sink = Sink { hasher: Hasher::new(&Algorithm::Sha256), buffer: Vec::new(), bytes: 0 };
        let mut prefix: Vec<u8> = Vec::new();
        let mut frames = vec![Frame { keys: self.keys(PathId::ROOT), prefix_len: 0 }];
        while let Some(frame) = frames.last_mut() {
            prefix.truncate(frame.prefix_len);
            let Some(key) = frame.keys.pop() else {
                frames.pop();
                continue;
            };
            prefix.extend_from_slice(self.paths().name(key.path));
            if key.below {
                prefix.push(b'/');
                frames.push(Frame { keys: self.keys(key.path), prefix_len: prefix.len() });
            } else {
                sink.line(&prefix);
                if sink.bytes > max_bytes {
                    return Listing { sha256: None, bytes: sink.bytes };
                }
            }
        }
        Listing { bytes: sink.bytes, sha256: sink.finish() }
    }

    /// The keys of one directory, last first.
    fn keys(&self, directory: PathId) -> Vec<Key> {
        let mut keys = Vec::new();
        for path in self.children(directory) {
            keys.push(Key { path, below: false });
            if self.has_children(path) {
                keys.push(Key { path, below: true });
            }
        }
        let name = |key: &Key| (self.paths().name(key.path), key.below);
        keys.sort_unstable_by(|a, b| compare_names(name(b), name(a)));
        keys
    }
}

struct Frame {
    keys: Vec<Key>,
    prefix_len: usize,
}

struct Key {
    path: PathId,
    /// What is below the path, and not the path itself.
    below: bool,
}

/// Hashes lines in pieces that are large enough not to be felt.
struct Sink {
    hasher: Option<Hasher>,
    buffer: Vec<u8>,
    bytes: u64,
}

impl Sink {
    const PIECE: usize = 1 << 16;

    fn line(&mut self, path: &[u8]) {
        if self.bytes > 0 {
            self.buffer.push(b'\n');
            self.bytes += 1;
        }
        self.buffer.extend_from_slice(path);
        self.bytes += path.len() as u64;
        if self.buffer.len() >= Self::PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&self.buffer);
        }
        self.buffer.clear();
    }

    fn finish(mut self) -> Option<String> {
        self.flush();
        self.hasher.map(|hasher| hasher.finish().encoded().into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dir, file, tree};
    use crate::digest::Digest;

    #[test]
    fn the_listing_is_that_of_the_sorted_paths() {
        let tree =
            tree(&[&[dir("a"), file("a/b", ""), file("a-b", ""), file("a.b", ""), file("a/b-c", ""), dir("ab")]]);
        let sorted = "a\na-b\na.b\na/b\na/b-c\nab";
        let listing = tree.paths_sha256(1 << 20);
        assert_eq!(listing.sha256.as_deref(), Some(Digest::sha256(sorted.as_bytes()).encoded()));
        assert_eq!(listing.bytes, sorted.len() as u64);
    }

    #[test]
    fn an_empty_tree_is_the_hash_of_nothing() {
        assert_eq!(tree(&[]).paths_sha256(0).sha256.as_deref(), Some(Digest::sha256(b"").encoded()));
    }

    #[test]
    fn a_listing_past_its_bound_is_none() {
        assert_eq!(tree(&[&[file("long", ""), file("longer", "")]]).paths_sha256(10).sha256, None);
    }
}
