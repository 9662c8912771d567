//! The lines around a secret, read again from the layer that stores it: a finding that can be opened is believed.

use serde::{Deserialize, Serialize};

use super::contents::{FileHead, Visitor};
use crate::display::harmless;

/// Lines before and after.
const AROUND: usize = 3;

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Line numbers from 1, and the lines, harmless.
    pub lines: Vec<(u32, String)>,
    /// Bytes of the file.
    pub size: u64,
}

/// A visitor that waits for one file and takes its lines around `line`.
#[derive(Clone, Debug)]
pub struct ProofOf {
    path: Vec<u8>,
    data_offset: u64,
    line: u32,
    limit: usize,
    pub found: Option<Proof>,
}

impl ProofOf {
    /// The file at `path` whose data is at `data_offset`; `limit` bytes of it are looked at.
    pub fn new(path: Vec<u8>, data_offset: u64, line: u32, limit: usize) -> Self {
        Self { path, data_offset, line, limit, found: None }
    }
}

impl Visitor for ProofOf {
    fn wants(&mut self, file: &FileHead<'_>) -> Option<usize> {
        (file.data_offset == self.data_offset && file.path == self.path).then_some(self.limit)
    }

    fn content(&mut self, file: &FileHead<'_>, bytes: &[u8]) {
        let at = (self.line as usize).saturating_sub(1);
        let first = at.saturating_sub(AROUND);
        let lines = bytes.split(|&b| b == b'\n').enumerate().skip(first).take(at - first + AROUND + 1);
        let lines = lines.map(|(number, line)| (number as u32 + 1, harmless(line))).collect();
        self.found = Some(Proof { lines, size: file.size });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{contents::Walk, testing},
        limits::Limits,
    };

    #[test]
    fn the_lines_around_it_are_shown_harmless() {
        let tar = testing::tar(&[("other", "x"), ("f", "1\n2\n3\n4\n5\u{1b}\n6\n7\n8\n9\n")]);
        let mut walk = Walk::new(ProofOf::new(b"f".to_vec(), 1_536, 5, 100), &Limits::default());
        walk.push(&tar);
        let proof = walk.into_visitor().found.unwrap();
        let lines: Vec<String> = proof.lines.iter().map(|(n, line)| format!("{n}:{line}")).collect();
        assert_eq!(lines, ["2:2", "3:3", "4:4", "5:5\\u{1b}", "6:6", "7:7", "8:8"]);
    }
}
