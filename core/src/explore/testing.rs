//! Stacks written down as lists of paths, and readings as lists of lines.

use std::rc::Rc;

use super::{Change, Reading, Timeline, TreeView, compare::Comparison, row::Set};
use crate::{
    layer::changeset::Changeset,
    limits::Limits,
    path::{PathId, clamp},
    tree::testing::{Item, changeset, regular_bytes},
};

pub fn timeline(layers: &[&[Item]]) -> Timeline {
    let changesets: Vec<Changeset> = layers.iter().map(|items| changeset(items)).collect();
    Timeline::new(changesets.iter().map(|changeset| (changeset, regular_bytes(changeset))), &Limits::default())
}

pub fn view(layers: &[&[Item]], reading: Reading) -> TreeView {
    TreeView::new(Rc::new(timeline(layers)), reading)
}

pub fn find(view: &TreeView, path: &str) -> PathId {
    view.timeline().paths().find(clamp(path.as_bytes()).components).unwrap()
}

/// The living paths at a height, sorted.
pub fn lines_at(timeline: &Timeline, height: u32) -> Vec<String> {
    let living = timeline.paths().ids().filter(|&path| timeline.at(path, height).is_some());
    let mut lines: Vec<String> = living.map(|path| timeline.paths().display(path)).collect();
    lines.sort();
    lines
}

/// A line a row: sign, name, `>` where it is folded, size.
pub fn lines(view: &TreeView) -> Vec<String> {
    let line = |row: super::Row| {
        let indent = "  ".repeat(row.depth as usize);
        let folded = if row.expandable && !row.expanded { ">" } else { "" };
        let target = row.target.map(|target| format!(" -> {target}")).unwrap_or_default();
        let sign = row.change.sign();
        format!("{indent}{sign} {}{folded}{target} {}", row.name, row.size)
    };
    view.rows(0..usize::MAX).into_iter().map(line).collect()
}

/// Sign, path, size and contribution of every row, unfolded, in the order of their names.
#[track_caller]
pub fn assert_reading(timeline: &Timeline, reading: Reading, expected: &[&str]) {
    let mut view = TreeView::new(Rc::new(timeline.clone()), reading);
    view.expand_all();
    let shown: Vec<String> = view
        .rows(0..usize::MAX)
        .iter()
        .map(|row| {
            let path = timeline.paths().display(row.path);
            format!("{} {path} {} {:+}", row.change.sign(), row.size, row.contribution)
        })
        .collect();
    assert_eq!(shown, expected);
    // What is shown by default is a choice among what is there.
    let comparison = Comparison::new(timeline, reading);
    let changes: Set<Change> = reading.changes();
    let there =
        comparison.cells.iter().skip(1).filter(|cell| cell.change.is_some_and(|change| changes.contains(change)));
    assert!(there.count() <= shown.len());
}
