//! Which paths have columns, and in which order.
//!
//! A directory's own files come first and then its subdirectories, so that both the files of a directory (a bracket)
//! and all that is under it (an opaque lid) are neighbours.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
};

use layerlab_core::overlay::{MergedPath, Name};

use super::{Backdrop, pieces::Table};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub path: MergedPath,
    /// The last part of the path, made harmless, with a slash behind a directory's.
    pub name: String,
    /// Paths that stand behind it, if it is a folded directory.
    pub folded: Option<usize>,
}

/// A directory over the columns of its own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bracket {
    pub path: MergedPath,
    pub span: Range<usize>,
}

pub(super) struct Columns {
    pub columns: Vec<Column>,
    pub brackets: Vec<Bracket>,
    /// For each directory that is not folded away, all columns under it.
    pub spans: BTreeMap<MergedPath, Range<usize>>,
}

/// A directory of the union of all layers.
#[derive(Default)]
struct Node {
    path: Option<MergedPath>,
    children: BTreeMap<Name, Node>,
    is_directory: bool,
    /// Paths under it.
    size: usize,
    open: bool,
}

impl Columns {
    pub fn of(table: &Table, backdrop: &Backdrop) -> Self {
        let mut root = Node { path: Some(MergedPath::root()), is_directory: true, ..Node::default() };
        for (path, is_directory) in table.paths() {
            root.insert(path, is_directory);
        }
        root.unfold(backdrop);
        let mut out = Self { columns: Vec::new(), brackets: Vec::new(), spans: BTreeMap::new() };
        out.add(&root);
        out
    }

    /// The columns a piece at this path lies over.
    pub fn span(&self, path: &MergedPath) -> Option<Range<usize>> {
        self.spans.get(path).cloned()
    }

    fn add(&mut self, directory: &Node) {
        let from = self.columns.len();
        let is_open = |child: &&Node| child.open && !child.children.is_empty();
        for child in directory.children.values().filter(|child| !is_open(child)) {
            let Some(path) = &child.path else { continue };
            let at = self.columns.len();
            let slash = if child.is_directory { "/" } else { "" };
            self.columns.push(Column {
                path: path.clone(),
                name: format!("{}{slash}", layerlab_core::display::harmless(&path.name())),
                folded: (child.size > 0).then_some(child.size),
            });
            self.spans.insert(path.clone(), at..at + 1);
        }
        let path = directory.path.clone().unwrap_or_else(MergedPath::root);
        if self.columns.len() > from {
            self.brackets.push(Bracket { path: path.clone(), span: from..self.columns.len() });
        }
        directory.children.values().filter(is_open).for_each(|child| self.add(child));
        self.spans.insert(path, from..self.columns.len());
    }
}

impl Node {
    fn insert(&mut self, path: &MergedPath, is_directory: bool) {
        let mut at = self;
        let mut here = MergedPath::root();
        for name in path.components() {
            here = here.join(name);
            at.size += 1;
            at.is_directory = true;
            at = at.children.entry(name.into()).or_default();
            at.path.get_or_insert_with(|| here.clone());
        }
        at.is_directory |= is_directory;
    }

    /// Opens directories, those on the way to the focus first and then the outermost, as long as there is room.
    fn unfold(&mut self, backdrop: &Backdrop) {
        let budget = if backdrop.columns == 0 { usize::MAX } else { backdrop.columns };
        self.open = true;
        let mut count = self.children.len();
        if let Some(focus) = &backdrop.focus {
            let mut at = &mut *self;
            for name in focus.components() {
                let Some(child) = at.children.get_mut(name) else { break };
                if !child.children.is_empty() {
                    child.open = true;
                    count = (count + child.children.len()).saturating_sub(1);
                }
                at = child;
            }
        }
        let mut pending: VecDeque<&mut Node> = VecDeque::from([self]);
        while let Some(directory) = pending.pop_front() {
            for child in directory.children.values_mut().filter(|child| !child.children.is_empty()) {
                let more = child.children.len() - 1;
                if !child.open && count.saturating_add(more) <= budget {
                    child.open = true;
                    count += more;
                }
                if child.open {
                    pending.push_back(child);
                }
            }
        }
    }
}
