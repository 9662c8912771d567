//! A union mount that can be used: OverlayFS as a process sees it, every step told.
//!
//! The judge of this model is the kernel: `overlay-diff` runs the same random operations here and on a real mount, and
//! compares each result, the merged tree, and the upperdir.
//!
//! Source: Documentation/filesystems/overlayfs.rst of Linux 6.18. Section names in the comments are that document's.
//!
//! Invariant: nothing changes the upperdir but an [`Event`].

use std::sync::Arc;

pub mod changeset;
mod commit;
mod content;
mod copy_up;
mod create;
mod dialect;
pub mod engine;
mod errno;
mod event;
mod file;
mod inode;
mod layer;
mod lookup;
mod merged;
mod metadata;
mod mode;
mod op;
mod path;
mod remove;
mod rename;
pub mod shell;
mod upper;
mod walk;
mod xattr;

pub use self::{
    commit::{Change, ChangeKind, CommitError, CommittedLayer},
    content::Content,
    dialect::{Dialect, Form, OnDisk},
    errno::{Errno, Reason},
    event::{CopyUp, CopyUpTo, Event, Found, Removed},
    inode::{Bytes, FileType, Ino, Inode, Kind, LayerNo, Name, Origin, OverlayXattrs},
    layer::Layer,
    merged::{MergedEntry, Part},
    mode::{Mode, OverlayMount},
    op::{Flags, NodeKind, Op, Outcome, Place, Stat, XattrFlag},
    path::MergedPath,
    upper::Upper,
};
use self::{errno::Refusal, lookup::LowerInode};

/// A mounted overlay: read-only lower layers, a writable upper one, and the merged view of both. A clone is a snapshot
/// and costs one pointer for each inode of the upperdir.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// Base first.
    lowers: Vec<Arc<Layer>>,
    upper: Upper,
    mode: Mode,
    now: i64,
    events: Vec<Event>,
}

impl Overlay {
    /// Mounts `lowers`, base first, under an empty upperdir, which takes mode and owner of its root from the topmost
    /// lower layer, as container engines make it.
    pub fn new(lowers: Vec<Arc<Layer>>, mode: Mode) -> Self {
        let mut upper = Upper::default();
        if let Some(top) = lowers.last() {
            upper.take_root_from(top.inode(Layer::ROOT));
        }
        Self { lowers, upper, mode, now: 0, events: Vec::new() }
    }

    /// Mounts an upperdir that is not empty: one of an earlier mount on the same lower layers, or a tree in OverlayFS's
    /// form. Its index is gone, as after the workdir was deleted.
    pub fn with_upper(lowers: Vec<Arc<Layer>>, upper: Layer, mode: Mode) -> Self {
        Self { lowers, upper: Upper::from_layer(upper), mode, now: 0, events: Vec::new() }
    }

    /// Runs one operation as root, with umask 0 and `/` as working directory. Returns what the system call would, and
    /// what happened on the way, also on the way to a refusal.
    pub fn apply(&mut self, op: &Op) -> (Result<Outcome, Errno>, Vec<Event>) {
        self.events.clear();
        let result = self.run(op).map_err(|Refusal { errno, reason }| {
            self.events.push(Event::Refuse { path: op.path_shown(), errno, reason });
            errno
        });
        (result, std::mem::take(&mut self.events))
    }

    /// The time of what happens from now on, in seconds since the epoch. The model has no clock of its own.
    pub fn set_time(&mut self, now: i64) {
        self.now = now;
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The read-only layers, base first. (`lowerdir=` wants them top first.)
    pub fn lowers(&self) -> &[Arc<Layer>] {
        &self.lowers
    }

    pub fn upper(&self) -> &Upper {
        &self.upper
    }

    /// The number of the upperdir: one more than that of the topmost lower layer.
    pub fn upper_no(&self) -> LayerNo {
        LayerNo(self.lowers.len() as u32)
    }

    /// The layers of the next mount: the upperdir of this one has become the topmost lower layer, whiteouts,
    /// opaque directories, redirects and all.
    pub fn into_lowers(self) -> Vec<Arc<Layer>> {
        let mut lowers = self.lowers;
        lowers.push(Arc::new(self.upper.into_layer()));
        lowers
    }

    fn run(&mut self, op: &Op) -> Result<Outcome, Refusal> {
        match op {
            Op::Stat { path, follow } => self.stat(path, *follow),
            Op::ReadLink { path } => self.read_link(path),
            Op::Read { path } => self.read(path),
            Op::ReadDir { path } => self.read_dir(path),
            Op::Write { path, flags, place, data } => self.write(path, *flags, *place, data),
            Op::Truncate { path, len } => self.truncate(path, *len),
            Op::Mkdir { path, mode } => self.mkdir(path, *mode),
            Op::Mknod { path, kind, mode } => self.mknod(path, *kind, *mode),
            Op::Symlink { target, path } => self.symlink(target, path),
            Op::Link { from, to } => self.hard_link(from, to),
            Op::Unlink { path } => self.remove_name(path),
            Op::Rmdir { path } => self.rmdir(path),
            Op::Rename { from, to } => self.rename(from, to, false),
            Op::RenameNoReplace { from, to } => self.rename(from, to, true),
            Op::Exchange { a, b } => self.exchange(a, b),
            Op::Chmod { path, mode } => self.chmod(path, *mode),
            Op::Chown { path, uid, gid, follow } => self.chown(path, *uid, *gid, *follow),
            Op::SetTime { path, mtime, follow } => self.set_mtime(path, *mtime, *follow),
            Op::SetXattr { path, name, value, flag, follow } => self.set_xattr(path, name, value, *flag, *follow),
            Op::GetXattr { path, name, follow } => self.get_xattr(path, name, *follow),
            Op::ListXattr { path, follow } => self.list_xattr(path, *follow),
            Op::RemoveXattr { path, name, follow } => self.remove_xattr(path, name, *follow),
        }
    }

    /// The only way to change the upperdir.
    fn emit(&mut self, event: Event) {
        self.upper.apply(&event);
        self.events.push(event);
    }

    fn lower(&self, layer: LayerNo) -> &Layer {
        &self.lowers[layer.0 as usize]
    }

    /// The roots of the lower layers, top first.
    fn lower_roots(&self) -> impl Iterator<Item = LowerInode> + use<> {
        (0..self.lowers.len() as u32).rev().map(|layer| LowerInode { layer: LayerNo(layer), ino: Layer::ROOT })
    }
}
