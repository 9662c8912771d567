//! Where stored bytes went that no process sees.

use layerlab_core::report::{Cause, Efficiency, LedgerEntry};

/// A cause and its share of what is hidden.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    pub cause: Cause,
    pub bytes: u64,
    /// Of all hidden bytes, between 0 and 1.
    pub share: f64,
    /// Its largest entries.
    pub worst: Vec<LedgerEntry>,
}

/// Entries shown of one cause.
const WORST: usize = 5;

/// The causes that hide something, the largest first.
pub fn shares(efficiency: &Efficiency) -> Vec<Share> {
    let total = efficiency.causes.values().sum::<u64>().max(1);
    let mut shares: Vec<Share> = efficiency
        .causes
        .iter()
        .filter(|(_, bytes)| **bytes > 0)
        .map(|(cause, bytes)| Share {
            cause: *cause,
            bytes: *bytes,
            share: *bytes as f64 / total as f64,
            worst: efficiency.ledger.iter().filter(|entry| entry.cause == *cause).take(WORST).cloned().collect(),
        })
        .collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.bytes));
    shares
}

/// Entries of the ledger that [`shares`] leaves out.
pub fn unlisted(efficiency: &Efficiency, shares: &[Share]) -> u64 {
    let all = efficiency.ledger.len() as u64 + efficiency.ledger_rest.rows;
    all.saturating_sub(shares.iter().map(|share| share.worst.len() as u64).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use layerlab_core::{
        cost::{Action, Fix},
        report::Rest,
    };

    fn entry(cause: Cause, bytes: u64) -> LedgerEntry {
        let fix = Fix { action: Action::Join, layer: 0, saves: bytes };
        LedgerEntry { cause, layer: 0, path: "a".into(), bytes, by_layer: 1, by_instruction: None, known: None, fix }
    }

    #[test]
    fn the_largest_cause_comes_first_and_shares_make_a_whole() {
        let efficiency = Efficiency {
            score: 0.5,
            causes: [(Cause::Deleted, 10), (Cause::Overwritten, 30), (Cause::TimeOnly, 0)].into(),
            ledger: std::iter::repeat_n(entry(Cause::Overwritten, 5), 6).chain([entry(Cause::Deleted, 10)]).collect(),
            ledger_rest: Rest { rows: 2, bytes: 0 },
            duplicates: vec![],
            duplicates_rest: Rest::default(),
            leftovers: vec![],
            leftovers_rest: Rest::default(),
        };
        let shares = shares(&efficiency);
        let told: Vec<(Cause, f64, usize)> = shares.iter().map(|s| (s.cause, s.share, s.worst.len())).collect();
        assert_eq!(told, [(Cause::Overwritten, 0.75, 5), (Cause::Deleted, 0.25, 1)]);
        assert_eq!(unlisted(&efficiency, &shares), 3);
    }
}
