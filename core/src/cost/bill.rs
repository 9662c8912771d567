//! A ledger, added up: by cause, layer, directory, instruction or fix. Every way of adding gives the same sum.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::fix::{Action, Fix};
use crate::report::{Cause, Efficiency, LedgerEntry};

/// What the rows of a ledger are added up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum By {
    Cause,
    /// The layer that stores the bytes.
    Layer,
    /// The directories and files directly below a directory, as the ledger writes it; the root is empty.
    Directory(String),
    /// The layer that took the bytes out of sight, and so its instruction.
    Instruction,
    Fix,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Key {
    Cause(Cause),
    Layer(u64),
    /// A path; one that has more below it ends in `/`.
    Path(String),
    Instruction {
        layer: u64,
        text: Option<String>,
    },
    Fix {
        action: Action,
        layer: u64,
    },
    /// Rows that the bound on the ledger left out, or that are not below the directory.
    Others,
}

/// One sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub key: Key,
    pub rows: u64,
    pub bytes: u64,
    /// The fix that saves most of it, and what it saves of it; none where the rows were left out.
    pub fix: Option<Fix>,
}

/// The lines, largest first, then by key; what the ledger left out comes last.
pub fn bill(efficiency: &Efficiency, by: &By) -> Vec<Line> {
    let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
    for row in &efficiency.ledger {
        sums.entry(key(row, by)).or_default().add(row);
    }
    let rest = efficiency.ledger_rest;
    if *by == By::Cause {
        // The causes are of all rows, kept or not.
        for (&cause, &bytes) in &efficiency.causes {
            if bytes > 0 || sums.contains_key(&Key::Cause(cause)) {
                sums.entry(Key::Cause(cause)).or_default().bytes = bytes;
            }
        }
    } else if rest.rows > 0 {
        let others = sums.entry(Key::Others).or_default();
        others.rows += rest.rows;
        others.bytes = others.bytes.saturating_add(rest.bytes);
    }
    let mut lines: Vec<Line> = sums.into_iter().map(|(key, sum)| sum.line(key)).collect();
    lines.sort_by_key(|line| (line.key == Key::Others, Reverse(line.bytes)));
    lines
}

/// Whether a row of the ledger is in a line's sum.
pub fn holds(line: &Key, row: &LedgerEntry, by: &By) -> bool {
    key(row, by) == *line
}

fn key(row: &LedgerEntry, by: &By) -> Key {
    match by {
        By::Cause => Key::Cause(row.cause),
        By::Layer => Key::Layer(row.layer),
        By::Instruction => Key::Instruction { layer: row.by_layer, text: row.by_instruction.clone() },
        By::Fix => Key::Fix { action: row.fix.action, layer: row.fix.layer },
        By::Directory(directory) => child_of(directory, &row.path).map_or(Key::Others, Key::Path),
    }
}

/// The part of `path` that ends one component below `directory`.
fn child_of(directory: &str, path: &str) -> Option<String> {
    let below = if directory.is_empty() { path } else { path.strip_prefix(directory)?.strip_prefix('/')? };
    let start = path.len() - below.len();
    Some(match below.find('/') {
        // The root is written as a slash.
        Some(0) | None => path.into(),
        Some(end) => path[..=start + end].into(),
    })
}

#[derive(Default)]
struct Sum {
    rows: u64,
    bytes: u64,
    fixes: BTreeMap<(Action, u64), u64>,
}

impl Sum {
    fn add(&mut self, row: &LedgerEntry) {
        self.rows += 1;
        self.bytes = self.bytes.saturating_add(row.bytes);
        let saved = self.fixes.entry((row.fix.action, row.fix.layer)).or_default();
        *saved = saved.saturating_add(row.fix.saves);
    }

    fn line(self, key: Key) -> Line {
        let largest = self.fixes.into_iter().min_by_key(|&(fix, saves)| (Reverse(saves), fix));
        let fix = largest.map(|((action, layer), saves)| Fix { action, layer, saves });
        Line { key, rows: self.rows, bytes: self.bytes, fix }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        limits::Limits,
        report::testing::{archive, image, layer, reading},
        tree::testing::{Item, dir, file, opaque, whiteout},
    };

    fn efficiency(layers: &[&[Item]], limits: &Limits) -> (Efficiency, u64, u64) {
        let readings: Vec<_> =
            layers.iter().enumerate().map(|(index, items)| reading(&index.to_string(), items)).collect();
        let places = readings.iter().enumerate().map(|(index, reading)| layer(index as u32, &reading.summary));
        let archive = archive(vec![image(places.collect())]);
        let readings = readings
            .into_iter()
            .enumerate()
            .map(|(index, reading)| (crate::archive::BlobId(index as u32), Ok(reading)));
        let report =
            crate::report::assemble(&archive, "x.tar", 0, crate::archive::Outer::None, &readings.collect(), limits);
        let image = report.images.into_iter().next().unwrap();
        (image.efficiency.unwrap(), image.shadowed_bytes.unwrap(), image.merged.unwrap().bytes)
    }

    fn text(lines: &[Line]) -> Vec<String> {
        let line = |line: &Line| {
            let fix = line.fix.map_or("-".into(), |fix| format!("{fix}, {}", fix.saves));
            format!("{:?} {}x{}: {fix}", line.key, line.rows, line.bytes)
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_ledger_is_added_up_by_what_is_asked() {
        let (efficiency, ..) = efficiency(
            &[
                &[file("srv/a/x", "1234"), file("srv/a/y", "12"), file("srv/b", "123"), file("top", "1")],
                &[file("srv/a/x", "4321"), whiteout("srv/b"), whiteout("top")],
            ],
            &Limits::default(),
        );
        assert_eq!(
            text(&bill(&efficiency, &By::Cause)),
            [
                "Cause(Overwritten) 1x4: join with layer 1's instruction, 4",
                "Cause(Deleted) 2x4: remove it in layer 1's own instruction, 4",
            ]
        );
        assert_eq!(
            text(&bill(&efficiency, &By::Directory(String::new()))),
            [
                "Path(\"srv/\") 2x7: join with layer 1's instruction, 4",
                "Path(\"top\") 1x1: remove it in layer 1's own instruction, 1",
            ]
        );
        assert_eq!(
            text(&bill(&efficiency, &By::Directory("srv".into()))),
            [
                "Path(\"srv/a/\") 1x4: join with layer 1's instruction, 4",
                "Path(\"srv/b\") 1x3: remove it in layer 1's own instruction, 3",
                "Others 1x1: remove it in layer 1's own instruction, 1",
            ]
        );
    }

    fn any_layer() -> impl Strategy<Value = Vec<Item>> {
        let name = prop::sample::select(vec!["a", "tmp/a", "tmp/b", "d/a", "d/b", "d/e/a", "var/log/x"]);
        let item = prop_oneof![
            4 => (name.clone(), "[xy]{0,3}").prop_map(|(path, content)| file(path, &content)),
            1 => (name.clone(), "[xy]{0,3}").prop_map(|(path, content)| file(path, &content).mode(0o600)),
            1 => Just(dir("d")),
            2 => name.prop_map(whiteout),
            1 => prop::sample::select(vec!["d", "tmp"]).prop_map(opaque),
        ];
        prop::collection::vec(item, 0..8)
    }

    proptest! {
        #[test]
        fn every_way_of_adding_up_gives_the_shadowed_bytes_and_no_fix_saves_more(
            layers in prop::collection::vec(any_layer(), 0..5), rows in 1_usize..20,
        ) {
            let layers: Vec<&[Item]> = layers.iter().map(Vec::as_slice).collect();
            let limits = Limits { report_rows: rows, ..Limits::default() };
            let (efficiency, shadowed, visible) = efficiency(&layers, &limits);
            for by in [By::Cause, By::Layer, By::Instruction, By::Fix, By::Directory(String::new()), By::Directory("d".into())] {
                let lines = bill(&efficiency, &by);
                prop_assert_eq!(lines.iter().map(|line| line.bytes).sum::<u64>(), shadowed, "{:?}", by);
                for line in &lines {
                    prop_assert!(line.fix.is_none_or(|fix| fix.saves <= line.bytes), "{:?}", line);
                }
            }
            let saved: u64 = efficiency.ledger.iter().map(|row| row.fix.saves).sum();
            prop_assert_eq!(saved + efficiency.ledger_rest.bytes, shadowed);
            let leftovers: u64 = efficiency.leftovers.iter().map(|row| row.bytes).sum();
            prop_assert!(leftovers + efficiency.leftovers_rest.bytes <= visible);
        }
    }
}
