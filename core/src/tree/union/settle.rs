//! The end of a layer: what is lost, and why.

use super::{
    apply::{Application, Lost},
    clamp,
};
use crate::{
    finding::Finding,
    layer::changeset::EntryKind,
    path::PathId,
    report::{Cause, Counts},
    tree::{
        inode::{Difference, InodeId},
        ledger::Loss,
    },
};

impl Application<'_> {
    /// Settles what became of every inode that lost its last name.
    pub(super) fn finish(mut self, regular_bytes: u64) -> (Counts, Vec<Finding>) {
        self.counts.removed = self.gone.iter().filter(|&&path| !self.tree.nodes[path].alive).count() as u64;
        let aufs = std::mem::take(&mut self.aufs);
        let unlinked = aufs.into_iter().map(|(path, inode)| Lost { inode, path, cause: Cause::NoPath });
        let lost: Vec<Lost> = std::mem::take(&mut self.lost).into_iter().chain(unlinked).collect();
        for Lost { inode, path, cause } in lost {
            let bytes = self.tree.inodes[inode].size;
            if self.tree.inodes[inode].names > 0 || !self.tree.inodes.release(inode) {
                continue;
            }
            let layer = self.tree.inodes[inode].layer;
            let cause = self.settle(inode, path, cause);
            self.tree.ledger.add(Loss { cause, layer, path, bytes, by_layer: self.layer });
        }
        self.without_path(regular_bytes);
        (self.counts, self.findings.into_vec())
    }

    /// A path that went and that the same layer brings again was written again, however it went.
    fn settle(&self, inode: InodeId, path: PathId, cause: Cause) -> Cause {
        let node = self.tree.nodes[path];
        let (old, again) = (&self.tree.inodes[inode], node.alive && node.value.layer == self.layer);
        if !again || old.layer == self.layer {
            return cause;
        }
        match self.tree.inodes[node.value.inode].differs_from(old) {
            Difference::Type | Difference::Content => Cause::Overwritten,
            Difference::Metadata => Cause::MetadataOnly,
            Difference::None => Cause::TimeOnly,
        }
    }

    /// Regular bytes of members that are no path: markers with content, the root as a file, entries left out.
    fn without_path(&mut self, regular_bytes: u64) {
        let regular_bytes = u128::from(regular_bytes).max(self.placed);
        self.tree.totals.stored += regular_bytes;
        let mut left = regular_bytes - self.placed;
        let layer = self.layer;
        for entry in &self.changeset.entries {
            let carries = match entry.kind {
                EntryKind::Whiteout(_) => true,
                EntryKind::File { .. } => entry.path == PathId::ROOT,
                _ => false,
            };
            let bytes = if carries { u128::from(entry.size).min(left) } else { 0 };
            left -= bytes;
            let path = self.places[entry.path.index()].path;
            self.tree.ledger.add(Loss { cause: Cause::NoPath, layer, path, bytes: clamp(bytes), by_layer: layer });
        }
        let path = PathId::ROOT;
        self.tree.ledger.add(Loss { cause: Cause::NoPath, layer, path, bytes: clamp(left), by_layer: layer });
    }
}
