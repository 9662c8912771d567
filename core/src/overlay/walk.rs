//! A path as a process writes it, resolved to a name in a directory.
//!
//! Source: path_resolution(7); Documentation/filesystems/path-lookup.rst.

use std::collections::VecDeque;

use super::{
    Overlay,
    errno::{Errno, Reason, Refusal, is_a_directory, no_such_entry, not_a_directory, refuse},
    event::Event,
    inode::{Kind, Name},
    lookup::Dentry,
    path::MergedPath,
};

/// Symbolic links followed for one path.
const MAX_LINKS: usize = 40;
const NAME_MAX: usize = 255;
/// Bytes of a path, its terminating NUL included.
pub(super) const PATH_MAX: usize = 4096;

/// Where a path leads.
pub(super) struct Walked {
    /// The directory of the last component; for `.`, `..` and `/` the directory itself.
    pub parent: Dentry,
    pub last: Last,
    /// The last component was written with a slash behind it.
    pub trailing_slash: bool,
    /// What the last component is, perhaps nothing.
    pub dentry: Dentry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Name,
    Dot,
    DotDot,
    Root,
}

/// What to do when the last component is a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLink {
    Follow,
    Keep,
    /// Keep it unless a slash follows, as `lstat` does.
    FollowBeforeSlash,
    /// Follow it to where a file may be made, or keep it (`O_EXCL`). A slash behind the name is refused before anything
    /// is looked up: a file cannot have one.
    Create {
        exclusive: bool,
    },
}

impl Overlay {
    /// Walks a path from the root (relative paths too: the process's working directory is the root).
    pub(super) fn walk(&mut self, path: &[u8], last_link: LastLink) -> Result<Walked, Refusal> {
        let mut steps = Vec::new();
        let result = self.walk_noting(path, last_link, &mut steps);
        self.events.append(&mut steps);
        result
    }

    /// Walks a path whose last component must exist.
    pub(super) fn walk_existing(&mut self, path: &[u8], last_link: LastLink) -> Result<Dentry, Refusal> {
        let walked = self.walk(path, last_link)?;
        if !walked.dentry.exists() {
            return no_such_entry();
        }
        if walked.trailing_slash && !self.inode(&walked.dentry).is_directory() {
            return not_a_directory();
        }
        Ok(walked.dentry)
    }

    /// The place in the merged view that a path leads to, all symbolic links followed. No events: nobody asked.
    pub fn resolve(&self, path: &[u8]) -> Result<MergedPath, Errno> {
        self.resolved(path, LastLink::Follow)
    }

    /// The same, but a symbolic link at the end stays itself.
    pub fn resolve_link(&self, path: &[u8]) -> Result<MergedPath, Errno> {
        self.resolved(path, LastLink::FollowBeforeSlash)
    }

    fn resolved(&self, path: &[u8], last_link: LastLink) -> Result<MergedPath, Errno> {
        match self.walk_noting(path, last_link, &mut Vec::new()) {
            Ok(walked) if walked.dentry.exists() => Ok(walked.dentry.path),
            Ok(_) => Err(Errno::ENOENT),
            Err(refusal) => Err(refusal.errno),
        }
    }

    fn walk_noting(&self, path: &[u8], last_link: LastLink, steps: &mut Vec<Event>) -> Result<Walked, Refusal> {
        if path.is_empty() {
            return refuse(Errno::ENOENT, Reason::EmptyPath);
        }
        if path.len() >= PATH_MAX {
            return refuse(Errno::ENAMETOOLONG, Reason::PathTooLong);
        }
        if path.contains(&0) {
            return refuse(Errno::EINVAL, Reason::NulInPath);
        }
        let mut chain = vec![self.root()];
        let mut rest: VecDeque<Name> = components(path);
        let mut trailing_slash = path.ends_with(b"/");
        let mut last = Last::Root;
        let mut links = 0;
        while let Some(component) = rest.pop_front() {
            let is_last = rest.is_empty();
            if !self.inode(&chain[chain.len() - 1]).is_directory() {
                return not_a_directory();
            }
            last = match &component[..] {
                b"." => Last::Dot,
                b".." => {
                    if chain.len() > 1 {
                        chain.pop();
                    }
                    Last::DotDot
                }
                _ => Last::Name,
            };
            if last != Last::Name {
                continue;
            }
            if component.len() > NAME_MAX {
                return refuse(Errno::ENAMETOOLONG, Reason::NameTooLong);
            }
            if is_last && trailing_slash && matches!(last_link, LastLink::Create { .. }) {
                return is_a_directory();
            }
            let here = &chain[chain.len() - 1];
            let dentry = self.look_up(here, &component, Some(steps))?;
            if !dentry.exists() && !is_last {
                return no_such_entry();
            }
            let follow = !is_last
                || matches!(last_link, LastLink::Follow | LastLink::Create { exclusive: false })
                || (last_link == LastLink::FollowBeforeSlash && trailing_slash);
            if dentry.exists()
                && follow
                && let Kind::Symlink(target) = &self.inode(&dentry).kind
            {
                links += 1;
                if links > MAX_LINKS {
                    return refuse(Errno::ELOOP, Reason::TooManyLinks);
                }
                if target.is_empty() {
                    return refuse(Errno::ENOENT, Reason::EmptyPath);
                }
                if target.starts_with(b"/") {
                    chain.truncate(1);
                }
                if is_last {
                    trailing_slash |= target.ends_with(b"/");
                    last = Last::Root;
                }
                for component in components(target).into_iter().rev() {
                    rest.push_front(component);
                }
                continue;
            }
            if is_last {
                let parent = here.clone();
                return Ok(Walked { parent, last, trailing_slash, dentry });
            }
            chain.push(dentry);
        }
        let here = &chain[chain.len() - 1];
        Ok(Walked { parent: here.clone(), last, trailing_slash, dentry: here.clone() })
    }
}

fn components(path: &[u8]) -> VecDeque<Name> {
    path.split(|&b| b == b'/').filter(|part| !part.is_empty()).map(Name::from).collect()
}
