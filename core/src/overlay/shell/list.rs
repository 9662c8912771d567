//! Commands that look: ls, cat, stat, find, du, df, mount, readlink, pwd, cd.

use std::collections::BTreeSet;

use super::{
    Message,
    command::Process,
    glob,
    names::{Time, mode_letters, owner, type_words},
};
use crate::overlay::{FileType, Inode, Kind, Op, Stat, errno::Errno, merged::Part};

/// What `ls -l` and `stat` show for a directory: the model has no block device under it, so a size as on ext4.
const DIRECTORY_SIZE: u64 = 4096;
const BLOCK: u64 = 4096;
/// 1K-blocks of the disk that `df` shows. It is invented, and `df` says so.
const DISK: u64 = 1 << 20;

impl Process<'_> {
    pub fn echo(&mut self, words: &[&str]) {
        match words.split_first() {
            Some((&"-n", rest)) => self.write(rest.join(" ").as_bytes()),
            _ => self.line(&words.join(" ")),
        }
    }

    pub fn cd(&mut self, words: &[&str]) {
        let target = words.first().copied().unwrap_or("/");
        let result = self.stat_call(target, true).and_then(|stat| match stat.file_type {
            FileType::Directory => self.overlay.resolve(&self.path(target)),
            _ => Err(Errno::ENOTDIR),
        });
        match result {
            Ok(path) => *self.cwd = path,
            Err(errno) => self.error(format!("sh: cd: {target}: {}", errno.sentence())),
        }
    }

    pub fn cat(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("cat", "u", words) else { return };
        if arguments.operands.is_empty() {
            return self.usage("cat FILE…");
        }
        for path in arguments.operands {
            match self.bytes(Op::Read { path: self.path(path) }) {
                Ok(bytes) => self.write(&bytes),
                Err(errno) => self.error(format!("cat: {path}: {}", errno.sentence())),
            }
        }
    }

    pub fn readlink(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("readlink", "n", words) else { return };
        for path in arguments.operands {
            match self.bytes(Op::ReadLink { path: self.path(path) }) {
                Ok(target) => self.line(&String::from_utf8_lossy(&target)),
                Err(_) => self.fail_silently(),
            }
        }
    }

    pub fn ls(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("ls", "laAd1hn", words) else { return };
        let operands = if arguments.operands.is_empty() { vec!["."] } else { arguments.operands.clone() };
        let long = arguments.has("ln");
        let mut files: Vec<(String, Option<Stat>)> = Vec::new();
        let mut directories = Vec::new();
        for path in operands.iter().copied() {
            // A link named on the command line is followed to its directory unless the list is long.
            match self.stat_call(path, !long).or_else(|_| self.lstat(path)) {
                Ok(stat) if stat.file_type == FileType::Directory && !arguments.has("d") => directories.push(path),
                Ok(stat) => files.push((path.into(), Some(stat))),
                Err(errno) => self.error(format!("ls: cannot access '{path}': {}", errno.sentence())),
            }
        }
        let some_files = !files.is_empty();
        self.list(files, "", long);
        for (number, &directory) in directories.iter().enumerate() {
            if operands.len() > 1 {
                if some_files || number > 0 {
                    self.line("");
                }
                self.line(&format!("{directory}:"));
            }
            self.ls_directory(directory, long, arguments.has("a"), arguments.has("aA"));
        }
    }

    fn ls_directory(&mut self, directory: &str, long: bool, dots: bool, hidden: bool) {
        let names = match self.names(directory) {
            Ok(names) => names,
            Err(errno) => return self.error(format!("ls: cannot open directory '{directory}': {}", errno.sentence())),
        };
        let mut texts: Vec<String> = if dots { vec![".".into(), "..".into()] } else { Vec::new() };
        let shown = names.iter().filter(|name| hidden || !name.starts_with(b"."));
        texts.extend(shown.map(|name| String::from_utf8_lossy(name).into_owned()));
        let mut entries = Vec::new();
        for text in texts {
            let stat = if long { self.lstat(&join(directory, &text)) } else { Err(Errno::ENOENT) };
            if long && let Err(errno) = stat {
                // A whiteout that hides nothing is listed by the kernel, and then not found.
                self.error(format!("ls: cannot access '{}': {}", join(directory, &text), errno.sentence()));
            }
            entries.push((text, stat.ok()));
        }
        if long {
            let blocks: u64 = entries.iter().filter_map(|(_, stat)| *stat).map(|stat| kilobytes(&stat)).sum();
            self.line(&format!("total {blocks}"));
        }
        self.list(entries, directory, long);
    }

    fn list(&mut self, entries: Vec<(String, Option<Stat>)>, directory: &str, long: bool) {
        if !long {
            if !entries.is_empty() {
                let names: Vec<String> = entries.into_iter().map(|(name, _)| name).collect();
                self.line(&names.join("  "));
            }
            return;
        }
        let now = self.overlay.now;
        let mut rows: Vec<[String; 7]> = Vec::new();
        for (name, stat) in entries {
            let Some(stat) = stat else {
                rows.push(["c?????????", "?", "?", "?", "?", "           ?", &name].map(String::from));
                continue;
            };
            let mut shown = name.clone();
            if stat.file_type == FileType::Symlink {
                let path = if directory.is_empty() { name } else { join(directory, &name) };
                let target = self.bytes(Op::ReadLink { path: self.path(&path) }).unwrap_or_default();
                shown = format!("{shown} -> {}", String::from_utf8_lossy(&target));
            }
            rows.push([
                mode_letters(&stat),
                stat.links.to_string(),
                owner(stat.uid),
                owner(stat.gid),
                listed_size(&stat),
                Time::listed(stat.mtime, now),
                shown,
            ]);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let [links, user, group, size] = [1, 2, 3, 4].map(width);
        for [mode, l, u, g, s, time, name] in rows.clone() {
            self.line(&format!("{mode} {l:>links$} {u:<user$} {g:<group$} {s:>size$} {time} {name}"));
        }
    }

    pub fn stat(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("stat", "L", words) else { return };
        if arguments.operands.is_empty() {
            return self.usage("stat FILE…");
        }
        for path in arguments.operands.clone() {
            let stat = match self.stat_call(path, arguments.has("L")) {
                Ok(stat) => stat,
                Err(errno) => {
                    self.error(format!("stat: cannot statx '{path}': {}", errno.sentence()));
                    continue;
                }
            };
            let mut shown = path.to_string();
            if stat.file_type == FileType::Symlink {
                let target = self.bytes(Op::ReadLink { path: self.path(path) }).unwrap_or_default();
                shown = format!("{shown} -> {}", String::from_utf8_lossy(&target));
            }
            let size = apparent_size(&stat);
            self.line(&format!("  File: {shown}"));
            self.line(&format!(
                "  Size: {size:<15} Blocks: {:<10} IO Block: {BLOCK:<6} {}",
                kilobytes(&stat) * 2,
                type_words(&stat)
            ));
            self.line(&format!("Links: {}", stat.links));
            let (mode, letters) = (stat.mode, mode_letters(&stat));
            let [uid, gid] = [stat.uid, stat.gid].map(|id| format!("({id:>5}/{:>8})", owner(id)));
            self.line(&format!("Access: ({mode:04o}/{letters})  Uid: {uid}   Gid: {gid}"));
            self.line(&format!("Modify: {}", Time::full(stat.mtime)));
        }
    }

    pub fn find(&mut self, words: &[&str]) {
        let starts = words.iter().take_while(|word| !word.starts_with('-')).count();
        let (starts, tests) = words.split_at(starts);
        let (mut name, mut file_type) = (None, None);
        for pair in tests.chunks(2) {
            match pair {
                ["-name", pattern] => name = Some(glob::pattern(pattern)),
                ["-type", letter @ ("f" | "d" | "l" | "c" | "b" | "p" | "s")] => file_type = letter.chars().next(),
                [test, ..] => return self.error(format!("find: unknown predicate `{test}'")),
                [] => {}
            }
        }
        let wanted = |path: &str, stat: &Stat| {
            let last: Vec<char> = path.rsplit('/').next().unwrap_or(path).chars().collect();
            name.as_ref().is_none_or(|pattern| glob::is_match(pattern, &last))
                && file_type
                    .is_none_or(|letter| mode_letters(stat).starts_with(if letter == 'f' { '-' } else { letter }))
        };
        let starts = if starts.is_empty() { &["."][..] } else { starts };
        for start in starts {
            let mut pending = vec![(*start).to_string()];
            while let Some(path) = pending.pop() {
                let stat = match self.lstat(&path) {
                    Ok(stat) => stat,
                    Err(errno) => {
                        self.error(format!("find: '{path}': {}", errno.sentence()));
                        continue;
                    }
                };
                if wanted(&path, &stat) {
                    self.line(&path);
                }
                if stat.file_type == FileType::Directory {
                    let names = self.names(&path).unwrap_or_default();
                    pending.extend(names.iter().rev().map(|name| join(&path, &String::from_utf8_lossy(name))));
                }
            }
        }
    }

    pub fn du(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("du", "sak", words) else { return };
        let operands = if arguments.operands.is_empty() { vec!["."] } else { arguments.operands.clone() };
        for path in operands {
            let mut counted = BTreeSet::new();
            match self.du_of(path, &mut counted, !arguments.has("s"), arguments.has("a")) {
                Ok(total) if arguments.has("s") || !self.is_dir(path) => self.line(&format!("{total}\t{path}")),
                Ok(_) => {}
                Err(errno) => self.error(format!("du: cannot access '{path}': {}", errno.sentence())),
            }
        }
    }

    /// The kilobytes of a tree, each inode once. Directories print after what is in them.
    fn du_of(&mut self, start: &str, counted: &mut BTreeSet<Part>, print: bool, all: bool) -> Result<u64, Errno> {
        self.lstat(start)?;
        // Kept as a list and not as recursion: a learner's tree may be as deep as a path may be long.
        let mut pending = vec![(start.to_string(), false)];
        let mut open: Vec<u64> = vec![0];
        while let Some((path, left)) = pending.pop() {
            if left {
                let total = open.pop().unwrap_or(0);
                if print {
                    self.line(&format!("{total}\t{path}"));
                }
                if let Some(parent) = open.last_mut() {
                    *parent += total;
                }
                continue;
            }
            let Ok(stat) = self.lstat(&path) else { continue };
            let part =
                self.overlay.resolve(&self.path(&path)).ok().and_then(|at| Some(self.overlay.merged_at(&at)?.part));
            let is_dir = stat.file_type == FileType::Directory;
            let again = !is_dir && stat.links > 1 && part.is_some_and(|part| !counted.insert(part));
            let size = if again { 0 } else { kilobytes(&stat) };
            if is_dir {
                open.push(size);
                pending.push((path.clone(), true));
                let names = self.names(&path)?;
                pending.extend(names.iter().rev().map(|name| (join(&path, &String::from_utf8_lossy(name)), false)));
            } else if let Some(parent) = open.last_mut() {
                *parent += size;
                if all && print && path != start {
                    self.line(&format!("{size}\t{path}"));
                }
            }
        }
        Ok(open[0])
    }

    pub fn print_mount(&mut self) {
        self.line(&self.dialect.listed(self.mount, "/"));
        let mounted: Vec<String> =
            self.mounts.iter().map(|mount| format!("/dev/sda1 on {} type ext4 (rw,relatime)", mount.at)).collect();
        mounted.iter().for_each(|line| self.line(line));
    }

    pub fn df(&mut self) {
        let layer = self.overlay.upper().layer();
        let inode_kilobytes = |inode: &Inode| match &inode.kind {
            Kind::Directory(_) => DIRECTORY_SIZE / 1024,
            Kind::File(content) if !inode.overlay.metacopy => blocks(content.len()),
            _ => 0,
        };
        let inodes: BTreeSet<_> = layer.walk().into_iter().map(|(_, ino)| ino).collect();
        let used: u64 = inodes.into_iter().map(|ino| inode_kilobytes(layer.inode(ino))).sum();
        let percent = (used * 100).div_ceil(DISK).min(100);
        let left = DISK.saturating_sub(used);
        self.line("Filesystem     1K-blocks  Used Available Use% Mounted on");
        self.line(&format!("overlay        {DISK:>9} {used:>5} {left:>9} {percent:>3}% /"));
        self.say(Message::new("shell.df-invented", [("kilobytes", DISK.to_string())]));
    }
}

/// A name in a directory, as commands show it.
pub(super) fn join(directory: &str, name: &str) -> String {
    if directory.ends_with('/') { format!("{directory}{name}") } else { format!("{directory}/{name}") }
}

fn apparent_size(stat: &Stat) -> u64 {
    if stat.file_type == FileType::Directory { DIRECTORY_SIZE } else { stat.size }
}

fn listed_size(stat: &Stat) -> String {
    match stat.file_type {
        FileType::CharDevice | FileType::BlockDevice => format!("{}, {}", stat.device.major, stat.device.minor),
        _ => apparent_size(stat).to_string(),
    }
}

/// What a file takes in blocks of 4 KiB. (Holes are not told from zeros.)
fn kilobytes(stat: &Stat) -> u64 {
    match stat.file_type {
        FileType::File | FileType::Directory => blocks(apparent_size(stat)),
        _ => 0,
    }
}

fn blocks(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK) * (BLOCK / 1024)
}
