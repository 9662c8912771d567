//! The seal of a layer: what is known of its digests at this moment.

use layerlab_core::archive::{ImageLayer, LayerSource};

use crate::state::{Archive, Blob};

/// Never a tick where nothing was computed, or nothing was declared to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seal {
    NotChecked,
    /// The share of its bytes that has been read.
    Checking(f32),
    Verified,
    Mismatch,
}

impl Seal {
    pub fn of(archive: &Archive, layer: &ImageLayer) -> Self {
        let LayerSource::Blob(id) = &layer.source else { return Self::NotChecked };
        let size = archive.plan.as_ref().and_then(|plan| plan.blobs.get(id.0 as usize)).map_or(0, |b| b.location.size);
        match archive.blob(*id) {
            None | Some(Blob::Waiting | Blob::Failed(_)) => Self::NotChecked,
            Some(Blob::Reading(_)) if !archive.is_busy() => Self::NotChecked,
            Some(Blob::Reading(stored)) => Self::Checking((*stored as f32 / size.max(1) as f32).min(1.0)),
            Some(Blob::Read(summary)) => {
                let digest =
                    layer.declared.as_ref().filter(|d| d.digest.algorithm() == summary.blob_digest.algorithm());
                let digest = digest.map(|d| d.digest == summary.blob_digest);
                let size =
                    layer.declared.as_ref().and_then(|d| d.size).map(|s| u64::try_from(s) == Ok(summary.blob_size));
                let diff_id =
                    layer.diff_id_declared.as_ref().filter(|d| d.0.algorithm() == summary.diff_id.0.algorithm());
                let diff_id = diff_id.map(|d| *d == summary.diff_id);
                Self::from_checks([digest, size, diff_id])
            }
        }
    }

    /// One seal for several comparisons; `None` is a comparison that could not be made.
    fn from_checks(checks: [Option<bool>; 3]) -> Self {
        match checks {
            checks if checks.contains(&Some(false)) => Self::Mismatch,
            // A size alone proves nothing.
            [None, _, None] => Self::NotChecked,
            _ => Self::Verified,
        }
    }

    /// The key of its word, and the class of its looks.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotChecked => "not-checked",
            Self::Checking(_) => "checking",
            Self::Verified => "verified",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Circumference of the ring that fills while a digest is computed, and how much of it is drawn: the values of
/// `stroke-dasharray` for a circle of `radius`.
pub fn ring(radius: f32, share: f32) -> (f32, f32) {
    let whole = std::f32::consts::TAU * radius;
    (whole * share.clamp(0.0, 1.0), whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bridge::Event, view_model::example};
    use layerlab_core::archive::BlobId;

    fn seals(archive: &Archive) -> Vec<Seal> {
        let plan = archive.plan.as_ref().unwrap();
        plan.images[0].layers.iter().map(|layer| Seal::of(archive, layer)).collect()
    }

    #[test]
    fn a_seal_goes_from_not_checked_over_checking_to_verified() {
        let progress = Event::LayerProgress { id: example::ID, blob: BlobId(1), stored: 50 };
        let archive = example::archive(example::plan(), [example::read(0, b"base"), progress]);
        assert_eq!(seals(&archive), [Seal::Verified, Seal::Checking(0.25)]);
        assert_eq!(seals(&example::archive(example::plan(), [])), [Seal::NotChecked; 2]);
    }

    #[test]
    fn other_bytes_are_a_mismatch() {
        let archive = example::archive(example::plan(), [example::read(0, b"forged")]);
        assert_eq!(seals(&archive)[0], Seal::Mismatch);
    }

    #[test]
    fn a_size_alone_seals_nothing() {
        let mut plan = example::plan();
        let layer = &mut plan.images[0].layers[0];
        layer.diff_id_declared = None;
        layer.declared.as_mut().unwrap().digest = "blake3:00".parse().unwrap();
        assert_eq!(seals(&example::archive(plan, [example::read(0, b"base")]))[0], Seal::NotChecked);
    }

    #[test]
    fn cancelling_leaves_no_seal_half_drawn() {
        let progress = Event::LayerProgress { id: example::ID, blob: BlobId(0), stored: 50 };
        let state = example::state(example::plan(), [progress]);
        let state = state.after(crate::state::Action::Cancelled(example::ID));
        assert_eq!(seals(state.archive(example::ID).unwrap())[0], Seal::NotChecked);
    }
}
