//! The layers that two images share.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::diff_id;
use crate::{digest::DiffId, report::LayerReport};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// How many of the lowest layers are the same: with equal chain IDs, a store keeps them once.
    pub trunk: u64,
    /// Base first; layers of `a` before those of `b` where the two part.
    pub rows: Vec<LayerRow>,
}

/// A layer of one image or of both, by its places (0 is the base).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerRow {
    /// The same content (diff_id), in the trunk or above other layers. `same_blob` is false where it is stored
    /// otherwise (another compression).
    Shared {
        a: u64,
        b: u64,
        same_blob: bool,
    },
    OnlyA(u64),
    OnlyB(u64),
}

impl Layers {
    pub fn compare(a: &[LayerReport], b: &[LayerReport]) -> Self {
        let same = |(a, b): &(&LayerReport, &LayerReport)| diff_id(a).is_some() && diff_id(a) == diff_id(b);
        let trunk = a.iter().zip(b).take_while(same).count();
        let mut rows: Vec<LayerRow> = (0..trunk).map(|at| shared((at, &a[at]), (at, &b[at]))).collect();
        // Above the trunk a layer may stand on others: each is paired with the lowest equal one that is free.
        let mut free: HashMap<&DiffId, VecDeque<usize>> = HashMap::new();
        for (at, layer) in b.iter().enumerate().skip(trunk) {
            if let Some(id) = diff_id(layer) {
                free.entry(id).or_default().push_back(at);
            }
        }
        let mut paired = vec![false; b.len()];
        for (at, layer) in a.iter().enumerate().skip(trunk) {
            let partner = diff_id(layer).and_then(|id| free.get_mut(id)?.pop_front());
            rows.push(match partner {
                Some(partner) => {
                    paired[partner] = true;
                    shared((at, layer), (partner, &b[partner]))
                }
                None => LayerRow::OnlyA(at as u64),
            });
        }
        rows.extend((trunk..b.len()).filter(|&at| !paired[at]).map(|at| LayerRow::OnlyB(at as u64)));
        Self { trunk: trunk as u64, rows }
    }

    /// Every layer of either is in the trunk.
    pub fn all_shared(&self) -> bool {
        self.rows.len() as u64 == self.trunk
    }
}

fn shared((a, of_a): (usize, &LayerReport), (b, of_b): (usize, &LayerReport)) -> LayerRow {
    LayerRow::Shared { a: a as u64, b: b as u64, same_blob: of_a.blob_digest == of_b.blob_digest }
}
