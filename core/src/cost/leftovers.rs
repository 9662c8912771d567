//! Leftovers that the merged tree still shows: no part of the ledger, and removable all the same.

use std::{cmp::Reverse, collections::HashMap};

use super::{fix::Fix, known::Known};
use crate::{
    path::PathId,
    report::{Leftover, Rest},
    tree::{InodeId, UnionTree, compare_paths},
};

/// The largest leftovers, one row for each place and layer that stores bytes there; then by path and layer. Instructions
/// are the image's and not known here.
///
/// Bytes are those that removing the place frees: a hard-link group counts when all its names are in leftovers.
pub fn leftovers(tree: &UnionTree, limit: usize) -> (Vec<Leftover>, Rest) {
    let mut rows: Vec<Row> = rows(tree).into_values().filter(|row| row.bytes > 0).collect();
    rows.sort_by(|a, b| {
        let largest = |row: &Row| Reverse(row.bytes);
        let place = compare_paths(tree.paths(), a.place, b.place);
        largest(a).cmp(&largest(b)).then(place).then(a.layer.cmp(&b.layer))
    });
    let left_out = rows.split_off(limit.min(rows.len()));
    let bytes = left_out.iter().fold(0_u64, |sum, row| sum.saturating_add(row.bytes));
    let report = |row: &Row| Leftover {
        known: row.known,
        layer: row.layer.into(),
        path: tree.paths().display(row.place),
        bytes: row.bytes,
        files: row.files,
        instruction: None,
        fix: Fix::of_leftover(row.known, row.layer.into(), None, row.bytes),
    };
    (rows.iter().map(report).collect(), Rest { rows: left_out.len() as u64, bytes })
}

struct Row {
    known: Known,
    place: PathId,
    layer: u32,
    bytes: u64,
    files: u64,
}

fn rows(tree: &UnionTree) -> HashMap<(PathId, u32), Row> {
    let paths = tree.paths();
    // Parents come first, so what a directory is in is known before its children ask.
    let mut places: Vec<Option<(Known, PathId)>> = vec![None; paths.len()];
    let mut names_inside: HashMap<InodeId, u32> = HashMap::new();
    let mut rows = HashMap::new();
    for view in tree.living() {
        let parent = places[paths.parent(view.path).index()];
        let place = parent.or_else(|| Known::at(paths, view.path).map(|known| (known, view.path)));
        places[view.path.index()] = place;
        let Some((known, place)) = place.filter(|&(known, place)| known.holds(paths, place, view.path)) else {
            continue;
        };
        if view.inode.size == 0 {
            continue;
        }
        let inside = names_inside.entry(view.inode_id).or_default();
        *inside += 1;
        if *inside == view.inode.names {
            let layer = view.inode.layer;
            let row = rows.entry((place, layer)).or_insert(Row { known, place, layer, bytes: 0, files: 0 });
            row.bytes = row.bytes.saturating_add(view.inode.size);
            row.files += 1;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{file, link, tree, whiteout};

    #[test]
    fn what_is_still_seen_is_summed_by_place_and_layer() {
        let tree = tree(&[
            &[file("usr/share/doc/a/README", "1234"), file("usr/share/doc/a/copyright", "12345678"), file("x", "1")],
            &[file("var/lib/apt/lists/a", "123456"), file("var/lib/apt/lists/gone", "12"), file("tmp/t", "1")],
            &[whiteout("var/lib/apt/lists/gone"), file("var/lib/apt/lists/b", "123"), file("usr/share/doc/b/x", "12")],
        ]);
        let (rows, rest) = leftovers(&tree, 10);
        let text: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {}@{} {} in {}", row.known.as_str(), row.path, row.layer, row.bytes, row.files))
            .collect();
        assert_eq!(
            text,
            [
                "apt_lists var/lib/apt/lists@1 6 in 1",
                "documentation usr/share/doc@0 4 in 1",
                "apt_lists var/lib/apt/lists@2 3 in 1",
                "documentation usr/share/doc@2 2 in 1",
                "temporary tmp@1 1 in 1",
            ]
        );
        assert_eq!(rest, Rest::default());
        assert_eq!(leftovers(&tree, 3).1, Rest { rows: 2, bytes: 3 });
    }

    #[test]
    fn a_hard_link_from_outside_keeps_the_bytes() {
        let tree = tree(&[&[
            file("tmp/kept", "1234"),
            link("srv/kept", "tmp/kept"),
            file("tmp/twice", "12"),
            link("var/log/twice", "tmp/twice"),
        ]]);
        let (rows, _) = leftovers(&tree, 10);
        let text: Vec<String> = rows.iter().map(|row| format!("{} {}", row.path, row.bytes)).collect();
        assert_eq!(text.len(), 1, "{text:?}");
        assert!(text[0].ends_with(" 2"), "{text:?}");
    }
}
