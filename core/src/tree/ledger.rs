//! Where stored bytes went that the merged tree does not show: one cause for each, and none left over.

use std::collections::BTreeMap;

use super::order::compare;
use crate::{
    path::{PathId, PathTable},
    report::{Cause, Rest},
};

/// Sums by cause, and the largest rows. The sums are of all rows, kept or not.
#[derive(Clone, Debug)]
pub struct Ledger {
    causes: BTreeMap<Cause, u128>,
    rows: Vec<Loss>,
    added: u64,
    limit: usize,
}

/// Bytes that one layer stores and that are not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    pub cause: Cause,
    /// The layer that stores the bytes.
    pub layer: u32,
    /// The last name they had.
    pub path: PathId,
    pub bytes: u64,
    /// The layer that took that name away.
    pub by_layer: u32,
}

const CAUSES: [Cause; 9] = [
    Cause::Overwritten,
    Cause::MetadataOnly,
    Cause::TimeOnly,
    Cause::RepeatedInLayer,
    Cause::Deleted,
    Cause::DeletedWithDirectory,
    Cause::HiddenByOpaque,
    Cause::DirectoryReplaced,
    Cause::NoPath,
];

impl Ledger {
    /// Keeps at most `limit` rows.
    pub fn new(limit: usize) -> Self {
        Self { causes: CAUSES.into_iter().map(|cause| (cause, 0)).collect(), rows: Vec::new(), added: 0, limit }
    }

    pub fn add(&mut self, loss: Loss) {
        if loss.bytes == 0 {
            return;
        }
        *self.causes.entry(loss.cause).or_default() += u128::from(loss.bytes);
        self.added += 1;
        self.rows.push(loss);
        if self.rows.len() >= self.limit.saturating_mul(2).max(16) {
            self.cut();
        }
    }

    /// Bytes by cause; every cause is present.
    pub fn causes(&self) -> BTreeMap<Cause, u64> {
        self.causes.iter().map(|(&cause, &bytes)| (cause, clamp(bytes))).collect()
    }

    /// All bytes of the ledger.
    pub fn bytes(&self) -> u64 {
        clamp(self.causes.values().sum())
    }

    /// The largest rows, then by layer and path, and what was left out. Among rows of one size and layer at the
    /// bound those stay whose paths came first.
    pub fn rows(&self, paths: &PathTable) -> (Vec<Loss>, Rest) {
        let mut kept = self.clone();
        kept.cut();
        let mut rows = kept.rows;
        rows.sort_by(|a, b| {
            b.bytes
                .cmp(&a.bytes)
                .then(a.layer.cmp(&b.layer))
                .then_with(|| compare(paths, a.path, b.path))
                .then(a.by_layer.cmp(&b.by_layer))
                .then(a.cause.cmp(&b.cause))
        });
        let kept_bytes: u128 = rows.iter().map(|row| u128::from(row.bytes)).sum();
        let all: u128 = self.causes.values().sum();
        let rest = Rest { rows: self.added - rows.len() as u64, bytes: clamp(all - kept_bytes) };
        (rows, rest)
    }

    fn cut(&mut self) {
        if self.rows.len() > self.limit {
            let key = |loss: &Loss| (std::cmp::Reverse(loss.bytes), loss.layer, loss.path, loss.by_layer, loss.cause);
            self.rows.select_nth_unstable_by_key(self.limit, key);
            self.rows.truncate(self.limit);
        }
    }
}

/// Sizes are what headers declare, so sums can pass 64 bits; such a sum is shown as the largest number there is.
pub(super) fn clamp(bytes: u128) -> u64 {
    bytes.try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(bytes: u64, layer: u32, path: u32) -> Loss {
        Loss { cause: Cause::Deleted, layer, path: PathId(path), bytes, by_layer: layer + 1 }
    }

    #[test]
    fn the_bound_keeps_the_largest_and_sums_the_rest_exactly() {
        let mut paths = PathTable::new();
        let mut ledger = Ledger::new(3);
        for i in 0..100_u32 {
            let path = paths.child(PathId::ROOT, format!("{i:03}").as_bytes());
            ledger.add(loss(u64::from(i % 50), 0, path.0));
        }
        let (rows, rest) = ledger.rows(&paths);
        assert_eq!(rows, [loss(49, 0, 50), loss(49, 0, 100), loss(48, 0, 49)]);
        let all: u64 = (0..100).map(|i| i % 50).sum();
        assert_eq!(rest, Rest { rows: 98 - 3, bytes: all - 49 - 49 - 48 });
        assert_eq!(ledger.bytes(), all);
    }

    #[test]
    fn every_cause_is_named_even_when_nothing_was_lost() {
        assert_eq!(Ledger::new(1).causes().len(), 9);
    }
}
