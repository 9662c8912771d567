//! Progress of one archive: by layer, by bytes, by time.

use crate::state::{Archive, Phase, Tally};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Bytes: of the archive while it is opened, of its layers afterwards.
    pub bytes: Tally,
    /// `None` while they are not counted.
    pub layers: Option<Tally>,
    /// Seconds; `None` until an estimate means something.
    pub remaining: Option<f64>,
    /// Bytes a second.
    pub rate: Option<f64>,
}

impl Progress {
    pub fn of(archive: &Archive) -> Self {
        let opening = match archive.phase {
            Phase::Opening { done, total, .. } => Some(Tally { done, total }),
            _ => None,
        };
        let bytes = opening.unwrap_or(archive.bytes);
        Self {
            bytes,
            layers: opening.is_none().then_some(archive.layers),
            remaining: archive.pace.remaining(bytes.total),
            rate: archive.pace.rate(),
        }
    }

    /// Between 0 and 1; `None` where the total is not known. An archive without layers is read.
    pub fn share(&self) -> Option<f64> {
        match (self.bytes.total, self.layers) {
            (0, None) => None,
            (0, Some(_)) => Some(1.0),
            (total, _) => Some((self.bytes.done as f64 / total as f64).min(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::example;

    #[test]
    fn layers_are_not_counted_before_they_are_known() {
        let archive = example::accepted(1_000);
        let progress = Progress::of(&archive);
        assert_eq!(progress.layers, None);
        assert_eq!(progress.share(), Some(0.0));
        assert_eq!(progress.remaining, None);
    }

    #[test]
    fn bytes_and_layers_are_counted_apart() {
        let archive = example::half_read();
        let progress = Progress::of(&archive);
        assert_eq!(progress.layers, Some(Tally { done: 1, total: 2 }));
        assert_eq!(progress.bytes, Tally { done: 100, total: 300 });
    }
}
