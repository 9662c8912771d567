//! The same content, stored and visible more than once.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use super::{
    inode::{InodeId, InodeKind},
    ledger::clamp,
    order::compare,
    union::UnionTree,
};
use crate::{
    layer::changeset::ContentHash,
    path::PathId,
    report::{Duplicate, DuplicatePath, Rest},
};

/// Copies listed of one content.
const PATHS_PER_CONTENT: usize = 100;

/// Files of equal content and different inodes, the most wasteful first, then the largest, then by path: at most
/// `limit` contents. Hard links are no duplicates: they are stored once.
pub fn duplicates(tree: &UnionTree, limit: usize) -> (Vec<Duplicate>, Rest) {
    let mut groups = groups(tree);
    let rest_from = limit.min(groups.len());
    if rest_from < groups.len() {
        groups.select_nth_unstable_by_key(rest_from, Group::key);
    }
    let left_out = groups.split_off(rest_from);
    let rest = Rest { rows: left_out.len() as u64, bytes: clamp(left_out.iter().map(Group::wasted).sum()) };
    groups.sort_by(|a, b| {
        let size = |group: &Group| (Reverse(group.wasted()), Reverse(group.bytes));
        size(a).cmp(&size(b)).then_with(|| compare(tree.paths(), a.first(), b.first()))
    });
    (groups.iter().map(|group| group.report(tree)).collect(), rest)
}

/// One content that several inodes have.
struct Group {
    bytes: u64,
    copies: u64,
    /// The first name of each copy, and the layer that stores it.
    names: Vec<(PathId, u32)>,
}

fn groups(tree: &UnionTree) -> Vec<Group> {
    let content = |kind: InodeKind| match kind {
        InodeKind::File { content } => Some(content),
        _ => None,
    };
    let mut files: Vec<(u64, ContentHash, InodeId)> = tree
        .inodes()
        .reachable()
        .filter(|(_, inode)| inode.size > 0)
        .filter_map(|(id, inode)| Some((inode.size, content(inode.kind)?, id)))
        .collect();
    files.sort_unstable();
    let mut group_of: HashMap<InodeId, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for same in files.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|same| same.len() > 1) {
        group_of.extend(same.iter().map(|&(_, _, id)| (id, groups.len())));
        groups.push(Group { bytes: same[0].0, copies: same.len() as u64, names: Vec::new() });
    }
    if groups.is_empty() {
        return groups;
    }
    let mut named: HashSet<InodeId> = HashSet::new();
    for view in tree.living() {
        let Some(&group) = group_of.get(&view.inode_id) else { continue };
        let group = &mut groups[group];
        if group.names.len() < PATHS_PER_CONTENT && named.insert(view.inode_id) {
            group.names.push((view.path, view.inode.layer));
        }
    }
    for group in &mut groups {
        group.names.sort_by(|a, b| compare(tree.paths(), a.0, b.0));
    }
    groups
}

impl Group {
    fn wasted(&self) -> u128 {
        u128::from(self.bytes) * u128::from(self.copies - 1)
    }

    /// The name that comes first; every group has one, because its inodes are reachable.
    fn first(&self) -> PathId {
        self.names.first().map_or(PathId::ROOT, |name| name.0)
    }

    /// The hash is random for each analysis: nothing that is shown may hang on its order.
    fn key(&self) -> (Reverse<u128>, Reverse<u64>, PathId) {
        (Reverse(self.wasted()), Reverse(self.bytes), self.first())
    }

    fn report(&self, tree: &UnionTree) -> Duplicate {
        let path =
            |&(path, layer): &(PathId, u32)| DuplicatePath { layer: layer.into(), path: tree.paths().display(path) };
        Duplicate {
            bytes: self.bytes,
            copies: self.copies,
            wasted: clamp(self.wasted()),
            paths: self.names.iter().map(path).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{file, link, tree};

    #[test]
    fn equal_content_at_two_paths_is_a_duplicate_and_a_hard_link_is_none() {
        let tree = tree(&[
            &[file("a", "12345"), link("l", "a"), file("b", "12345"), file("empty", ""), file("empty2", "")],
            &[file("c", "12345"), file("x", "123456789"), file("y", "123456789")],
        ]);
        let (found, rest) = duplicates(&tree, 10);
        let text: Vec<String> = found
            .iter()
            .map(|one| {
                let paths: Vec<String> = one.paths.iter().map(|p| format!("{}@{}", p.path, p.layer)).collect();
                format!("{} x{} wastes {}: {}", one.bytes, one.copies, one.wasted, paths.join(" "))
            })
            .collect();
        assert_eq!(text, ["5 x3 wastes 10: a@0 b@0 c@1", "9 x2 wastes 9: x@1 y@1"]);
        assert_eq!(rest, Rest::default());
        let (kept, rest) = duplicates(&tree, 1);
        assert_eq!((kept.len(), rest), (1, Rest { rows: 1, bytes: 9 }));
    }
}
