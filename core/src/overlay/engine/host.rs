//! The host: its system, its terminal, and the directory with the build context.

use serde::{Deserialize, Serialize};

use super::{Effect, Engine, storage::copy};
use crate::{
    display::harmless,
    overlay::{
        Event, Inode, Layer, MergedPath, Mode, Overlay,
        shell::{Line, Message, Reply, Shell, words_of},
    },
};

/// The machine that all containers share a kernel with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSystem {
    pub distribution: String,
    /// As `uname -r` prints it.
    pub kernel: String,
}

/// The host's working directory, where the build context is.
const CONTEXT: &str = "/work";

/// What the host's terminal has beside `docker`.
const HOST_COMMANDS: [&str; 14] =
    ["cat", "cp", "echo", "find", "help", "ls", "mkdir", "mv", "pwd", "rm", "rmdir", "stat", "touch", "uname"];

impl Engine {
    /// Runs a line of the host's terminal: `docker`, `mount`, or a command on files: those of the build context, which is
    /// the working directory, and those that the engine keeps, which can be looked at.
    pub fn run_line(&mut self, line: &str) -> Reply {
        let first = line.split_whitespace().next().unwrap_or_default();
        if HOST_COMMANDS.contains(&first) {
            return self.run_in_context(line);
        }
        let message = match words_of(line) {
            Ok(words) => {
                let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
                // The way to say it for one build.
                let builder = match words.first() {
                    Some(&"DOCKER_BUILDKIT=0") => Some(super::Builder::Classic),
                    Some(&"DOCKER_BUILDKIT=1") => Some(super::Builder::BuildKit),
                    _ => None,
                };
                if builder.is_some() {
                    words.remove(0);
                }
                match words.split_first() {
                    None => return Reply::default(),
                    Some((&"docker", rest)) => {
                        let usual = self.builder;
                        self.builder = builder.unwrap_or(usual);
                        let reply = self.docker(rest);
                        self.builder = usual;
                        return reply;
                    }
                    Some((&"mount", [])) => return Reply::printed(self.mount_lines()),
                    Some((first, _)) => {
                        Message::new("shell.only-docker-here", [("command", harmless(first.as_bytes()))])
                    }
                }
            }
            Err(message) => message,
        };
        Reply { lines: vec![Line::Message(message)], failed: true, ..Reply::default() }
    }

    /// Gives a file of the build context this text.
    pub fn edit(&mut self, file: &str, text: &[u8]) {
        self.context.put(&MergedPath::from(file), Inode { mtime: self.now, ..Inode::file(text, 0o644) });
    }

    /// The files that `docker build .` sends.
    pub fn context(&self) -> &Layer {
        &self.context
    }

    pub fn host(&self) -> &HostSystem {
        &self.host
    }

    pub fn set_host(&mut self, host: HostSystem) {
        self.host = host;
    }

    fn run_in_context(&mut self, line: &str) -> Reply {
        let here = MergedPath::from(CONTEXT);
        // The engine's directories hold every file of every layer: they are laid out only for a line that may look there.
        let mut files = if line.contains('/') || line.contains("..") { self.storage() } else { Layer::new() };
        files.put(&here, Inode::directory(0o755));
        copy(&self.context, &MergedPath::root(), &mut files, &here);
        let mut overlay = Overlay::with_upper(Vec::new(), files, Mode::Default);
        overlay.set_time(self.now);
        let shell = Shell::default().on_kernel(&self.host.kernel).in_directory(here.clone());
        let mut reply = { shell }.run(&mut overlay, line);
        let elsewhere = |event: &Event| event.path().is_some_and(|path| *path != here && !here.is_ancestor_of(path));
        let mut changes = reply.calls.iter().flat_map(|call| &call.events).filter(|event| event.is_change()).peekable();
        let changed = changes.peek().is_some();
        if changes.any(elsewhere) {
            let message = Message::new("shell.host-read-only", [("directory", CONTEXT.to_string())]);
            return Reply { lines: vec![Line::Message(message)], failed: true, ..Reply::default() };
        }
        // They are events of no container, so that no picture of one may fold over them.
        reply.calls.clear();
        reply.moves = u32::from(changed);
        if changed {
            reply.effects.push(Effect::ContextChanged);
            self.context = Layer::new();
            copy(overlay.upper().layer(), &here, &mut self.context, &MergedPath::root());
        }
        reply
    }

    /// What `mount` lists of running containers.
    fn mount_lines(&self) -> Vec<String> {
        let running = self.containers.iter().filter(|container| container.is_running());
        let mounts = running.map(|container| container.shell.mount());
        mounts.map(|mount| self.dialect.listed(mount, &mount.merged)).collect()
    }
}

impl Default for HostSystem {
    fn default() -> Self {
        Self { distribution: "Fedora Linux 41".into(), kernel: "6.12.9-200.fc41.x86_64".into() }
    }
}
