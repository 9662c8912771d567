//! A reading with what a person does to it: folded, sorted, filtered and searched rows, by the window.

use std::{collections::HashMap, ops::Range, rc::Rc};

use serde::{Deserialize, Serialize};

use super::{
    compare::Comparison,
    filter::{Filter, FilterError},
    order::{Keys, shown_size},
    reading::Reading,
    row::{Change, Kind, Row},
    search::{Direction, Hit, Hits},
    timeline::Timeline,
};
use crate::{display::harmless, path::PathId, tree::InodeKind};

pub use super::order::{Column, Sort};

/// The tree of one reading. It holds some tens of bytes for each path of the timeline; rows are made when asked.
#[derive(Clone, Debug)]
pub struct TreeView {
    timeline: Rc<Timeline>,
    reading: Reading,
    comparison: Comparison,
    filter: Filter,
    sort: Sort,
    flat: bool,
    /// By path.
    expanded: Vec<bool>,
    matched: Vec<bool>,
    shown: Vec<bool>,
    sums: Vec<(u64, i64)>,
    files: Vec<u32>,
    /// The shown children of directories, sorted; emptied when what is shown or the order changes.
    sorted: HashMap<PathId, Rc<[PathId]>>,
    lines: Vec<Line>,
    hits: Option<Hits>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    path: PathId,
    depth: u32,
}

/// A reading in figures: what all its paths come to, filtered or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Paths by change.
    pub changes: Vec<(Change, u64)>,
    /// Bytes of the state that is shown, and their change.
    pub bytes: u64,
    pub contribution: i64,
    /// Paths that the filter leaves, directories that are shown for what is below them not counted.
    pub matched: u64,
    /// Bytes and contribution of those.
    pub matched_bytes: u64,
    pub matched_contribution: i64,
}

impl TreeView {
    /// Opens a reading, all folded, with the changes that [`Reading::changes`] names.
    pub fn new(timeline: Rc<Timeline>, reading: Reading) -> Self {
        let paths = timeline.paths().len();
        let mut view = Self {
            comparison: Comparison::new(&timeline, reading),
            filter: Filter::of_changes(reading.changes()),
            reading,
            sort: Sort::default(),
            flat: false,
            expanded: vec![false; paths],
            matched: Vec::new(),
            shown: Vec::new(),
            sums: Vec::new(),
            files: Vec::new(),
            sorted: HashMap::new(),
            lines: Vec::new(),
            hits: None,
            timeline,
        };
        let changes = view.filter.changes;
        view.matched = view
            .comparison
            .cells
            .iter()
            .map(|cell| cell.change.is_some_and(|change| changes.contains(change)))
            .collect();
        view.matched[PathId::ROOT.index()] = false;
        view.sum();
        view.lay_out();
        view
    }

    pub fn timeline(&self) -> &Rc<Timeline> {
        &self.timeline
    }

    pub fn reading(&self) -> Reading {
        self.reading
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Whether files are listed without their directories.
    pub fn is_flat(&self) -> bool {
        self.flat
    }

    /// Opens another reading of the same stack; folding, filter and order stay, the changes shown are the reading's.
    pub fn read(&mut self, reading: Reading) -> Result<(), FilterError> {
        let filter = Filter { changes: reading.changes(), ..self.filter.clone() };
        self.comparison = Comparison::new(&self.timeline, reading);
        self.reading = reading;
        self.set_filter(filter)
    }

    /// Shows what meets `filter`, and the directories above it. A pattern that is none changes nothing.
    pub fn set_filter(&mut self, filter: Filter) -> Result<(), FilterError> {
        self.matched = filter.matches(&self.timeline, &self.comparison)?;
        self.filter = filter;
        self.hits = None;
        self.sum();
        self.lay_out();
        Ok(())
    }

    /// Sorts the rows of each directory, or all of a flat list.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.sorted.clear();
        self.lay_out();
    }

    /// Lists files without their directories, or the tree.
    pub fn set_flat(&mut self, flat: bool) {
        self.flat = flat;
        self.lay_out();
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The rows of a window, as far as there are rows.
    pub fn rows(&self, window: Range<usize>) -> Vec<Row> {
        let end = window.end.min(self.lines.len());
        let lines = self.lines.get(window.start.min(end)..end).unwrap_or_default();
        lines.iter().filter_map(|&line| self.row(line)).collect()
    }

    /// The row of one path, whether or not it is laid out.
    pub fn row_of(&self, path: PathId) -> Option<Row> {
        self.row(Line { path, depth: (self.timeline.paths().depth(path) as u32).saturating_sub(1) })
    }

    /// The place of a path among the rows; `None` where it is folded away or not shown.
    pub fn position(&self, path: PathId) -> Option<usize> {
        self.lines.iter().position(|line| line.path == path)
    }

    pub fn set_expanded(&mut self, path: PathId, expanded: bool) {
        if let Some(flag) = self.expanded.get_mut(path.index())
            && std::mem::replace(flag, expanded) != expanded
        {
            self.lay_out();
        }
    }

    pub fn collapse_all(&mut self) {
        self.expanded.fill(false);
        self.lay_out();
    }

    /// Unfolds all that is shown.
    pub fn expand_all(&mut self) {
        self.expanded.fill(true);
        self.lay_out();
    }

    /// Unfolds so far that every change can be seen; a directory that is new or removed as a whole stays folded.
    pub fn expand_to_changes(&mut self) {
        let cells = &self.comparison.cells;
        let mut below = vec![false; cells.len()];
        self.expanded.fill(false);
        for path in (1..cells.len() as u32).rev().map(PathId) {
            let Some(change) = cells[path.index()].change.filter(|_| self.shown[path.index()]) else { continue };
            let is_whole = matches!(change, Change::Added | Change::Removed);
            self.expanded[path.index()] = below[path.index()] && !is_whole;
            if change.is_change() || below[path.index()] {
                below[self.timeline.paths().parent(path).index()] = true;
            }
        }
        self.lay_out();
    }

    /// Unfolds so far that everything the filter has found can be seen.
    pub fn expand_to_matches(&mut self) {
        let mut below = vec![false; self.matched.len()];
        for path in (1..self.matched.len() as u32).rev().map(PathId) {
            let at = path.index();
            self.expanded[at] |= below[at];
            if self.matched[at] || below[at] {
                below[self.timeline.paths().parent(path).index()] = true;
            }
        }
        self.lay_out();
    }

    /// Unfolds all that is above a path, and returns its row.
    pub fn reveal(&mut self, path: PathId) -> Option<usize> {
        if !self.shown.get(path.index()).copied().unwrap_or(false) {
            return None;
        }
        let mut unfolded = false;
        let mut at = self.timeline.paths().parent(path);
        while at != PathId::ROOT {
            unfolded |= !std::mem::replace(&mut self.expanded[at.index()], true);
            at = self.timeline.paths().parent(at);
        }
        if unfolded {
            self.lay_out();
        }
        self.position(path)
    }

    /// The next row after `from`, around the end, whose name begins with `prefix`: what a person types into a tree.
    /// (Letters of ASCII are the same in upper and lower case.)
    pub fn type_ahead(&self, from: usize, prefix: &str) -> Option<usize> {
        let prefix = prefix.to_ascii_lowercase();
        let begins = |line: &Line| self.timeline.names().folded(line.path).starts_with(prefix.as_bytes());
        let start = from.min(self.lines.len());
        let later = self.lines[start..].iter().position(begins).map(|at| start + at);
        later.or_else(|| self.lines[..start].iter().position(begins))
    }

    /// Finds `query` in names (or, with a slash in it, in paths) of what is shown; returns the number of hits.
    pub fn search(&mut self, query: &str) -> u32 {
        let paths = self.timeline.paths();
        let found = self.timeline.names().find(paths, query.as_bytes());
        let hits = Hits::new(paths, found, &self.shown);
        let count = hits.count();
        self.hits = (!query.is_empty()).then_some(hits);
        count
    }

    /// The nearest hit before or after a path (which itself is none), unfolded. It goes around the end.
    pub fn jump(&mut self, from: Option<PathId>, direction: Direction) -> Option<Hit> {
        let hits = self.hits.take()?;
        let jumped = if self.flat {
            self.jump_in_list(&hits, from, direction)
        } else {
            self.jump_in_tree(&hits, from, direction)
        };
        self.hits = Some(hits);
        jumped
    }

    pub fn summary(&self) -> Summary {
        let mut counts = [0_u64; 7];
        let (mut bytes, mut contribution) = (0_u64, 0_i64);
        for cell in self.comparison.cells.iter().skip(1) {
            if let Some(change) = cell.change {
                counts[change as usize] += 1;
            }
            bytes = bytes.saturating_add(cell.bytes);
            contribution = contribution.saturating_add(cell.contribution);
        }
        let changes = [
            Change::Added,
            Change::Content,
            Change::Metadata,
            Change::Type,
            Change::Removed,
            Change::Relisted,
            Change::Unmodified,
        ];
        let (matched_bytes, matched_contribution) = self.sums[PathId::ROOT.index()];
        Summary {
            changes: changes.map(|change| (change, counts[change as usize])).into(),
            bytes,
            contribution,
            matched: self.matched.iter().filter(|&&matched| matched).count() as u64,
            matched_bytes,
            matched_contribution,
        }
    }

    fn jump_in_tree(&mut self, hits: &Hits, from: Option<PathId>, direction: Direction) -> Option<Hit> {
        let timeline = self.timeline.clone();
        let children = &mut |path| self.children(path);
        let path = hits.near(timeline.paths(), from, direction, children)?;
        let number = hits.number(timeline.paths(), path, children);
        let row = self.reveal(path)?;
        Some(Hit { path, number, of: hits.count(), row })
    }

    fn jump_in_list(&self, hits: &Hits, from: Option<PathId>, direction: Direction) -> Option<Hit> {
        let rows: Vec<usize> = (0..self.lines.len()).filter(|&row| hits.hit[self.lines[row].path.index()]).collect();
        let from = from.and_then(|from| self.position(from));
        let found = match (from, direction) {
            (Some(from), Direction::Next) => rows.iter().position(|&row| row > from),
            (Some(from), Direction::Previous) => rows.iter().rposition(|&row| row < from),
            (None, _) => None,
        };
        let at = found.or(match direction {
            Direction::Next => (!rows.is_empty()).then_some(0),
            Direction::Previous => rows.len().checked_sub(1),
        })?;
        let row = rows[at];
        Some(Hit { path: self.lines[row].path, number: at as u32 + 1, of: rows.len() as u32, row })
    }

    /// Sums up what is matched, from the leaves to the root, and finds what is shown.
    fn sum(&mut self) {
        let paths = self.timeline.paths();
        let cells = &self.comparison.cells;
        self.sums.clear();
        self.sums.resize(cells.len(), (0, 0));
        self.files.clear();
        self.files.resize(cells.len(), 0);
        self.shown.clear();
        self.shown.extend_from_slice(&self.matched);
        self.sorted.clear();
        // A parent's number is smaller than its children's, so one pass from the end sums all levels.
        for path in (1..cells.len() as u32).rev().map(PathId) {
            let at = path.index();
            if self.matched[at] {
                let (bytes, contribution) = &mut self.sums[at];
                *bytes = bytes.saturating_add(cells[at].bytes);
                *contribution = contribution.saturating_add(cells[at].contribution);
                let kind = self.comparison.shown(&self.timeline, path).map(|shown| shown.kind);
                self.files[at] += u32::from(matches!(kind, Some(Kind::File | Kind::HardLink)));
            }
            if self.shown[at] {
                let parent = paths.parent(path).index();
                let (bytes, contribution) = self.sums[at];
                let sum = &mut self.sums[parent];
                *sum = (sum.0.saturating_add(bytes), sum.1.saturating_add(contribution));
                self.files[parent] += self.files[at];
                self.shown[parent] = true;
            }
        }
    }

    /// Lists the lines that are not folded away.
    fn lay_out(&mut self) {
        self.lines.clear();
        if self.flat {
            let mut files: Vec<PathId> = Vec::new();
            for path in self.timeline.paths().ids().skip(1) {
                let shown = self.comparison.shown(&self.timeline, path).filter(|_| self.matched[path.index()]);
                files.extend(shown.filter(|shown| shown.kind != Kind::Directory).map(|_| path));
            }
            self.keys().sort(&mut files, self.sort);
            self.lines = files.into_iter().map(|path| Line { path, depth: 0 }).collect();
            return;
        }
        let top = self.children(PathId::ROOT);
        let mut stack: Vec<Line> = top.iter().rev().map(|&path| Line { path, depth: 0 }).collect();
        while let Some(line) = stack.pop() {
            self.lines.push(line);
            if self.expanded[line.path.index()] {
                let children = self.children(line.path);
                stack.extend(children.iter().rev().map(|&path| Line { path, depth: line.depth + 1 }));
            }
        }
    }

    fn keys(&self) -> Keys<'_> {
        Keys { timeline: &self.timeline, comparison: &self.comparison, sums: &self.sums }
    }

    fn children(&mut self, path: PathId) -> Rc<[PathId]> {
        if let Some(known) = self.sorted.get(&path) {
            return known.clone();
        }
        let all = self.timeline.names().children(path);
        let mut shown: Vec<PathId> = all.iter().copied().filter(|child| self.shown[child.index()]).collect();
        self.keys().sort(&mut shown, self.sort);
        let shown: Rc<[PathId]> = shown.into();
        self.sorted.insert(path, shown.clone());
        shown
    }

    fn row(&self, line: Line) -> Option<Row> {
        let (timeline, at) = (&self.timeline, line.path.index());
        let paths = timeline.paths();
        let cell = self.comparison.cells.get(at)?;
        let shown = self.comparison.shown(timeline, line.path)?;
        let (sum, contribution) = self.sums[at];
        let expandable = timeline.names().children(line.path).iter().any(|child| self.shown[child.index()]);
        Some(Row {
            path: line.path,
            name: if self.flat { paths.display(line.path) } else { harmless(paths.name(line.path)) },
            depth: line.depth,
            kind: shown.kind,
            change: cell.change?,
            size: shown_size(sum, shown.inode.size),
            contribution,
            files: self.files[at],
            metadata: shown.inode.metadata,
            layer: shown.version.layer,
            implied: shown.inode.entry.is_none(),
            target: match shown.inode.kind {
                InodeKind::Symlink { target } => Some(harmless(timeline.tree().target(target))),
                _ => None,
            },
            device: match shown.inode.kind {
                InodeKind::CharDevice(number) | InodeKind::BlockDevice(number) => Some(number),
                _ => None,
            },
            expandable: expandable && !self.flat,
            expanded: self.expanded[at] && expandable,
            context: !self.matched[at],
            hit: self.hits.as_ref().is_some_and(|hits| hits.hit[at]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        filter::TextFilter,
        row::Set,
        testing::{find, lines, timeline, view},
    };
    use super::*;
    use crate::tree::testing::{Item, dir, file, symlink, whiteout};

    fn base() -> Vec<Item> {
        vec![
            dir("etc"),
            file("etc/passwd", "root"),
            file("etc/group", "g"),
            dir("usr"),
            dir("usr/lib"),
            file("usr/lib/libc.so", "ccccc"),
            file("usr/lib/libm.so", "mm"),
            symlink("lib", "usr/lib"),
            file("big", "0123456789"),
        ]
    }

    #[test]
    fn rows_are_folded_until_they_are_unfolded() {
        let mut view = view(&[&base()], Reading::Merged { layer: 0 });
        assert_eq!(lines(&view), ["+ big 10", "+ etc> 5", "+ lib -> usr/lib 0", "+ usr> 7"]);
        let usr = find(&view, "usr");
        view.set_expanded(usr, true);
        assert_eq!(lines(&view)[3..], ["+ usr 7", "  + lib> 7"]);
        view.expand_all();
        assert_eq!(view.len(), 9);
        let window = view.rows(7..100);
        assert_eq!(window.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["libc.so", "libm.so"]);
        assert_eq!(view.rows(100..200), []);
        view.collapse_all();
        assert_eq!(view.len(), 4);
    }

    #[test]
    fn largest_first_is_within_a_directory_or_over_all_files() {
        let mut view = view(&[&base()], Reading::Merged { layer: 0 });
        view.set_sort(Sort { by: Column::Size, descending: true });
        assert_eq!(lines(&view), ["+ big 10", "+ usr> 7", "+ etc> 5", "+ lib -> usr/lib 0"]);
        view.set_flat(true);
        let flat = ["+ big 10", "+ usr/lib/libc.so 5", "+ etc/passwd 4", "+ usr/lib/libm.so 2", "+ etc/group 1"];
        assert_eq!(lines(&view)[..5], flat);
    }

    #[test]
    fn unfolding_to_the_changes_leaves_what_is_new_as_a_whole_folded() {
        let layers =
            [&base()[..], &[file("usr/lib/libm.so", "other"), dir("opt"), file("opt/x", "1"), whiteout("etc")]];
        let mut view = view(&layers, Reading::Merged { layer: 1 });
        view.expand_to_changes();
        assert_eq!(
            lines(&view),
            [
                "  big 10",
                "  lib -> usr/lib 0",
                "+ opt> 1",
                "  usr 10",
                "    lib 10",
                "      libc.so 5",
                "    M libm.so 5"
            ]
        );
    }

    #[test]
    fn a_filter_hides_the_rest_and_folding_still_works() {
        let mut view = view(&[&base()], Reading::Merged { layer: 0 });
        let text = |text| Filter { text: Some(text), ..Filter::of_changes(Set::all()) };
        for (filter, found) in [
            (text(TextFilter::Contains("LIB".into())), &["lib", "usr/lib", "usr/lib/libc.so", "usr/lib/libm.so"][..]),
            (text(TextFilter::Glob("*.so".into())), &["usr/lib/libc.so", "usr/lib/libm.so"]),
            (text(TextFilter::Glob("usr/**/libc*".into())), &["usr/lib/libc.so"]),
            (text(TextFilter::Regex("^lib[^c]".into())), &["usr/lib/libm.so"]),
            (text(TextFilter::Regex("^etc/g".into())), &["etc/group"]),
            (Filter { min_size: Some(5), ..Filter::of_changes(Set::all()) }, &["big", "usr/lib/libc.so"]),
            (Filter { max_size: Some(1), ..Filter::of_changes(Set::all()) }, &["etc/group"]),
            (Filter { kinds: Set::of(&[Kind::Symlink]), ..Filter::of_changes(Set::all()) }, &["lib"]),
            (Filter { layer: Some(1), ..Filter::of_changes(Set::all()) }, &[]),
            (Filter::of_changes(Set::of(&[Change::Removed])), &[]),
        ] {
            view.set_filter(filter.clone()).unwrap();
            view.expand_all();
            let rows = view.rows(0..100);
            let matched: Vec<String> =
                rows.iter().filter(|row| !row.context).map(|row| view.timeline.paths().display(row.path)).collect();
            assert_eq!(matched, found, "{filter:?}");
        }
        view.set_filter(text(TextFilter::Glob("libc*".into()))).unwrap();
        view.collapse_all();
        assert_eq!(lines(&view), ["+ usr> 5"]);
        view.expand_to_matches();
        assert_eq!(lines(&view), ["+ usr 5", "  + lib 5", "    + libc.so 5"]);
    }

    #[test]
    fn a_pattern_that_is_none_says_so_and_changes_nothing() {
        let mut view = view(&[&base()], Reading::Merged { layer: 0 });
        let regex = Filter { text: Some(TextFilter::Regex("(".into())), ..Filter::of_changes(Set::all()) };
        let sentence = view.set_filter(regex).unwrap_err().to_string();
        assert!(sentence.starts_with("\"(\" is no pattern: "), "{sentence}");
        assert_eq!(view.len(), 4);
    }

    #[test]
    fn the_search_goes_from_hit_to_hit_in_the_order_of_the_rows_and_unfolds_the_way() {
        let mut view = view(&[&base()], Reading::Merged { layer: 0 });
        assert_eq!(view.search("lib"), 4);
        let mut jump = |from, direction| {
            let hit = view.jump(from, direction).unwrap();
            assert_eq!(view.rows(hit.row..hit.row + 1)[0].path, hit.path);
            (view.timeline.paths().display(hit.path), hit.number, Some(hit.path))
        };
        let mut at = None;
        for expected in [("lib", 1), ("usr/lib", 2), ("usr/lib/libc.so", 3), ("usr/lib/libm.so", 4), ("lib", 1)] {
            let (path, number, path_id) = jump(at, Direction::Next);
            assert_eq!((path.as_str(), number), expected);
            at = path_id;
        }
        for expected in [("usr/lib/libm.so", 4), ("usr/lib/libc.so", 3), ("usr/lib", 2), ("lib", 1)] {
            let (path, number, path_id) = jump(at, Direction::Previous);
            assert_eq!((path.as_str(), number), expected);
            at = path_id;
        }
        assert_eq!(view.search("nothing"), 0);
        assert_eq!(view.jump(None, Direction::Next), None);
    }

    #[test]
    fn typing_goes_to_the_next_row_that_begins_so() {
        let view = view(&[&base()], Reading::Merged { layer: 0 });
        assert_eq!(view.type_ahead(0, "U"), Some(3));
        assert_eq!(view.type_ahead(2, "l"), Some(2));
        assert_eq!(view.type_ahead(3, "l"), Some(2));
        assert_eq!(view.type_ahead(0, "passwd"), None);
    }

    #[test]
    fn in_a_flat_list_the_search_follows_the_list() {
        let mut view = view(&[&base()], Reading::Merged { layer: 0 });
        view.set_flat(true);
        view.set_sort(Sort { by: Column::Size, descending: false });
        view.search("lib");
        let first = view.jump(None, Direction::Next).unwrap();
        let second = view.jump(Some(first.path), Direction::Next).unwrap();
        let name = |hit: Hit| view.timeline.paths().display(hit.path);
        assert_eq!([name(first), name(second)], ["lib", "usr/lib/libm.so"]);
    }

    #[test]
    fn the_summary_counts_every_change() {
        let view = view(&[&base(), &[whiteout("etc"), file("new", "123")]], Reading::Own { layer: 1 });
        let summary = view.summary();
        let counted: Vec<_> = summary.changes.iter().filter(|(_, n)| *n > 0).collect();
        assert_eq!(counted, [&(Change::Added, 1), &(Change::Removed, 3), &(Change::Unmodified, 6)]);
        assert_eq!((summary.contribution, summary.matched, summary.matched_bytes), (-2, 4, 3));
        assert_eq!(timeline(&[&base()]).height(), 1);
    }
}
