//! What would have kept a loss out of the image.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{instruction::Made, known::Known};
use crate::report::Cause;

/// One change of a build, and the bytes that it saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub action: Action,
    /// The layer whose instruction is to change. 0 is the base.
    pub layer: u64,
    /// Stored bytes that the image is smaller by. Each loss is saved once: the fixes of a ledger save its sum.
    pub saves: u64,
}

/// What to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Remove it in the instruction that makes it: a removal in a later layer hides, and frees nothing.
    RemoveInSameInstruction,
    /// Keep a package manager's cache out of the layer (`RUN --mount=type=cache`), or clean it in the instruction.
    KeepCacheOut,
    /// Leave it out of the `COPY` (`.dockerignore`), or copy it in a build stage of which only the result is taken.
    LeaveOutOfCopy,
    /// `COPY --chmod`.
    CopyChmod,
    /// `COPY --chown`.
    CopyChown,
    /// Join the later instruction with that of the layer, so that only the last version is stored.
    Join,
    /// Copy the final version in the first place.
    CopyFinalVersion,
    /// Do not write again what does not change: only the time is another.
    KeepTimes,
    /// Do not change mode or owner of what the base image brings, or change it in the base.
    KeepMetadata,
    /// Choose or build a base image that is as it should be: this one stores what is not seen.
    ChangeBase,
    /// Write the path into the layer once: the tool that made the layer wrote it twice.
    WriteOnce,
    /// Make the layer with a tool whose markers carry no content.
    WriteNoContent,
}

/// Bytes that one layer stores and that are not seen, and the instructions behind them.
#[derive(Clone, Copy, Debug)]
pub struct Loss<'a> {
    pub cause: Cause,
    pub layer: u64,
    pub by_layer: u64,
    pub bytes: u64,
    pub known: Option<Known>,
    /// What made `layer`, and what made `by_layer`.
    pub stored_by: Option<&'a str>,
    pub caused_by: Option<&'a str>,
}

impl Fix {
    pub fn of(loss: &Loss<'_>) -> Self {
        let stored = Made::by(loss.stored_by, loss.layer);
        let (action, layer) = match loss.cause {
            Cause::NoPath => (Action::WriteNoContent, loss.layer),
            Cause::RepeatedInLayer => (Action::WriteOnce, loss.layer),
            // Whichever layer stores the first copy: it is the second that need not be.
            Cause::TimeOnly => (Action::KeepTimes, loss.by_layer),
            Cause::MetadataOnly => metadata_only(loss, stored),
            Cause::Overwritten => match stored {
                Made::Base => (Action::ChangeBase, loss.layer),
                Made::Copy => (Action::CopyFinalVersion, loss.layer),
                Made::Run | Made::Unknown => (Action::Join, loss.layer),
            },
            Cause::Deleted | Cause::DeletedWithDirectory | Cause::HiddenByOpaque | Cause::DirectoryReplaced => {
                (removal(stored, loss.known), loss.layer)
            }
        };
        Self { action, layer, saves: loss.bytes }
    }

    /// The fix of what is still seen and not needed.
    pub fn of_leftover(known: Known, layer: u64, stored_by: Option<&str>, bytes: u64) -> Self {
        Self { action: removal(Made::by(stored_by, layer), Some(known)), layer, saves: bytes }
    }
}

fn removal(stored: Made, known: Option<Known>) -> Action {
    match stored {
        Made::Base => Action::ChangeBase,
        Made::Copy => Action::LeaveOutOfCopy,
        Made::Run | Made::Unknown if known.is_some_and(Known::is_cache) => Action::KeepCacheOut,
        Made::Run | Made::Unknown => Action::RemoveInSameInstruction,
    }
}

fn metadata_only(loss: &Loss<'_>, stored: Made) -> (Action, u64) {
    let caused_by = loss.caused_by.unwrap_or_default();
    match stored {
        Made::Base => (Action::KeepMetadata, loss.by_layer),
        Made::Copy if caused_by.contains("chown") || caused_by.contains("chgrp") => (Action::CopyChown, loss.layer),
        Made::Copy if caused_by.contains("chmod") => (Action::CopyChmod, loss.layer),
        Made::Copy => (Action::CopyFinalVersion, loss.layer),
        Made::Run | Made::Unknown => (Action::Join, loss.layer),
    }
}

impl Action {
    pub const ALL: &'static [Self] = &[
        Self::RemoveInSameInstruction,
        Self::KeepCacheOut,
        Self::LeaveOutOfCopy,
        Self::CopyChmod,
        Self::CopyChown,
        Self::Join,
        Self::CopyFinalVersion,
        Self::KeepTimes,
        Self::KeepMetadata,
        Self::ChangeBase,
        Self::WriteOnce,
        Self::WriteNoContent,
    ];
}

impl fmt::Display for Fix {
    /// One English phrase; layers are numbered from 1, as people count.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = self.layer + 1;
        match self.action {
            Action::RemoveInSameInstruction => write!(f, "remove it in layer {layer}'s own instruction"),
            Action::KeepCacheOut => {
                write!(f, "RUN --mount=type=cache in layer {layer}, or clean the cache in the same RUN")
            }
            Action::LeaveOutOfCopy => {
                write!(f, "leave it out of layer {layer}'s COPY (.dockerignore, or a build stage)")
            }
            Action::CopyChmod => write!(f, "COPY --chmod in layer {layer}"),
            Action::CopyChown => write!(f, "COPY --chown in layer {layer}"),
            Action::Join => write!(f, "join with layer {layer}'s instruction"),
            Action::CopyFinalVersion => write!(f, "copy the final version in layer {layer}"),
            Action::KeepTimes => write!(f, "do not touch timestamps in layer {layer}"),
            Action::KeepMetadata => write!(f, "do not change mode or owner of the base image's files in layer {layer}"),
            Action::ChangeBase => write!(f, "use a base image without it (layer {layer})"),
            Action::WriteOnce => write!(f, "write the path into layer {layer} once"),
            Action::WriteNoContent => write!(f, "make layer {layer} with a tool whose markers carry no content"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "/bin/sh -c #(nop) ADD file:ab in / ";
    const COPY: &str = "COPY app /app # buildkit";
    const RUN: &str = "RUN /bin/sh -c make # buildkit";

    #[track_caller]
    fn assert_fix(cause: Cause, stored_by: &str, caused_by: &str, sentence: &str) {
        let layer = u64::from(stored_by != BASE);
        let (stored_by, caused_by) = (Some(stored_by), Some(caused_by));
        let loss = Loss { cause, layer, by_layer: 3, bytes: 7, known: None, stored_by, caused_by };
        let fix = Fix::of(&loss);
        assert_eq!((fix.to_string().as_str(), fix.saves), (sentence, 7));
    }

    #[test]
    fn a_removal_belongs_where_the_bytes_are_made() {
        let rm = "RUN rm -rf /app";
        assert_fix(Cause::Deleted, RUN, rm, "remove it in layer 2's own instruction");
        assert_fix(
            Cause::DeletedWithDirectory,
            COPY,
            rm,
            "leave it out of layer 2's COPY (.dockerignore, or a build stage)",
        );
        assert_fix(Cause::HiddenByOpaque, BASE, rm, "use a base image without it (layer 1)");
    }

    #[test]
    fn a_change_of_mode_belongs_to_the_copy() {
        assert_fix(Cause::MetadataOnly, COPY, "RUN chmod +x /app/run", "COPY --chmod in layer 2");
        assert_fix(Cause::MetadataOnly, COPY, "RUN chown -R app /app && chmod +x /app/run", "COPY --chown in layer 2");
        assert_fix(Cause::MetadataOnly, RUN, "RUN chmod +x /app/run", "join with layer 2's instruction");
        let base = "do not change mode or owner of the base image's files in layer 4";
        assert_fix(Cause::MetadataOnly, BASE, "RUN chmod +x /bin/x", base);
    }

    #[test]
    fn what_is_written_again_is_written_once() {
        assert_fix(Cause::Overwritten, RUN, RUN, "join with layer 2's instruction");
        assert_fix(Cause::Overwritten, COPY, COPY, "copy the final version in layer 2");
        assert_fix(Cause::Overwritten, BASE, RUN, "use a base image without it (layer 1)");
        assert_fix(Cause::TimeOnly, COPY, "RUN touch /app/run", "do not touch timestamps in layer 4");
    }

    #[test]
    fn a_package_cache_is_kept_out_of_the_layer() {
        let fix = |stored_by| Fix::of_leftover(Known::AptLists, 1, Some(stored_by), 9).action;
        assert_eq!(fix(RUN), Action::KeepCacheOut);
        assert_eq!(fix(COPY), Action::LeaveOutOfCopy);
        assert_eq!(Fix::of_leftover(Known::Logs, 1, Some(RUN), 9).action, Action::RemoveInSameInstruction);
    }
}
