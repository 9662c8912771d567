//! What is mounted over the union: volumes, and the files that an engine puts over its own.
//!
//! Source: mount(2) ("bind mount"); rename(2), unlink(2) on EXDEV and EBUSY.

use super::{Call, command::Process};
use crate::overlay::{
    Event, MergedPath, Op, Overlay,
    errno::{Errno, Reason},
};

/// A file or directory of another file system, seen at a place of the union. What happens there happens in `tree`: it
/// copies nothing up, and no commit knows of it.
#[derive(Clone, Debug)]
pub struct BindMount {
    /// Its place in the merged view, where the union has a file or directory of its own under it.
    pub at: MergedPath,
    /// A file system of one layer.
    pub tree: Overlay,
    /// What of `tree` is seen: the root for a directory, a name for a file.
    pub inner: MergedPath,
    /// The volume it is; `None` for a file of the engine's.
    pub volume: Option<String>,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Led {
    /// `None` for the union.
    mount: Option<usize>,
    is_mount_point: bool,
    /// The path in that mount's tree.
    path: Vec<u8>,
}

impl Process<'_> {
    /// Runs an operation whose paths lead into a mount; `None` for one that is the union's.
    pub(super) fn call_in_mount(&mut self, op: &Op) -> Option<Call> {
        if self.mounts.is_empty() {
            return None;
        }
        let keeps_link = matches!(
            op,
            Op::Unlink { .. }
                | Op::Rmdir { .. }
                | Op::Rename { .. }
                | Op::RenameNoReplace { .. }
                | Op::Exchange { .. }
                | Op::ReadLink { .. }
                | Op::Link { .. }
                | Op::Stat { follow: false, .. }
                | Op::Chown { follow: false, .. }
                | Op::SetTime { follow: false, .. }
        );
        let mut op = op.clone();
        let led: Vec<Led> = op.paths_mut().into_iter().map(|path| self.led(path, keeps_link)).collect();
        let first = led.first()?;
        if led.iter().all(|led| led.mount.is_none()) {
            return None;
        }
        let mount = led.iter().find_map(|led| led.mount)?;
        let names_entry = matches!(
            op,
            Op::Unlink { .. } | Op::Rmdir { .. } | Op::Rename { .. } | Op::RenameNoReplace { .. } | Op::Exchange { .. }
        );
        let refusal = if names_entry && led.iter().any(|led| led.is_mount_point) {
            Some((Errno::EBUSY, Reason::MountPoint))
        } else if led.iter().any(|led| led.mount != first.mount) {
            Some((Errno::EXDEV, Reason::AcrossMounts))
        } else {
            None
        };
        let at = self.mounts[mount].at.clone();
        if let Some((errno, reason)) = refusal {
            let events = vec![Event::Refuse { path: op.path_shown(), errno, reason }];
            return Some(Call { op, result: Err(errno), events, mount: Some(at), wrote: false });
        }
        let shown = op.clone();
        for (path, led) in op.paths_mut().into_iter().zip(led) {
            *path = led.path;
        }
        let (result, events) = self.mounts[mount].tree.apply(&op);
        // They are events of another file system: a picture of this union must not fold over them.
        let wrote = events.iter().any(Event::is_change);
        Some(Call { op: shown, result, events: Vec::new(), mount: Some(at), wrote })
    }

    /// The longest beginning of the path that the union has is resolved there; the rest is names.
    fn led(&self, path: &[u8], keeps_link: bool) -> Led {
        let names = crate::path::clamp(path).components;
        let joined = |count: usize| names[..count].iter().fold(MergedPath::root(), |at, name| at.join(name));
        let resolved = (0..=names.len()).rev().find_map(|count| {
            let beginning = [b"/", joined(count).bytes()].concat();
            let whole = count == names.len();
            let found = if whole && keeps_link {
                self.overlay.resolve_link(&beginning)
            } else {
                self.overlay.resolve(&beginning)
            };
            found.ok().map(|at| names[count..].iter().fold(at, |at, name| at.join(name)))
        });
        let place = resolved.unwrap_or_else(MergedPath::root);
        let over = |at: &MergedPath| *at == place || at.is_ancestor_of(&place);
        let Some(mount) = self.mounts.iter().position(|mount| over(&mount.at)) else {
            return Led { mount: None, is_mount_point: false, path: path.to_vec() };
        };
        let BindMount { at, inner, .. } = &self.mounts[mount];
        let rest = place.components().skip(at.components().count());
        let inside = rest.fold(inner.clone(), |at, name| at.join(name));
        Led { mount: Some(mount), is_mount_point: *at == place, path: [b"/", inside.bytes()].concat() }
    }
}
