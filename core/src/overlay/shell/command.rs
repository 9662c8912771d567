//! One running command.

use super::{BindMount, Call, Line, Message, Reply, Shell};
use crate::{
    display::harmless,
    overlay::{
        Dialect, Event, FileType, MergedPath, Op, Outcome, Overlay, OverlayMount, Stat,
        errno::{Errno, Reason},
        inode::Name,
    },
};

/// What this shell knows, in the order of the alphabet.
pub(super) const COMMANDS: [&str; 28] = [
    "cat", "cd", "chmod", "chown", "cp", "df", "du", "echo", "false", "find", "help", "ln", "ls", "mkdir", "mkfifo",
    "mount", "mv", "pwd", "readlink", "rm", "rmdir", "stat", "sync", "touch", "true", "truncate", "uname", "whoami",
];

/// System calls that one line may make: `cp -r / /a` a few times over would make a million, and each is kept.
const CALLS: usize = 10_000;

pub(super) struct Process<'a> {
    pub overlay: &'a mut Overlay,
    pub mounts: &'a mut [BindMount],
    pub cwd: &'a mut MergedPath,
    pub mount: &'a OverlayMount,
    kernel: &'a str,
    pub dialect: Dialect,
    output: Vec<u8>,
    reply: &'a mut Reply,
}

/// The letters of a command's options, and its operands.
pub(super) struct Arguments<'a> {
    pub letters: String,
    pub operands: Vec<&'a str>,
}

impl<'a> Process<'a> {
    pub fn new(
        shell: &'a mut Shell,
        overlay: &'a mut Overlay,
        mounts: &'a mut [BindMount],
        reply: &'a mut Reply,
    ) -> Self {
        let Shell { cwd, mount, kernel, dialect } = shell;
        Self { overlay, mounts, cwd, mount, kernel, dialect: *dialect, output: Vec::new(), reply }
    }

    pub fn run(&mut self, name: &str, arguments: &[&str]) {
        match name {
            "cat" => self.cat(arguments),
            "cd" => self.cd(arguments),
            "chmod" => self.chmod(arguments),
            "chown" => self.chown(arguments),
            "cp" => self.cp(arguments),
            "df" => self.df(),
            "du" => self.du(arguments),
            "echo" => self.echo(arguments),
            "find" => self.find(arguments),
            "help" => self.say(Message::new("shell.help", [("commands", COMMANDS.join(" "))])),
            "ln" => self.ln(arguments),
            "ls" => self.ls(arguments),
            "mkdir" => self.mkdir(arguments),
            "mkfifo" => self.mkfifo(arguments),
            "mount" => self.print_mount(),
            "mv" => self.mv(arguments),
            "pwd" => {
                let cwd = self.cwd.to_string();
                self.line(&cwd);
            }
            "readlink" => self.readlink(arguments),
            "rm" => self.rm(arguments),
            "rmdir" => self.rmdir(arguments),
            "stat" => self.stat(arguments),
            "touch" => self.touch(arguments),
            "truncate" => self.truncate(arguments),
            "uname" => self.uname(arguments),
            "true" | "sync" => {}
            "false" => self.reply.failed = true,
            "whoami" => self.line("root"),
            _ => self.unknown(name),
        }
    }

    /// One system call, kept for the reply.
    pub fn call(&mut self, op: Op) -> Result<Outcome, Errno> {
        let call = self.call_in_mount(&op).unwrap_or_else(|| {
            let (result, events) = match self.reply.calls.len() {
                CALLS.. => {
                    let (errno, reason) = (Errno::ENOSPC, Reason::DiskFull);
                    (Err(errno), vec![Event::Refuse { path: op.path_shown(), errno, reason }])
                }
                _ => self.overlay.apply(&op),
            };
            Call { op, result, events, mount: None, wrote: false }
        });
        let result = call.result.clone();
        self.reply.calls.push(call);
        result
    }

    pub fn lstat(&mut self, path: &str) -> Result<Stat, Errno> {
        self.stat_call(path, false)
    }

    pub fn stat_call(&mut self, path: &str, follow: bool) -> Result<Stat, Errno> {
        match self.call(Op::Stat { path: self.path(path), follow })? {
            Outcome::Stat(stat) => Ok(stat),
            _ => Err(Errno::EIO),
        }
    }

    pub fn is_dir(&mut self, path: &str) -> bool {
        self.stat_call(path, true).is_ok_and(|stat| stat.file_type == FileType::Directory)
    }

    pub fn names(&mut self, path: &str) -> Result<Vec<Name>, Errno> {
        match self.call(Op::ReadDir { path: self.path(path) })? {
            Outcome::Names(names) => Ok(names),
            _ => Err(Errno::EIO),
        }
    }

    /// The bytes of a file, or of a link's target.
    pub fn bytes(&mut self, op: Op) -> Result<Vec<u8>, Errno> {
        match self.call(op)? {
            Outcome::Bytes(bytes) => Ok(bytes.to_vec()),
            _ => Err(Errno::EIO),
        }
    }

    /// A path for a system call: from the root.
    pub fn path(&self, path: &str) -> Vec<u8> {
        if path.starts_with('/') || path.is_empty() {
            return path.as_bytes().to_vec();
        }
        [b"/", self.cwd.bytes(), b"/", path.as_bytes()].concat()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    pub fn line(&mut self, text: &str) {
        self.write(text.as_bytes());
        self.write(b"\n");
    }

    /// An error as the command prints it; the exit status is not 0 any more. What was printed before stays before.
    pub fn error(&mut self, text: String) {
        self.print();
        self.reply.lines.push(Line::Error(on_terminal(text.as_bytes())));
        self.reply.failed = true;
    }

    /// An exit status that is not 0, and not a word: as readlink(1) has it.
    pub fn fail_silently(&mut self) {
        self.reply.failed = true;
    }

    pub fn calls(&self) -> &[Call] {
        &self.reply.calls
    }

    pub fn say(&mut self, message: Message) {
        self.print();
        self.reply.lines.push(Line::Message(message));
    }

    pub fn usage(&mut self, command: &'static str) {
        self.say(Message::new("shell.usage", [("command", command.into())]));
        self.reply.failed = true;
    }

    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    pub fn print(&mut self) {
        let text = self.take_output();
        if text.is_empty() {
            return;
        }
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        self.reply.lines.extend(text.split(|&b| b == b'\n').map(|line| Line::Output(on_terminal(line))));
    }

    /// Parts options from operands; says which letter the command does not know.
    pub fn arguments<'w>(&mut self, command: &str, known: &str, words: &[&'w str]) -> Option<Arguments<'w>> {
        let mut out = Arguments { letters: String::new(), operands: Vec::new() };
        let mut only_operands = false;
        for &word in words {
            match word.strip_prefix('-') {
                Some("-") if !only_operands => only_operands = true,
                Some(letters) if !only_operands && !letters.is_empty() => {
                    if let Some(letter) = letters.chars().find(|&letter| !known.contains(letter)) {
                        self.error(format!("{command}: invalid option -- '{letter}'"));
                        return None;
                    }
                    out.letters.push_str(letters);
                }
                _ => out.operands.push(word),
            }
        }
        Some(out)
    }

    /// A container has no kernel of its own to ask.
    fn uname(&mut self, words: &[&str]) {
        let Some(arguments) = self.arguments("uname", "sra", words) else { return };
        let kernel = self.kernel;
        self.line(&match (arguments.has("a"), arguments.has("r"), arguments.has("s")) {
            (true, ..) => format!("Linux {kernel} x86_64 GNU/Linux"),
            (_, true, false) => kernel.to_string(),
            (_, true, true) => format!("Linux {kernel}"),
            _ => "Linux".to_string(),
        });
    }

    fn unknown(&mut self, name: &str) {
        let nearest = COMMANDS.iter().map(|known| (distance(name, known), *known)).min();
        let message = match nearest {
            Some((steps, known)) if steps <= 2 => {
                Message::new("shell.did-you-mean", [("command", harmless(name.as_bytes())), ("known", known.into())])
            }
            _ => Message::new("shell.unknown-command", [("command", harmless(name.as_bytes()))]),
        };
        self.error(format!("sh: {name}: command not found"));
        self.say(message);
    }
}

impl Arguments<'_> {
    pub fn has(&self, letters: &str) -> bool {
        self.letters.contains(|letter| letters.contains(letter))
    }
}

/// A line as a terminal shows it: tabs go to the next column of eight, and what could deceive is made visible. Unlike in
/// [`harmless`], a backslash stays single: in a terminal it is a character like any other.
fn on_terminal(line: &[u8]) -> String {
    let mut out = String::new();
    for (number, field) in line.split(|&b| b == b'\t').enumerate() {
        if number > 0 {
            out.push_str(&" ".repeat(8 - out.chars().count() % 8));
        }
        let parts: Vec<String> = field.split(|&b| b == b'\\').map(harmless).collect();
        out.push_str(&parts.join("\\"));
    }
    out
}

/// Letters to add, drop, replace, or swap with a neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.chars().take(64).collect::<Vec<char>>());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
