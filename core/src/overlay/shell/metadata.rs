//! chmod and chown.

use super::{command::Process, names::owner_number};
use crate::overlay::{FileType, Op, Stat};

impl Process<'_> {
    pub fn chmod(&mut self, words: &[&str]) {
        let [mode, paths @ ..] = words else { return self.usage("chmod MODE FILE…") };
        let (recursive, mode, paths) = match (*mode, paths) {
            ("-R", [mode, rest @ ..]) => (true, *mode, rest),
            (mode, rest) => (false, mode, rest),
        };
        let Some(changes) = parse_mode(mode) else { return self.error(format!("chmod: invalid mode: '{mode}'")) };
        self.each(paths, recursive, |process, path| {
            let result = process.stat_call(path, true).and_then(|stat| {
                let mode = changes.iter().fold(stat.mode, |mode, change| change.applied(mode, &stat));
                process.call(Op::Chmod { path: process.path(path), mode })
            });
            if let Err(errno) = result {
                process.error(format!("chmod: cannot access '{path}': {}", errno.sentence()));
            }
        });
    }

    pub fn chown(&mut self, words: &[&str]) {
        let [who, paths @ ..] = words else { return self.usage("chown OWNER[:GROUP] FILE…") };
        let (recursive, who, paths) = match (*who, paths) {
            ("-R", [who, rest @ ..]) => (true, *who, rest),
            (who, rest) => (false, who, rest),
        };
        let (user, group) = match who.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (who, None),
        };
        let [uid, gid] = [user, group.unwrap_or_default()].map(|name| (!name.is_empty()).then(|| owner_number(name)));
        if uid == Some(None) {
            return self.error(format!("chown: invalid user: '{who}'"));
        }
        if gid == Some(None) {
            return self.error(format!("chown: invalid group: '{who}'"));
        }
        self.each(paths, recursive, |process, path| {
            let result = process.stat_call(path, true).and_then(|stat| {
                let (uid, gid) = (uid.flatten().unwrap_or(stat.uid), gid.flatten().unwrap_or(stat.gid));
                process.call(Op::Chown { path: process.path(path), uid, gid, follow: true })
            });
            if let Err(errno) = result {
                process.error(format!("chown: cannot access '{path}': {}", errno.sentence()));
            }
        });
    }

    /// Runs something on each path and, if `recursive`, on all below it; links below are left alone.
    fn each(&mut self, paths: &[&str], recursive: bool, mut work: impl FnMut(&mut Self, &str)) {
        for path in paths {
            let mut pending = vec![(*path).to_string()];
            while let Some(path) = pending.pop() {
                work(self, &path);
                if recursive && self.lstat(&path).is_ok_and(|stat| stat.file_type == FileType::Directory) {
                    for name in self.names(&path).unwrap_or_default().iter().rev() {
                        let child = super::list::join(&path, &String::from_utf8_lossy(name));
                        if self.lstat(&child).is_ok_and(|stat| stat.file_type != FileType::Symlink) {
                            pending.push(child);
                        }
                    }
                }
            }
        }
    }
}

/// One clause of a mode: which bits are touched, and how.
struct Change {
    who: u16,
    operator: char,
    bits: u16,
    /// `X`: execution only for directories and for what somebody may execute already.
    conditional_execution: bool,
}

impl Change {
    fn applied(&self, mode: u16, stat: &Stat) -> u16 {
        let execute = if self.conditional_execution && (stat.file_type == FileType::Directory || mode & 0o111 != 0) {
            0o111
        } else {
            0
        };
        let bits = (self.bits | execute) & self.who;
        match self.operator {
            '+' => mode | bits,
            '-' => mode & !bits,
            _ => (mode & !self.who) | bits,
        }
    }
}

/// An octal mode, or clauses such as `u+x,go-w`.
fn parse_mode(text: &str) -> Option<Vec<Change>> {
    if text.chars().all(|c| c.is_digit(8)) {
        let bits = u16::from_str_radix(text, 8).ok().filter(|&bits| bits <= 0o7777)?;
        return Some(vec![Change { who: 0o7777, operator: '=', bits, conditional_execution: false }]);
    }
    text.split(',').map(parse_clause).collect()
}

fn parse_clause(text: &str) -> Option<Change> {
    let at = text.find(['+', '-', '='])?;
    let (letters, rest) = text.split_at(at);
    let mut who = 0;
    for letter in letters.chars() {
        who |= match letter {
            'u' => 0o4700,
            'g' => 0o2070,
            'o' => 0o1007,
            'a' => 0o7777,
            _ => return None,
        };
    }
    let mut change = Change {
        // Without a letter it is for all, less what the umask 022 takes away.
        who: if letters.is_empty() { 0o7755 } else { who },
        operator: rest.chars().next()?,
        bits: 0,
        conditional_execution: false,
    };
    for letter in rest.chars().skip(1) {
        match letter {
            'r' => change.bits |= 0o444,
            'w' => change.bits |= 0o222,
            'x' => change.bits |= 0o111,
            's' => change.bits |= 0o6000,
            't' => change.bits |= 0o1000,
            'X' => change.conditional_execution = true,
            _ => return None,
        }
    }
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::changeset::DeviceNumber;

    #[test]
    fn modes_are_those_of_chmod() {
        let stat = |file_type, mode| Stat {
            file_type,
            mode,
            uid: 0,
            gid: 0,
            size: 0,
            links: 1,
            mtime: 0,
            device: DeviceNumber { major: 0, minor: 0 },
        };
        for (text, before, after) in [
            ("600", 0o755, 0o600),
            ("u+x", 0o644, 0o744),
            ("go-rwx", 0o755, 0o700),
            ("a=r,u+w", 0o777, 0o644),
            ("+x", 0o644, 0o755),
            ("+w", 0o444, 0o644),
            ("u+s", 0o755, 0o4755),
            ("a+X", 0o644, 0o644),
            ("a+X", 0o744, 0o755),
            ("+t", 0o755, 0o1755),
        ] {
            let changes = parse_mode(text).unwrap();
            let stat = stat(FileType::File, before);
            let mode = changes.iter().fold(before, |mode, change| change.applied(mode, &stat));
            assert_eq!(mode, after, "{text}");
        }
        assert!(parse_mode("u~x").is_none() && parse_mode("99").is_none() && parse_mode("77777").is_none());
    }
}
