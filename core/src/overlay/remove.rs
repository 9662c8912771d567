//! unlink and rmdir: what lies below is hidden, never removed.
//!
//! Source: "whiteouts and opaque directories"; fs/overlayfs/dir.c.

use super::{
    Overlay,
    copy_up::For,
    errno::{Errno, Reason, Refusal, is_a_directory, no_such_entry, not_a_directory, refuse},
    event::{Event, Removed},
    lookup::Dentry,
    op::Outcome,
    path::MergedPath,
    walk::{Last, LastLink},
};

impl Overlay {
    pub(super) fn remove_name(&mut self, path: &[u8]) -> Result<Outcome, Refusal> {
        let walked = self.walk(path, LastLink::Keep)?;
        if walked.last != Last::Name {
            return is_a_directory();
        }
        if !walked.dentry.exists() {
            return no_such_entry();
        }
        if self.inode(&walked.dentry).is_directory() {
            return is_a_directory();
        }
        if walked.trailing_slash {
            return not_a_directory();
        }
        self.remove(&walked.parent, &walked.dentry)
    }

    pub(super) fn rmdir(&mut self, path: &[u8]) -> Result<Outcome, Refusal> {
        let walked = self.walk(path, LastLink::Keep)?;
        match walked.last {
            Last::Root => return refuse(Errno::EBUSY, Reason::NotAnEntry),
            Last::Dot => return refuse(Errno::EINVAL, Reason::NotAnEntry),
            Last::DotDot => return refuse(Errno::ENOTEMPTY, Reason::NotAnEntry),
            Last::Name if !walked.dentry.exists() => return no_such_entry(),
            Last::Name if !self.inode(&walked.dentry).is_directory() => return not_a_directory(),
            Last::Name => {}
        }
        self.remove(&walked.parent, &walked.dentry)
    }

    fn remove(&mut self, parent: &Dentry, dentry: &Dentry) -> Result<Outcome, Refusal> {
        let lower_positive = self.is_lower_positive(parent, dentry);
        let is_dir = self.inode(dentry).is_directory();
        let whiteouts = if is_dir { self.whiteouts_of_empty(dentry)? } else { Vec::new() };
        let parent = self.copy_up(&parent.path, For::Metadata)?;
        let dentry = self.before_link_count_changes(dentry)?;
        let links = self.union_links(&dentry);
        self.clear_whiteouts(&dentry, whiteouts);
        if dentry.in_upper() {
            let what = if is_dir { Removed::EmptyDirectory } else { Removed::Name };
            self.emit(Event::Remove { path: dentry.path.clone(), what });
        }
        if lower_positive {
            self.emit(Event::Whiteout { path: dentry.path.clone() });
        }
        self.after_name_removed(&dentry, links);
        self.touch(&parent);
        Ok(Outcome::Done)
    }

    /// Refuses a directory that is not empty; of an empty one returns the whiteouts that its upper part holds.
    pub(super) fn whiteouts_of_empty(&self, directory: &Dentry) -> Result<Vec<MergedPath>, Refusal> {
        if !self.merged_names(directory).is_empty() {
            return refuse(Errno::ENOTEMPTY, Reason::DirectoryNotEmpty);
        }
        let entries = directory.upper.and_then(|ino| self.upper.layer().entries(ino));
        Ok(entries.into_iter().flatten().map(|(name, _)| directory.path.join(name)).collect())
    }

    /// Empties the upper part of a directory that is empty in the merged view.
    pub(super) fn clear_whiteouts(&mut self, directory: &Dentry, whiteouts: Vec<MergedPath>) {
        if let (Some(ino), false) = (directory.upper, whiteouts.is_empty()) {
            self.emit(Event::Clear { path: directory.path.clone(), ino, whiteouts });
        }
    }
}
