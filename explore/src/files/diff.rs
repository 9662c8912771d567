//! Two versions of a file, line by line.

use layerlab_core::display::harmless_text;
use similar::{ChangeTag, TextDiff};

use crate::protocol::tree::{DiffLine, DiffSign, Difference};

/// Versions up to this size are compared: finding the fewest changes takes the square of the lines that differ.
pub const COMPARED_BYTES: u64 = 256 << 10;
/// Lines of either version, for the same reason.
const COMPARED_LINES: usize = 8_000;
/// Equal lines that are kept around what differs.
const CONTEXT: usize = 3;

/// How `above` differs from `below`.
pub fn difference(below: &[u8], above: &[u8]) -> Difference {
    if below == above {
        return Difference::None;
    }
    let (Some(old), Some(new)) = (text(below), text(above)) else { return Difference::Binary };
    if old.lines().count().max(new.lines().count()) > COMPARED_LINES {
        return Difference::TooLarge { limit: COMPARED_BYTES };
    }
    let diff = TextDiff::from_lines(old, new);
    let number = |index: Option<usize>| index.map(|index| index as u32 + 1);
    let runs = diff.grouped_ops(CONTEXT).into_iter().map(|ops| {
        let changes = ops.iter().flat_map(|op| diff.iter_changes(op));
        changes
            .map(|change| DiffLine {
                sign: match change.tag() {
                    ChangeTag::Equal => DiffSign::Same,
                    ChangeTag::Delete => DiffSign::Removed,
                    ChangeTag::Insert => DiffSign::Added,
                },
                below: number(change.old_index()),
                above: number(change.new_index()),
                text: line(change.value()),
            })
            .collect()
    });
    Difference::Lines(runs.collect())
}

/// A line without its end, harmless, with its tabs as they are seen.
fn line(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\t').map(harmless_text).collect::<Vec<_>>().join("    ")
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_stand_with_their_neighbours_and_numbers() {
        let below = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let Difference::Lines(runs) = difference(below.as_bytes(), below.replace("5\n", "five\n").as_bytes()) else {
            panic!("these are texts");
        };
        let shown: Vec<String> = runs[0]
            .iter()
            .map(|line| format!("{:?} {:?} {:?} {}", line.sign, line.below, line.above, line.text))
            .collect();
        assert_eq!(runs.len(), 1);
        assert_eq!(shown[0], "Same Some(2) Some(2) 2");
        assert_eq!(shown[3..5], ["Removed Some(5) None 5", "Added None Some(5) five"]);
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        assert_eq!(difference(b"a", b"a"), Difference::None);
        assert_eq!(difference(b"a\0", b"b"), Difference::Binary);
        let many = "x\n".repeat(COMPARED_LINES + 1);
        assert_eq!(difference(many.as_bytes(), b"b"), Difference::TooLarge { limit: COMPARED_BYTES });
    }
}
