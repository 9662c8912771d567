//! Commands that change names and data: touch, mkdir, rmdir, rm, mv, cp, ln, mkfifo, truncate.

use super::{Message, command::Process, list::join};
use crate::overlay::{
    Event, FileType, Flags, NodeKind, Op, Outcome, Place, Stat, XattrFlag, errno::Errno, merged::Part,
};

impl Process<'_> {
    pub fn touch(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("touch", "c", words) else { return };
        for path in arguments.operands.clone() {
            if arguments.has("c") && self.stat_call(path, true).is_err() {
                continue;
            }
            // touch(1) opens the file for writing, by which its data is copied up, even with metacopy.
            let flags = Flags { create: Some(0o644), ..Flags::default() };
            let opened = self.call(Op::Write { path: self.path(path), flags, place: Place::End, data: Vec::new() });
            let mtime = self.overlay.now;
            let timed = match opened {
                Ok(_) | Err(Errno::EISDIR | Errno::ENXIO) => {
                    self.call(Op::SetTime { path: self.path(path), mtime, follow: true })
                }
                Err(errno) => Err(errno),
            };
            if let Err(errno) = timed {
                self.error(format!("touch: cannot touch '{path}': {}", errno.sentence()));
            }
        }
    }

    pub fn mkdir(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("mkdir", "pv", words) else { return };
        for path in arguments.operands.clone() {
            let mut paths = vec![path];
            if arguments.has("p") {
                let ends = path.char_indices().filter(|&(at, c)| c == '/' && at > 0).map(|(at, _)| &path[..at]);
                paths = ends.chain([path]).collect();
            }
            for at in paths {
                let made = self.call(Op::Mkdir { path: self.path(at), mode: 0o755 });
                match made {
                    Err(Errno::EEXIST) if arguments.has("p") && self.is_dir(at) => {}
                    Err(errno) => {
                        self.error(format!("mkdir: cannot create directory '{at}': {}", errno.sentence()));
                        break;
                    }
                    Ok(_) => {}
                }
            }
        }
    }

    pub fn rmdir(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("rmdir", "", words) else { return };
        for path in arguments.operands {
            if let Err(errno) = self.call(Op::Rmdir { path: self.path(path) }) {
                self.error(format!("rmdir: failed to remove '{path}': {}", errno.sentence()));
            }
        }
    }

    pub fn mkfifo(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("mkfifo", "", words) else { return };
        for path in arguments.operands {
            let made = self.call(Op::Mknod { path: self.path(path), kind: NodeKind::Fifo, mode: 0o644 });
            if let Err(errno) = made {
                self.error(format!("mkfifo: cannot create fifo '{path}': {}", errno.sentence()));
            }
        }
    }

    pub fn truncate(&mut self, words: &[&str]) {
        let ["-s", size, paths @ ..] = words else { return self.usage("truncate -s SIZE FILE…") };
        let Ok(len) = size.parse::<u64>() else {
            return self.error(format!("truncate: Invalid number: '{size}'"));
        };
        for path in paths {
            // truncate(1) opens with O_CREAT and then calls ftruncate.
            let flags = Flags { create: Some(0o644), ..Flags::default() };
            let opened = self.call(Op::Write { path: self.path(path), flags, place: Place::End, data: Vec::new() });
            let cut = opened.and_then(|_| self.call(Op::Truncate { path: self.path(path), len }));
            if let Err(errno) = cut {
                self.error(format!("truncate: cannot open '{path}' for writing: {}", errno.sentence()));
            }
        }
    }

    pub fn ln(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("ln", "sf", words) else { return };
        let [target, name @ ..] = &arguments.operands[..] else { return self.usage("ln [-s] TARGET [NAME]") };
        let symbolic = arguments.has("s");
        let mut name = name.first().map_or_else(|| base(target).to_string(), |name| (*name).to_string());
        if self.is_dir(&name) {
            name = join(&name, base(target));
        }
        if arguments.has("f") {
            let _ = self.call(Op::Unlink { path: self.path(&name) });
        }
        let result = if symbolic {
            self.call(Op::Symlink { target: target.as_bytes().to_vec(), path: self.path(&name) })
        } else {
            self.call(Op::Link { from: self.path(target), to: self.path(&name) })
        };
        match result {
            Ok(_) => {}
            Err(errno) if symbolic => {
                self.error(format!("ln: failed to create symbolic link '{name}': {}", errno.sentence()));
            }
            Err(Errno::EPERM) => self.error(format!("ln: {target}: hard link not allowed for directory")),
            Err(Errno::ENOENT) if self.lstat(target).is_err() => {
                self.error(format!("ln: failed to access '{target}': No such file or directory"));
            }
            Err(errno) => self.error(format!("ln: failed to create hard link '{name}': {}", errno.sentence())),
        }
    }

    pub fn rm(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("rm", "rRf", words) else { return };
        for path in arguments.operands.clone() {
            if arguments.has("rR") && path.chars().all(|c| c == '/') {
                self.error("rm: it is dangerous to operate recursively on '/'".into());
                self.error("rm: use --no-preserve-root to override this failsafe".into());
                continue;
            }
            match self.lstat(path) {
                Err(Errno::ENOENT) if arguments.has("f") => {}
                Err(errno) => self.error(format!("rm: cannot remove '{path}': {}", errno.sentence())),
                Ok(stat) if stat.file_type == FileType::Directory && !arguments.has("rR") => {
                    self.error(format!("rm: cannot remove '{path}': Is a directory"));
                }
                Ok(stat) => {
                    self.remove_tree("rm", path, &stat);
                }
            }
        }
    }

    /// Removes what is in a directory before the directory. Says whether all went.
    fn remove_tree(&mut self, command: &str, start: &str, stat: &Stat) -> bool {
        // A list and not recursion: a tree may be as deep as a path may be long.
        let mut pending = vec![(start.to_string(), stat.file_type == FileType::Directory, false)];
        // For each directory that is being emptied, whether all in it went so far.
        let mut open = vec![true];
        while let Some((path, is_dir, emptied)) = pending.pop() {
            let mut result = Ok(Outcome::Done);
            if is_dir && !emptied {
                match self.names(&path) {
                    Ok(names) => {
                        open.push(true);
                        pending.push((path.clone(), true, true));
                        for name in names.iter().rev() {
                            let child = join(&path, &String::from_utf8_lossy(name));
                            let is_dir = self.lstat(&child).is_ok_and(|stat| stat.file_type == FileType::Directory);
                            pending.push((child, is_dir, false));
                        }
                        continue;
                    }
                    Err(errno) => result = Err(errno),
                }
            } else if is_dir {
                if open.pop() == Some(true) {
                    result = self.call(Op::Rmdir { path: self.path(&path) });
                } else if let Some(parent) = open.last_mut() {
                    *parent = false;
                }
            } else {
                result = self.call(Op::Unlink { path: self.path(&path) });
            }
            if let Err(errno) = result {
                self.error(format!("{command}: cannot remove '{path}': {}", errno.sentence()));
                if let Some(parent) = open.last_mut() {
                    *parent = false;
                }
            }
        }
        open == [true]
    }

    pub fn mv(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("mv", "fT", words) else { return };
        let [sources @ .., target] = &arguments.operands[..] else { return self.usage("mv SOURCE… TARGET") };
        if sources.is_empty() {
            return self.usage("mv SOURCE… TARGET");
        }
        let into = !arguments.has("T") && self.is_dir(target);
        if sources.len() > 1 && !into {
            let errno = self.stat_call(target, true).err().unwrap_or(Errno::ENOTDIR);
            return self.error(format!("mv: target '{target}': {}", errno.sentence()));
        }
        for source in sources {
            let to = if into { join(target, base(source)) } else { (*target).to_string() };
            self.move_one(source, &to);
        }
    }

    fn move_one(&mut self, from: &str, to: &str) {
        let stat = match self.lstat(from) {
            Ok(stat) => stat,
            Err(errno) => return self.error(format!("mv: cannot stat '{from}': {}", errno.sentence())),
        };
        if self.is_same_file(from, to) {
            return self.error(format!("mv: '{from}' and '{to}' are the same file"));
        }
        match self.call(Op::Rename { from: self.path(from), to: self.path(to) }) {
            Ok(_) => {}
            Err(Errno::EXDEV) => self.move_by_copy(from, to, &stat),
            Err(Errno::EINVAL) => {
                self.error(format!("mv: cannot move '{from}' to a subdirectory of itself, '{to}'"));
            }
            Err(Errno::EISDIR) => self.error(format!("mv: cannot overwrite directory '{to}' with non-directory")),
            Err(Errno::ENOTDIR) if stat.file_type == FileType::Directory && self.lstat(to).is_ok() => {
                self.error(format!("mv: cannot overwrite non-directory '{to}' with directory '{from}'"));
            }
            Err(errno) => self.error(format!("mv: cannot move '{from}' to '{to}': {}", errno.sentence())),
        }
    }

    /// What mv(1) does when rename(2) says EXDEV: copy all, then remove all. Says what that cost.
    fn move_by_copy(&mut self, from: &str, to: &str, stat: &Stat) {
        if self.lstat(to).is_ok() {
            let is_dir = stat.file_type == FileType::Directory;
            let path = self.path(to);
            if let Err(errno) = self.call(if is_dir { Op::Rmdir { path } } else { Op::Unlink { path } }) {
                let why = errno.sentence();
                return self.error(format!(
                    "mv: inter-device move failed: '{from}' to '{to}'; unable to remove target: {why}"
                ));
            }
        }
        let before = self.calls().len();
        let moved = self.copy_tree("mv", from, to, true) && self.remove_tree("mv", from, stat);
        if !moved {
            return;
        }
        let (mut bytes, mut made, mut whiteouts) = (0_u64, 0_u64, 0_u64);
        for event in self.calls()[before..].iter().flat_map(|call| &call.events) {
            match event {
                Event::Create { .. } => made += 1,
                Event::Whiteout { .. } => whiteouts += 1,
                Event::Write { written, .. } => bytes = bytes.saturating_add(*written),
                _ => bytes = bytes.saturating_add(event.copied_bytes()),
            }
        }
        let counts = [("bytes", bytes), ("made", made), ("whiteouts", whiteouts)];
        self.say(Message::new("shell.moved-by-copy", counts.map(|(name, count)| (name, count.to_string()))));
    }

    pub fn cp(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("cp", "rRapfT", words) else { return };
        let [sources @ .., target] = &arguments.operands[..] else { return self.usage("cp [-r] SOURCE… TARGET") };
        if sources.is_empty() {
            return self.usage("cp [-r] SOURCE… TARGET");
        }
        let into = !arguments.has("T") && self.is_dir(target);
        if sources.len() > 1 && !into {
            let errno = self.stat_call(target, true).err().unwrap_or(Errno::ENOTDIR);
            return self.error(format!("cp: target '{target}': {}", errno.sentence()));
        }
        let recursive = arguments.has("rRa");
        for source in sources {
            let to = if into { join(target, base(source)) } else { (*target).to_string() };
            match self.stat_call(source, !recursive) {
                Err(errno) => self.error(format!("cp: cannot stat '{source}': {}", errno.sentence())),
                Ok(stat) if stat.file_type == FileType::Directory && !recursive => {
                    self.error(format!("cp: -r not specified; omitting directory '{source}'"));
                }
                Ok(_) if self.is_same_file(source, &to) => {
                    self.error(format!("cp: '{source}' and '{to}' are the same file"));
                }
                Ok(stat) if stat.file_type == FileType::Directory && self.is_inside(&to, source) => {
                    self.error(format!("cp: cannot copy a directory, '{source}', into itself, '{to}'"));
                }
                Ok(_) => {
                    self.copy_tree("cp", source, &to, arguments.has("ap"));
                }
            }
        }
    }

    /// Copies a file or a tree; `keep` takes mode, owner, time and attributes along. Says whether all went.
    fn copy_tree(&mut self, command: &str, from: &str, to: &str, keep: bool) -> bool {
        let mut all = true;
        let mut pending = vec![(from.to_string(), to.to_string(), None)];
        while let Some((from, to, copied)) = pending.pop() {
            // The metadata comes after the entries, which would change the time again.
            if let Some(stat) = copied {
                if let Err(errno) = self.copy_metadata(&from, &to, &stat) {
                    self.error(format!("{command}: preserving the metadata of '{to}': {}", errno.sentence()));
                    all = false;
                }
                continue;
            }
            match self.copy_node(&from, &to, keep) {
                Ok(stat) => {
                    if keep {
                        pending.push((from.clone(), to.clone(), Some(stat)));
                    }
                    if stat.file_type == FileType::Directory {
                        for name in self.names(&from).unwrap_or_default().iter().rev() {
                            let name = String::from_utf8_lossy(name);
                            pending.push((join(&from, &name), join(&to, &name), None));
                        }
                    }
                }
                Err(errno) => {
                    self.error(format!("{command}: cannot copy '{from}' to '{to}': {}", errno.sentence()));
                    all = false;
                }
            }
        }
        all
    }

    fn copy_node(&mut self, from: &str, to: &str, keep: bool) -> Result<Stat, Errno> {
        let mut stat = self.lstat(from)?;
        let (source, path) = (self.path(from), self.path(to));
        if stat.file_type == FileType::Symlink && !keep {
            stat = self.stat_call(from, true)?;
        }
        let mode = stat.mode & 0o755;
        let made = match stat.file_type {
            FileType::File => {
                let data = self.bytes(Op::Read { path: source })?;
                let flags = Flags { create: Some(mode), exclusive: false, truncate: true };
                self.call(Op::Write { path, flags, place: Place::At(0), data })
            }
            FileType::Directory => match self.call(Op::Mkdir { path, mode }) {
                Err(Errno::EEXIST) if self.is_dir(to) => Ok(Outcome::Done),
                made => made,
            },
            FileType::Symlink => {
                let target = self.bytes(Op::ReadLink { path: source })?;
                self.call(Op::Symlink { target, path })
            }
            FileType::CharDevice => self.call(Op::Mknod { path, kind: NodeKind::CharDevice(stat.device), mode }),
            FileType::BlockDevice => self.call(Op::Mknod { path, kind: NodeKind::BlockDevice(stat.device), mode }),
            FileType::Fifo => self.call(Op::Mknod { path, kind: NodeKind::Fifo, mode }),
            FileType::Socket => self.call(Op::Mknod { path, kind: NodeKind::Socket, mode }),
        };
        made.map(|_| stat)
    }

    fn copy_metadata(&mut self, from: &str, to: &str, stat: &Stat) -> Result<(), Errno> {
        let (source, path) = (self.path(from), self.path(to));
        if let Outcome::Xattrs(names) = self.call(Op::ListXattr { path: source.clone(), follow: false })? {
            for name in names.into_keys() {
                let name = name.to_vec();
                let value = self.bytes(Op::GetXattr { path: source.clone(), name: name.clone(), follow: false })?;
                let flag = XattrFlag::CreateOrReplace;
                self.call(Op::SetXattr { path: path.clone(), name, value, flag, follow: false })?;
            }
        }
        if (stat.uid, stat.gid) != (0, 0) {
            self.call(Op::Chown { path: path.clone(), uid: stat.uid, gid: stat.gid, follow: false })?;
        }
        if stat.file_type != FileType::Symlink {
            self.call(Op::Chmod { path: path.clone(), mode: stat.mode })?;
        }
        self.call(Op::SetTime { path, mtime: stat.mtime, follow: false })?;
        Ok(())
    }

    fn is_same_file(&self, a: &str, b: &str) -> bool {
        let part = |path: &str| -> Option<Part> {
            let at = self.overlay.resolve_link(&self.path(path)).ok()?;
            Some(self.overlay.merged_at(&at)?.part)
        };
        part(a).is_some_and(|first| part(b) == Some(first))
    }

    fn is_inside(&self, path: &str, directory: &str) -> bool {
        let parent = path.trim_end_matches('/').rsplit_once('/').map_or(".", |(parent, _)| parent);
        let of = |path: &str| self.overlay.resolve(&self.path(if path.is_empty() { "/" } else { path })).ok();
        match (of(parent), of(directory)) {
            (Some(parent), Some(directory)) => parent == directory || directory.is_ancestor_of(&parent),
            _ => false,
        }
    }
}

/// The last component of a path as it is written.
fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}
