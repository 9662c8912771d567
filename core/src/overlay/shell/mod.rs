//! A small shell for learners: the commands they know, each made of system calls on the model.
//!
//! What real commands print is printed as they print it, errors included. What only this shell says (help, the cost of
//! a move) is a key of the message catalogue with its arguments.

use super::{
    Dialect, Event, MergedPath, Op, Outcome, Overlay, OverlayMount,
    engine::{Effect, HostSystem},
    errno::Errno,
    op::{Flags, Place},
};

use crate::display::harmless;

mod command;
mod complete;
mod copy;
mod glob;
mod list;
mod metadata;
mod mounts;
mod names;
mod words;

pub use self::mounts::BindMount;
pub(super) use self::names::Time;
use self::{
    command::Process,
    words::{Join, Redirect, Simple},
};

/// Every key of a [`Message`], for the test that the catalogues have them.
pub const MESSAGE_KEYS: [&str; 13] = [
    "shell.df-invented",
    "shell.did-you-mean",
    "shell.dockerfile-no-variables",
    "shell.help",
    "shell.host-read-only",
    "shell.moved-by-copy",
    "shell.not-in-this-shell",
    "shell.one-command-only",
    "shell.only-docker-here",
    "shell.quote-not-closed",
    "shell.redirect-to-nothing",
    "shell.unknown-command",
    "shell.usage",
];

/// A shell with its working directory. The file system is passed to each command: a shell outlives undo.
#[derive(Clone, Debug)]
pub struct Shell {
    cwd: MergedPath,
    mount: OverlayMount,
    /// What `uname -r` prints: the host's, whatever the image is.
    kernel: String,
    dialect: Dialect,
}

/// What a line gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    pub lines: Vec<Line>,
    /// All system calls in their order, with their events.
    pub calls: Vec<Call>,
    /// What `docker` did.
    pub effects: Vec<Effect>,
    /// How many of the line's commands changed something.
    pub moves: u32,
    /// The exit status of the last command was not 0.
    pub failed: bool,
}

/// A system call that a command made.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub op: Op,
    pub result: Result<Outcome, Errno>,
    pub events: Vec<Event>,
    /// The place of the bind mount it went to, and not to the union.
    pub mount: Option<MergedPath>,
    /// Something changed there.
    pub wrote: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// As a real command prints it. Made harmless.
    Output(String),
    /// The same, of an error.
    Error(String),
    Message(Message),
}

/// A sentence of the message catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub key: &'static str,
    pub arguments: Vec<(&'static str, String)>,
}

impl Shell {
    /// A shell at the root of a mount, which `mount` and `df` describe.
    pub fn new(mount: OverlayMount) -> Self {
        Self { cwd: MergedPath::root(), mount, kernel: HostSystem::default().kernel, dialect: Dialect::default() }
    }

    /// The same in another directory, which should be one.
    pub fn in_directory(mut self, directory: MergedPath) -> Self {
        self.cwd = directory;
        self
    }

    /// The same on another kernel.
    pub fn on_kernel(mut self, release: &str) -> Self {
        self.kernel = release.into();
        self
    }

    /// The same with another file system's words for its mount.
    pub fn in_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    pub fn mount(&self) -> &OverlayMount {
        &self.mount
    }

    pub fn cwd(&self) -> &MergedPath {
        &self.cwd
    }

    /// Runs a line: commands joined by `;` and `&&`, with quoting, `*`, `?`, `>` and `>>`.
    pub fn run(&mut self, overlay: &mut Overlay, line: &str) -> Reply {
        self.run_under(overlay, &mut [], line)
    }

    /// The same where something is mounted over parts of the union.
    pub fn run_under(&mut self, overlay: &mut Overlay, mounts: &mut [BindMount], line: &str) -> Reply {
        let mut reply = Reply::default();
        let commands = match words::parse(line) {
            Ok(commands) => commands,
            Err(message) => {
                reply.lines.push(Line::Message(message));
                reply.failed = true;
                return reply;
            }
        };
        for (join, command) in commands {
            if join == Join::And && reply.failed {
                continue;
            }
            reply.failed = false;
            let before = reply.calls.len();
            self.run_simple(overlay, mounts, &command, &mut reply);
            let changed = reply.calls[before..].iter().any(Call::is_change);
            reply.moves += u32::from(changed);
        }
        reply
    }

    /// Commands, or paths, that the word at the end of `line` may become; each is the whole word, quoted where it
    /// must be.
    pub fn complete(&self, overlay: &Overlay, line: &str) -> Vec<String> {
        complete::complete(overlay, &self.cwd, line)
    }

    fn run_simple(&mut self, overlay: &mut Overlay, mounts: &mut [BindMount], command: &Simple, reply: &mut Reply) {
        let words = glob::expand(overlay, &self.cwd, &command.words);
        let mut process = Process::new(self, overlay, mounts, reply);
        let Some((name, arguments)) = words.split_first() else {
            if let Some(redirect) = &command.redirect {
                process.open_output(redirect, &[]);
            }
            return;
        };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match &command.redirect {
            None => {
                process.run(name, &arguments);
                process.print();
            }
            // The one system call of echo says all, so that the picture need not show an empty file in between.
            Some(redirect) if name == "echo" => {
                process.run(name, &arguments);
                let text = process.take_output();
                process.open_output(redirect, &text);
            }
            Some(redirect) => {
                if process.open_output(redirect, &[]) {
                    process.run(name, &arguments);
                    let text = process.take_output();
                    process.open_output(&Redirect { append: true, ..redirect.clone() }, &text);
                }
            }
        }
    }
}

impl Default for Shell {
    /// A shell on a file system of which no mount is told.
    fn default() -> Self {
        Self::new(OverlayMount::default())
    }
}

impl Reply {
    /// Lines that a real command printed.
    pub(super) fn printed(lines: Vec<String>) -> Self {
        let lines = lines.into_iter().map(|line| Line::Output(harmless(line.as_bytes()))).collect();
        Self { lines, ..Self::default() }
    }

    /// What real commands printed, without what only this shell says.
    pub fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().filter_map(Line::printed).collect();
        lines.join("\n")
    }
}

impl Call {
    /// Whether anything is not as it was, here or in a mount.
    pub fn is_change(&self) -> bool {
        self.wrote || self.events.iter().any(Event::is_change)
    }
}

impl Line {
    /// Output or error; `None` for a sentence of the catalogue.
    pub fn printed(&self) -> Option<&str> {
        match self {
            Self::Output(text) | Self::Error(text) => Some(text),
            Self::Message(_) => None,
        }
    }
}

/// The words of a line with one command, for programs that are not of this shell.
pub(super) fn words_of(line: &str) -> Result<Vec<String>, Message> {
    match &words::parse(line)?[..] {
        [(_, Simple { words, redirect: None })] => Ok(words.iter().map(|word| word.text.clone()).collect()),
        _ => Err(Message::new("shell.one-command-only", [])),
    }
}

impl Process<'_> {
    fn open_output(&mut self, redirect: &Redirect, data: &[u8]) -> bool {
        let op = Op::Write {
            path: self.path(&redirect.path),
            flags: Flags { create: Some(0o644), exclusive: false, truncate: !redirect.append },
            place: if redirect.append { Place::End } else { Place::At(0) },
            data: data.to_vec(),
        };
        match self.call(op) {
            Ok(_) => true,
            Err(errno) => {
                self.error(format!("sh: {}: {}", redirect.path, errno.sentence()));
                false
            }
        }
    }
}

impl Message {
    pub(super) fn new<const N: usize>(key: &'static str, arguments: [(&'static str, String); N]) -> Self {
        debug_assert!(MESSAGE_KEYS.contains(&key), "{key} is not in MESSAGE_KEYS");
        Self { key, arguments: arguments.into() }
    }
}
