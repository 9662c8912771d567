//! The life of one path through the layers of a stack.

use serde::{Deserialize, Serialize};

use super::{
    row::{Change, Kind},
    timeline::{State, Timeline, Version},
};
use crate::{layer::changeset::Metadata, path::PathId, report::Cause, tree::InodeKind};

/// What became of a path, layer by layer, the base first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Biography {
    pub path: PathId,
    /// The whole path, made harmless.
    pub name: String,
    /// Layers of the stack.
    pub height: u32,
    pub chapters: Vec<Chapter>,
    /// The layer whose state a process sees: where the look-up ray stops. `None` where the path is gone.
    pub seen: Option<u32>,
    /// Bytes that the layers store for the path, and those of them that are not seen at it.
    pub stored: u64,
    pub hidden: u64,
}

/// What one layer made of the path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    pub layer: u32,
    pub event: PathEvent,
    /// What the layer has there; `None` where it takes the path away.
    pub kind: Option<Kind>,
    pub metadata: Option<Metadata>,
    pub size: u64,
    /// Bytes that this layer stores for it: 0 for a hard link to what another name stores.
    pub stored: u64,
    /// Of a hard link: the layer whose bytes it shares.
    pub bytes_from: u32,
    /// Target of a symbolic link, made harmless.
    pub target: Option<String>,
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathEvent {
    /// It was not there.
    Created,
    /// It was there before, and a layer in between took it away.
    CreatedAgain,
    /// Other bytes, another link target or device number.
    Replaced,
    /// The same bytes stored once more, for another mode, owner or xattr.
    CopiedForMetadata,
    /// Nothing differs but the time: a file is stored once more.
    Relisted,
    /// Another kind of thing stands there.
    TypeChanged,
    /// No entry lists it: a directory that entries below it imply.
    Implied,
    Removed(Removal),
}

/// How a layer takes a path away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Removal {
    Whiteout,
    /// By a whiteout of a directory above it.
    WithParent,
    OpaqueDirectory,
    /// A directory above it became something else.
    ParentReplaced,
}

/// What a chapter's state is in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It is what a process sees.
    Seen,
    /// Still stored, below what the layer `by` has there.
    Shadowed { by: u32 },
    /// Still stored, and taken away by the layer `by`.
    Deleted { by: u32 },
    /// There is nothing that could be stored: the chapter is a removal.
    Nothing,
}

/// The life of `path`. Empty of chapters where no layer ever has it.
pub fn biography(timeline: &Timeline, path: PathId) -> Biography {
    let versions = timeline.versions(path);
    let mut chapters = Vec::with_capacity(versions.len());
    for (at, &version) in versions.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| versions[at]);
        chapters.push(chapter(timeline, before, version, versions.get(at + 1).copied()));
    }
    let seen = versions.last().filter(|version| is_here(version)).map(|version| version.layer);
    let stored = chapters.iter().fold(0_u64, |sum, chapter| sum.saturating_add(chapter.stored));
    let seen_bytes = chapters.last().filter(|chapter| chapter.fate == Fate::Seen).map_or(0, |chapter| chapter.stored);
    Biography {
        path,
        name: timeline.paths().display(path),
        height: timeline.height(),
        chapters,
        seen,
        stored,
        hidden: stored - seen_bytes,
    }
}

fn chapter(timeline: &Timeline, before: Option<Version>, version: Version, after: Option<Version>) -> Chapter {
    let (inode, hard_link) = match version.state {
        State::Here { inode, hard_link } => (timeline.inode(inode), hard_link),
        State::Gone(cause) => {
            return Chapter {
                layer: version.layer,
                event: PathEvent::Removed(removal(cause)),
                kind: None,
                metadata: None,
                size: 0,
                stored: 0,
                bytes_from: version.layer,
                target: None,
                fate: Fate::Nothing,
            };
        }
    };
    Chapter {
        layer: version.layer,
        event: match Change::between(timeline, before, Some(version)) {
            _ if inode.entry.is_none() => PathEvent::Implied,
            Some(Change::Content) => PathEvent::Replaced,
            Some(Change::Metadata) => PathEvent::CopiedForMetadata,
            Some(Change::Type) => PathEvent::TypeChanged,
            Some(Change::Relisted | Change::Unmodified) => PathEvent::Relisted,
            _ if before.is_some() => PathEvent::CreatedAgain,
            _ => PathEvent::Created,
        },
        kind: Some(Kind::of(inode, hard_link)),
        metadata: Some(inode.metadata),
        size: inode.size,
        stored: if hard_link { 0 } else { inode.size },
        bytes_from: inode.layer,
        target: match inode.kind {
            InodeKind::Symlink { target } => Some(crate::display::harmless(timeline.tree().target(target))),
            _ => None,
        },
        fate: match after {
            None => Fate::Seen,
            Some(Version { layer, state: State::Here { .. }, .. }) => Fate::Shadowed { by: layer },
            Some(Version { layer, state: State::Gone(_), .. }) => Fate::Deleted { by: layer },
        },
    }
}

fn is_here(version: &Version) -> bool {
    matches!(version.state, State::Here { .. })
}

fn removal(cause: Cause) -> Removal {
    match cause {
        Cause::DeletedWithDirectory => Removal::WithParent,
        Cause::HiddenByOpaque => Removal::OpaqueDirectory,
        Cause::DirectoryReplaced => Removal::ParentReplaced,
        _ => Removal::Whiteout,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::timeline;
    use super::*;
    use crate::{
        path::clamp,
        tree::testing::{Item, dir, file, link, opaque, whiteout},
    };

    fn life(layers: &[&[Item]], path: &str) -> Biography {
        let timeline = timeline(layers);
        let path = timeline.paths().find(clamp(path.as_bytes()).components).unwrap();
        biography(&timeline, path)
    }

    fn events(layers: &[&[Item]], path: &str) -> Vec<(u32, PathEvent, Fate)> {
        life(layers, path).chapters.iter().map(|chapter| (chapter.layer, chapter.event, chapter.fate)).collect()
    }

    #[test]
    fn a_file_is_created_copied_replaced_and_deleted() {
        use {Fate::*, PathEvent::*};
        let layers = [
            &[file("a", "1111")][..],
            &[file("a", "1111").mode(0o600)],
            &[file("other", "")],
            &[file("a", "22")],
            &[file("a", "22").mode(0o644).mtime(7)],
            &[whiteout("a")],
            &[file("a", "3")],
        ];
        assert_eq!(
            events(&layers, "a"),
            [
                (0, Created, Shadowed { by: 1 }),
                (1, CopiedForMetadata, Shadowed { by: 3 }),
                (3, Replaced, Shadowed { by: 4 }),
                (4, Relisted, Deleted { by: 5 }),
                (5, Removed(Removal::Whiteout), Nothing),
                (6, CreatedAgain, Seen),
            ]
        );
        let life = life(&layers, "a");
        assert_eq!((life.seen, life.stored, life.hidden), (Some(6), 13, 12));
    }

    #[test]
    fn every_way_to_go_is_named() {
        let removed = |top: &[Item]| {
            let life = life(&[&[dir("d"), file("d/x", "1")], top], "d/x");
            assert_eq!((life.seen, life.hidden), (None, 1));
            life.chapters[1].event
        };
        assert_eq!(removed(&[whiteout("d/x")]), PathEvent::Removed(Removal::Whiteout));
        assert_eq!(removed(&[whiteout("d")]), PathEvent::Removed(Removal::WithParent));
        assert_eq!(removed(&[opaque("d")]), PathEvent::Removed(Removal::OpaqueDirectory));
        assert_eq!(removed(&[file("d", "")]), PathEvent::Removed(Removal::ParentReplaced));
    }

    #[test]
    fn a_hard_link_stores_nothing_and_names_the_layer_of_its_bytes() {
        let life = life(&[&[file("a", "four")], &[link("b", "a")]], "b");
        let chapter = &life.chapters[0];
        assert_eq!((chapter.kind, chapter.size, chapter.stored, chapter.bytes_from), (Some(Kind::HardLink), 4, 0, 0));
    }

    #[test]
    fn a_parent_that_no_entry_lists_is_implied() {
        assert_eq!(events(&[&[file("d/x", "1")]], "d"), [(0, PathEvent::Implied, Fate::Seen)]);
    }
}
