//! What a learner does: a line in a terminal, or an edit of a file of the build context.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes of a line that is typed.
const LINE_BYTES: usize = 1_000;
/// Bytes of a file that is edited in the page.
const FILE_BYTES: usize = 16 << 10;

/// In a document a line is a string with its prompt, `$ docker run -d --name web app` for the host's terminal and
/// `web# ls /etc` for one inside the container `web`; an edit is `{"edit": "Dockerfile", "text": "FROM …"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Command {
    Line {
        at: Place,
        line: String,
    },
    /// A file of the build context gets this text.
    Edit {
        file: String,
        text: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The host's terminal, where `docker` is.
    Host,
    /// A shell in the container of this name.
    Container(String),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Line(String),
    Edit { edit: String, text: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CommandError {
    NoPrompt(String),
    NotOneLine(String),
    TooLong { what: &'static str, limit: usize },
    FileName(String),
}

impl Command {
    /// A line at the host's terminal.
    pub fn host(line: impl Into<String>) -> Self {
        Self::Line { at: Place::Host, line: line.into() }
    }

    /// A line in the shell of a container.
    pub fn inside(container: impl Into<String>, line: impl Into<String>) -> Self {
        Self::Line { at: Place::Container(container.into()), line: line.into() }
    }

    /// Whether a learner could have typed it: what [`super::Session::run`] takes, and no more.
    pub(super) fn check(&self) -> Result<(), CommandError> {
        match self {
            Self::Line { line, .. } => {
                if line.contains(char::is_control) {
                    return Err(CommandError::NotOneLine(line.clone()));
                }
                if line.len() > LINE_BYTES {
                    return Err(CommandError::TooLong { what: "a line", limit: LINE_BYTES });
                }
            }
            Self::Edit { file, text } => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
                let parts_are_names = file.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
                if file.len() > 100 || !file.chars().all(plain) || !parts_are_names {
                    return Err(CommandError::FileName(file.clone()));
                }
                if text.len() > FILE_BYTES {
                    return Err(CommandError::TooLong { what: "a file", limit: FILE_BYTES });
                }
            }
        }
        Ok(())
    }
}

impl TryFrom<Written> for Command {
    type Error = CommandError;

    fn try_from(written: Written) -> Result<Self, CommandError> {
        let command = match written {
            Written::Edit { edit, text } => Self::Edit { file: edit, text },
            Written::Line(text) => {
                if let Some(line) = text.strip_prefix("$ ") {
                    Self::host(line)
                } else {
                    let is_name = |name: &str| {
                        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
                    };
                    match text.split_once("# ") {
                        Some((name, line)) if is_name(name) => Self::inside(name, line),
                        _ => return Err(CommandError::NoPrompt(text)),
                    }
                }
            }
        };
        command.check()?;
        Ok(command)
    }
}

impl From<Command> for Written {
    fn from(command: Command) -> Self {
        match command {
            Command::Edit { file, text } => Self::Edit { edit: file, text },
            line @ Command::Line { .. } => Self::Line(line.to_string()),
        }
    }
}

impl fmt::Display for Command {
    /// With its prompt; an edit by the file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { at: Place::Host, line } => write!(f, "$ {line}"),
            Self::Line { at: Place::Container(name), line } => write!(f, "{name}# {line}"),
            Self::Edit { file, .. } => write!(f, "{file}"),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrompt(text) => write!(
                f,
                "expected a line that begins with its prompt, '$ ' or 'CONTAINER# ', found {}",
                super::shown(text)
            ),
            Self::NotOneLine(text) => write!(f, "expected one line, found {}", super::shown(text)),
            Self::TooLong { what, limit } => write!(f, "expected {what} of at most {limit} bytes, found a longer one"),
            Self::FileName(name) => write!(
                f,
                "expected the name of a file of the build context (letters, digits, '.', '_', '-', '/'), found {}",
                super::shown(name)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_prompt() {
        let parsed = |text: &str| serde_json::from_value::<Command>(text.into());
        assert_eq!(parsed("$ docker ps").unwrap(), Command::host("docker ps"));
        assert_eq!(parsed("web# rm /a # b").unwrap(), Command::inside("web", "rm /a # b"));
        for wrong in ["docker ps", "a b# ls", "# ls", "$ a\nb"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
        let back = serde_json::to_value(Command::inside("web", "ls")).unwrap();
        assert_eq!(back, "web# ls");
    }

    #[test]
    fn an_edit_stays_in_the_context() {
        for (file, good) in [("Dockerfile", true), ("src/app.py", true), ("../x", false), ("/etc/passwd", false)] {
            let text = serde_json::json!({ "edit": file, "text": "x" });
            assert_eq!(serde_json::from_value::<Command>(text).is_ok(), good, "{file}");
        }
    }
}
