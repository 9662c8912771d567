//! Where the bytes of each layer are: the strata picture at the scale of a real image.
//!
//! A directory is a column, as wide as all that the layers store in it; in each layer's slab it has a tile, as high
//! as the layer's part of the column. So the area of a tile is the bytes that one layer stores in one directory.

use std::{cmp::Reverse, collections::HashMap};

use serde::{Deserialize, Serialize};

use crate::{
    layer::changeset::{Changeset, EntryKind},
    path::{PathId, PathTable},
    tree::{InodeId, UnionTree},
};

/// Stored bytes by layer and path, every directory with what is below it. Paths are those of the tree it was made of.
#[derive(Clone, Debug)]
pub struct StrataMap {
    /// Base first; each sorted by path, without what stores nothing.
    layers: Vec<Vec<(PathId, Weight)>>,
    children: Children,
}

/// Bytes that one layer stores at and below a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    pub stored: u64,
    /// Of these, what the merged tree still shows.
    pub visible: u64,
}

/// One directory, divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zoom {
    /// All that each layer stores there. Base first.
    pub layers: Vec<Weight>,
    /// The largest first, then by name.
    pub columns: Vec<Column>,
    /// The columns that were left out, gathered.
    pub others: Option<Others>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub path: PathId,
    /// The last component, made harmless.
    pub name: String,
    /// There is more below it: it can be zoomed into.
    pub divisible: bool,
    /// Stored by all layers together.
    pub bytes: u64,
    /// A tile for each layer. Base first.
    pub tiles: Vec<Weight>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    pub columns: u64,
    pub bytes: u64,
    pub tiles: Vec<Weight>,
}

impl StrataMap {
    /// `layers` are those that `tree` was made of, base first.
    pub fn new<'a>(tree: &UnionTree, layers: impl IntoIterator<Item = &'a Changeset>) -> Self {
        let paths = tree.paths();
        let mut layers: Vec<Vec<(PathId, Weight)>> = layers.into_iter().map(|layer| stored(paths, layer)).collect();
        show(tree, &mut layers);
        for layer in &mut layers {
            *layer = gathered(paths, layer);
        }
        Self { layers, children: Children::new(paths) }
    }

    /// What is directly below `directory`: at most `limit` columns, and the rest gathered. A file has no columns.
    pub fn zoom(&self, paths: &PathTable, directory: PathId, limit: usize) -> Zoom {
        let mut columns: Vec<(u64, PathId)> =
            self.children.of(directory).map(|path| (self.bytes(path), path)).filter(|column| column.0 > 0).collect();
        columns.sort_by(|a, b| Reverse(a.0).cmp(&Reverse(b.0)).then_with(|| paths.name(a.1).cmp(paths.name(b.1))));
        // One column left out alone would take the place of its gathering.
        let kept = if columns.len() > limit { limit.saturating_sub(1) } else { columns.len() };
        let left_out = columns.split_off(kept);
        let others = (!left_out.is_empty()).then(|| Others {
            columns: left_out.len() as u64,
            bytes: left_out.iter().fold(0, |sum, column| sum.saturating_add(column.0)),
            tiles: (0..self.layers.len())
                .map(|layer| left_out.iter().map(|column| self.weight(layer, column.1)).fold(Weight::default(), plus))
                .collect(),
        });
        let column = |&(bytes, path): &(u64, PathId)| Column {
            path,
            name: crate::display::harmless(paths.name(path)),
            divisible: self.children.of(path).any(|child| self.bytes(child) > 0),
            bytes,
            tiles: self.tiles(path),
        };
        Zoom { layers: self.tiles(directory), columns: columns.iter().map(column).collect(), others }
    }

    /// What each layer stores at and below a path. Base first.
    pub fn tiles(&self, path: PathId) -> Vec<Weight> {
        (0..self.layers.len()).map(|layer| self.weight(layer, path)).collect()
    }

    fn weight(&self, layer: usize, path: PathId) -> Weight {
        let layer = &self.layers[layer];
        layer.binary_search_by_key(&path, |entry| entry.0).map(|at| layer[at].1).unwrap_or_default()
    }

    fn bytes(&self, path: PathId) -> u64 {
        (0..self.layers.len()).fold(0, |sum, layer| sum.saturating_add(self.weight(layer, path).stored))
    }
}

fn plus(a: Weight, b: Weight) -> Weight {
    Weight { stored: a.stored.saturating_add(b.stored), visible: a.visible.saturating_add(b.visible) }
}

/// The bytes of the files of one layer, by path; markers that carry content are at the path they hide.
fn stored(paths: &PathTable, layer: &Changeset) -> Vec<(PathId, Weight)> {
    let mut places = vec![Some(PathId::ROOT)];
    for id in layer.paths.ids().skip(1) {
        let parent = places[layer.paths.parent(id).index()];
        places.push(parent.and_then(|parent| paths.find_child(parent, layer.paths.name(id))));
    }
    let mut files: HashMap<PathId, Weight> = HashMap::new();
    for entry in &layer.entries {
        let carries = matches!(entry.kind, EntryKind::File { .. } | EntryKind::Whiteout(_));
        if let (true, Some(path)) = (carries && entry.size > 0, places[entry.path.index()]) {
            let weight = files.entry(path).or_default();
            weight.stored = weight.stored.saturating_add(entry.size);
        }
    }
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_unstable_by_key(|file| file.0);
    files
}

/// Marks what the merged tree shows. Bytes with several names are shown where their layer stores them.
fn show(tree: &UnionTree, layers: &mut [Vec<(PathId, Weight)>]) {
    let mut shown: HashMap<InodeId, bool> = HashMap::new();
    for view in tree.living().filter(|view| view.inode.size > 0) {
        let Some(layer) = layers.get_mut(view.inode.layer as usize) else { continue };
        let Ok(at) = layer.binary_search_by_key(&view.path, |entry| entry.0) else { continue };
        let weight = &mut layer[at].1;
        let first = view.inode.names < 2 || !std::mem::replace(shown.entry(view.inode_id).or_default(), true);
        if first {
            weight.visible = view.inode.size.min(weight.stored);
        }
    }
}

/// The same with every directory above, sorted by path.
fn gathered(paths: &PathTable, files: &[(PathId, Weight)]) -> Vec<(PathId, Weight)> {
    let mut sums: Vec<Weight> = vec![Weight::default(); paths.len()];
    for &(path, weight) in files {
        sums[path.index()] = weight;
    }
    // Parents have smaller numbers than their children.
    for path in (1..paths.len() as u32).rev().map(PathId) {
        let (weight, parent) = (sums[path.index()], paths.parent(path));
        if weight.stored > 0 {
            sums[parent.index()] = plus(sums[parent.index()], weight);
        }
    }
    let ids = paths.ids().zip(sums);
    ids.filter(|(_, weight)| weight.stored > 0).collect()
}

/// The paths directly below each path, living or not.
#[derive(Clone, Debug)]
struct Children {
    /// Where in `paths` the children of a path begin; one more than there are paths.
    starts: Vec<u32>,
    paths: Vec<PathId>,
}

impl Children {
    fn new(table: &PathTable) -> Self {
        let mut starts = vec![0_u32; table.len() + 1];
        for path in table.ids().skip(1) {
            starts[table.parent(path).index() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut next, mut paths) = (starts.clone(), vec![PathId::ROOT; table.len() - 1]);
        for path in table.ids().skip(1) {
            let slot = &mut next[table.parent(path).index()];
            paths[*slot as usize] = path;
            *slot += 1;
        }
        Self { starts, paths }
    }

    fn of(&self, path: PathId) -> impl Iterator<Item = PathId> {
        let range = match self.starts.get(path.index()..path.index() + 2) {
            Some(&[start, end]) => start as usize..end as usize,
            _ => 0..0,
        };
        self.paths[range].iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{Item, changeset, file, link, tree, whiteout};

    fn zoomed(layers: &[&[Item]], directory: &str, limit: usize) -> Vec<String> {
        let tree = tree(layers);
        let changesets: Vec<_> = layers.iter().map(|items| changeset(items)).collect();
        let map = StrataMap::new(&tree, &changesets);
        let parts = directory.split('/').filter(|part| !part.is_empty()).map(str::as_bytes);
        let zoom = map.zoom(tree.paths(), tree.paths().find(parts).unwrap(), limit);
        let tiles = |tiles: &[Weight]| {
            tiles.iter().map(|tile| format!("{}/{}", tile.visible, tile.stored)).collect::<Vec<_>>().join(" ")
        };
        let column = |column: &Column| {
            let more = if column.divisible { "/" } else { "" };
            format!("{}{more} {}: {}", column.name, column.bytes, tiles(&column.tiles))
        };
        let mut lines = vec![tiles(&zoom.layers)];
        lines.extend(zoom.columns.iter().map(column));
        lines.extend(zoom.others.iter().map(|o| format!("and {} others {}: {}", o.columns, o.bytes, tiles(&o.tiles))));
        lines
    }

    const LAYERS: fn() -> [Vec<Item>; 2] = || {
        [
            vec![file("usr/bin/a", "12345"), file("usr/lib/b", "123"), file("etc/c", "12"), file("d", "1")],
            vec![file("usr/bin/a", "54321"), whiteout("etc/c"), file("var/e", "1234")],
        ]
    };

    #[test]
    fn a_directory_is_divided_in_every_layer_alike() {
        let [base, top] = LAYERS();
        assert_eq!(
            zoomed(&[&base, &top], "", 10),
            ["4/11 9/9", "usr/ 13: 3/8 5/5", "var/ 4: 0/0 4/4", "etc/ 2: 0/2 0/0", "d 1: 1/1 0/0"]
        );
        assert_eq!(zoomed(&[&base, &top], "usr", 10), ["3/8 5/5", "bin/ 10: 0/5 5/5", "lib/ 3: 3/3 0/0"]);
        assert_eq!(zoomed(&[&base, &top], "usr/lib", 10), ["3/3 0/0", "b 3: 3/3 0/0"]);
        assert_eq!(zoomed(&[&base, &top], "d", 10), ["1/1 0/0"]);
    }

    #[test]
    fn small_columns_are_gathered_and_nothing_is_lost() {
        let [base, top] = LAYERS();
        assert_eq!(zoomed(&[&base, &top], "", 2), ["4/11 9/9", "usr/ 13: 3/8 5/5", "and 3 others 7: 1/3 4/4"]);
    }

    #[test]
    fn a_hard_link_stores_nothing_and_shows_its_bytes_once() {
        let layer = [file("a", "1234"), link("b", "a")];
        assert_eq!(zoomed(&[&layer], "", 5), ["4/4", "a 4: 4/4"]);
    }
}
