//! The content of files, reduced to a keyed hash while it passes.

use highway::{HighwayHash, HighwayHasher, Key};

use super::changeset::{ContentHash, ContentKey};

/// Hashes one file after the other. The holes of sparse files are hashed as zeros, so that they equal a dense copy,
/// up to a budget: a few bytes of tar can declare terabytes of holes.
#[derive(Debug)]
pub struct ContentHasher {
    key: Key,
    empty: ContentHash,
    hole_bytes_left: u64,
    current: Current,
}

#[derive(Debug)]
enum Current {
    /// A file without a byte, or nothing that has content.
    Empty,
    Dense(HighwayHasher),
    /// The zeros would pass the budget: where they are is hashed in their place.
    Mapped(HighwayHasher),
}

/// Whether a content hash equals that of the same content stored otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparable {
    Always,
    WithSameMap,
}

impl ContentHasher {
    /// `hole_bytes` bounds the zeros that are hashed for all files together.
    pub fn new(key: ContentKey, hole_bytes: u64) -> Self {
        let key = Key(key.0);
        Self {
            key,
            empty: ContentHash(HighwayHasher::new(key).finalize128()),
            hole_bytes_left: hole_bytes,
            current: Current::Empty,
        }
    }

    /// Starts a file of `size` bytes, of which `holes` are not stored.
    pub fn start(&mut self, size: u64, holes: u64) -> Comparable {
        if size == 0 {
            self.current = Current::Empty;
        } else if let Some(left) = self.hole_bytes_left.checked_sub(holes) {
            self.hole_bytes_left = left;
            self.current = Current::Dense(HighwayHasher::new(self.key));
        } else {
            // Under another key: no dense file may have the hash of a map.
            let [a, b, c, d] = self.key.0;
            let mut hasher = HighwayHasher::new(Key([!a, b, c, d]));
            hasher.append(&size.to_le_bytes());
            self.current = Current::Mapped(hasher);
            return Comparable::WithSameMap;
        }
        Comparable::Always
    }

    /// Passes over data that is no file's.
    pub fn start_ignored(&mut self) {
        self.current = Current::Empty;
    }

    pub fn data(&mut self, bytes: &[u8]) {
        match &mut self.current {
            Current::Empty => {}
            Current::Dense(hasher) | Current::Mapped(hasher) => hasher.append(bytes),
        }
    }

    /// So many zeros that are not stored.
    pub fn hole(&mut self, mut len: u64) {
        const ZEROS: [u8; 16 << 10] = [0; 16 << 10];
        match &mut self.current {
            Current::Empty => {}
            Current::Dense(hasher) => {
                while len > 0 {
                    let step = len.min(ZEROS.len() as u64);
                    hasher.append(&ZEROS[..step as usize]);
                    len -= step;
                }
            }
            Current::Mapped(hasher) => hasher.append(&len.to_le_bytes()),
        }
    }

    pub fn finish(&mut self) -> ContentHash {
        match std::mem::replace(&mut self.current, Current::Empty) {
            Current::Empty => self.empty,
            Current::Dense(hasher) | Current::Mapped(hasher) => ContentHash(hasher.finalize128()),
        }
    }
}
