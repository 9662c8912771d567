//! What the builders write into `created_by`, told apart.

use super::{Guess, go};
use crate::spec::config::{Execution, History};

/// Who wrote a history entry, as far as its wording tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// Docker's first builder, and buildah, which writes like it.
    Classic,
    BuildKit,
    /// kaniko writes instructions as they stand in the Dockerfile, and so do others.
    Verbatim,
}

/// An entry as an instruction, not yet tidied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub text: String,
    pub builder: Builder,
    /// `NAME=value` of the `|2 A=1 B=2` prefix.
    pub arguments: Vec<String>,
}

/// The shell of the shell forms until a `SHELL` instruction says otherwise.
pub fn default_shell() -> Vec<String> {
    vec!["/bin/sh".into(), "-c".into()]
}

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];
const BUILDKIT_MARK: &str = "# buildkit";
const NOP: &str = "#(nop)";

/// `None` for an entry that is no instruction: of bazel, jib, ko, umoci, a `commit`, …
pub fn read(history: &History, shell: &[String]) -> Option<Read> {
    let said = history.created_by.as_deref()?.trim();
    let shell = shell.join(" ");
    if history.author.as_deref() == Some("kaniko") && is_instruction(said) {
        return Some(Read::plain(said, Builder::Verbatim));
    }
    // `/bin/sh -c #(nop)  CMD ["bash"]`, and `cmd /S /C #(nop)` on Windows.
    if let Some((_, instruction)) = said.split_once(NOP).filter(|(before, _)| is_shell_call(before, &shell)) {
        let instruction = instruction.trim();
        return is_instruction(instruction).then(|| Read::plain(instruction, Builder::Classic));
    }
    let marked = said.strip_suffix(BUILDKIT_MARK).map(str::trim_end);
    let builder = match marked.is_some() || history.comment.as_deref().is_some_and(|c| c.starts_with("buildkit")) {
        true => Builder::BuildKit,
        false => Builder::Classic,
    };
    let said = marked.unwrap_or(said);
    if let Some(command) = said.strip_prefix("RUN ").filter(|_| builder == Builder::BuildKit) {
        return run(command.trim_start(), &shell, builder);
    }
    if is_instruction(said) {
        let builder = if builder == Builder::BuildKit { builder } else { Builder::Verbatim };
        return Some(Read::plain(said, builder));
    }
    let classic_run = said.starts_with('|') || said.strip_prefix(&shell).is_some_and(|rest| rest.starts_with(' '));
    (classic_run || said.starts_with("/bin/sh -c ") || said.starts_with("cmd /S /C "))
        .then(|| run(said, &shell, Builder::Classic))?
}

impl Read {
    fn plain(text: &str, builder: Builder) -> Self {
        Self { text: text.to_owned(), builder, arguments: Vec::new() }
    }
}

fn is_instruction(text: &str) -> bool {
    text.split_once(char::is_whitespace).is_some_and(|(word, _)| INSTRUCTIONS.contains(&word))
}

fn is_shell_call(text: &str, shell: &str) -> bool {
    let text = text.trim();
    text == shell || text == "/bin/sh -c" || text == "cmd /S /C" || text.starts_with("powershell")
}

/// A `RUN`: build arguments and the shell taken off what was really run.
fn run(said: &str, shell: &str, builder: Builder) -> Option<Read> {
    let (arguments, command) = match said.starts_with('|') {
        true => build_arguments(said, shell)?,
        false => (Vec::new(), said),
    };
    let line = [shell, "/bin/sh -c", "cmd /S /C", "/bin/bash -c"]
        .into_iter()
        .find_map(|shell| command.strip_prefix(shell)?.strip_prefix(' '))
        .map(str::trim);
    let text = match line {
        Some(line) if line.contains('\n') && !line.lines().next().is_some_and(|first| first.contains("<<")) => {
            if continued(line) {
                format!("RUN {line}")
            } else {
                heredoc(line)
            }
        }
        Some(line) => format!("RUN {line}"),
        // The exec form: the words were joined by spaces.
        None => format!("RUN {}", go::json_list(&command.split_whitespace().collect::<Vec<_>>())),
    };
    Some(Read { text, builder, arguments })
}

/// Whether every line but the last ends in a backslash, so that it is one instruction as it stands.
fn continued(text: &str) -> bool {
    let mut lines = text.lines().rev();
    lines.next();
    lines.all(|line| line.trim_end().ends_with('\\'))
}

/// A command of several lines can only have come from a heredoc.
fn heredoc(script: &str) -> String {
    let taken = |mark: &str| script.lines().any(|line| line.trim() == mark);
    let mark = std::iter::once("EOF".to_owned())
        .chain((1..).map(|n| format!("EOF{n}")))
        .find(|mark| !taken(mark))
        .unwrap_or_default();
    format!("RUN <<{mark}\n{}\n{mark}", script.trim_end())
}

/// Takes `|2 A=1 B=2 ` off; `None` where no shell says where the command begins. Values are not quoted, so a value that
/// looks like the next argument is cut wrongly; the count at least says how many there are.
fn build_arguments<'t>(said: &'t str, shell: &str) -> Option<(Vec<String>, &'t str)> {
    let (count, rest) = said.strip_prefix('|')?.split_once(' ')?;
    let count: usize = count.parse().ok()?;
    let command = [shell, "/bin/sh -c", "cmd /S /C"].into_iter().find_map(|shell| {
        if rest.starts_with(shell) { Some(0) } else { rest.find(&format!(" {shell} ")).map(|at| at + 1) }
    })?;
    let (given, command) = rest.split_at(command);
    let mut arguments: Vec<String> = Vec::new();
    for word in given.split(' ').filter(|word| !word.is_empty()) {
        let begins = word.split_once('=').is_some_and(|(name, _)| is_name(name)) && arguments.len() < count;
        match arguments.last_mut() {
            Some(last) if !begins => {
                last.push(' ');
                last.push_str(word);
            }
            _ => arguments.push(word.to_owned()),
        }
    }
    Some((arguments, command))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The instruction as a Dockerfile has it, and why it is a guess where it is one.
pub fn tidy(text: String, builder: Builder, execution: &Execution) -> (String, Option<Guess>) {
    let Some((word, rest)) = text.split_once(char::is_whitespace) else { return (text, None) };
    let rest = rest.trim();
    match word {
        _ if builder == Builder::Verbatim => (text, None),
        "CMD" | "ENTRYPOINT" => (command(word, rest), None),
        "ADD" | "COPY" => copy(word, rest, builder),
        "EXPOSE" => match go::plain_list(rest) {
            Some(ports) => (format!("EXPOSE {}", ports.join(" ")), None),
            None => (format!("EXPOSE {rest}"), None),
        },
        "VOLUME" => match (go::quoted_list(rest), go::plain_list(rest)) {
            (Some(paths), _) => (format!("VOLUME {}", go::json_list(&paths)), None),
            (None, Some(paths)) => (format!("VOLUME {}", go::json_list(&paths)), None),
            (None, None) => (format!("VOLUME {rest}"), None),
        },
        "SHELL" => match (go::quoted_list(rest), go::plain_list(rest)) {
            (Some(words), _) => (format!("SHELL {}", go::json_list(&words)), None),
            (None, Some(words)) => (format!("SHELL {}", go::json_list(&words)), Some(Guess::Words)),
            (None, None) => (format!("SHELL {rest}"), None),
        },
        "ENV" => {
            let known = execution.env.iter().filter_map(|pair| pair.split_once('='));
            pairs("ENV", rest, &known.collect::<Vec<_>>())
        }
        "LABEL" => {
            let known = execution.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            pairs("LABEL", rest, &known.collect::<Vec<_>>())
        }
        // Go's print of a struct; the config tells the last one better.
        "HEALTHCHECK" if rest.starts_with("&{") => match go_healthcheck(rest) {
            Some(check) => (format!("HEALTHCHECK {check}"), Some(Guess::Words)),
            None => (format!("# {}", text.replace('\n', "\n# ")), Some(Guess::Words)),
        },
        "RUN" if rest.starts_with('[') && builder == Builder::BuildKit => (text, Some(Guess::Words)),
        _ => (text, None),
    }
}

/// `&{["CMD-SHELL" "curl …"] "5s" "3s" "0s" "0s" '\x03'}`: the test is told; the times' order differs by version.
fn go_healthcheck(text: &str) -> Option<String> {
    let inside = text.strip_prefix("&{")?;
    let end = inside.find(']')? + 1;
    let words = go::quoted_list(&inside[..end])?;
    let (first, rest) = words.split_first()?;
    Some(match first.as_str() {
        "NONE" => "NONE".into(),
        "CMD-SHELL" => format!("CMD {}", rest.join(" ")),
        _ => format!("CMD {}", go::json_list(rest)),
    })
}

/// The exec form, and the shell form where the words are the default shell's.
fn command(word: &str, rest: &str) -> String {
    let list = rest.strip_prefix('&').and_then(|go| go.strip_prefix('{')?.strip_suffix('}')).unwrap_or(rest);
    match go::quoted_list(list).as_deref() {
        Some([sh, c, line]) if sh == "/bin/sh" && c == "-c" && !line.contains('\n') => format!("{word} {line}"),
        Some(words) => format!("{word} {}", go::json_list(words)),
        None => format!("{word} {rest}"),
    }
}

fn copy(word: &str, rest: &str, builder: Builder) -> (String, Option<Guess>) {
    // `ADD file:8b8… in /`, `COPY dir:… in /app`, `COPY multi:… in /app/`.
    if let Some((source, target)) = rest.rsplit_once(" in ")
        && builder == Builder::Classic
    {
        let source = source.trim();
        let named = !["file:", "dir:", "multi:"].iter().any(|kind| source.contains(kind));
        return (format!("{word} {source} {}", target.trim()), (!named).then_some(Guess::SourceName));
    }
    let text = format!("{word} {rest}");
    let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
    let from_named = rest.contains("--from=");
    let guess = match words.split_last() {
        Some((_, sources)) if sources.iter().any(|source| ["EOF", "EOT", "END"].contains(source)) => {
            Some(Guess::Heredoc)
        }
        Some((_, sources)) if word == "COPY" && !from_named && sources.iter().any(|s| s.starts_with('/')) => {
            Some(Guess::Stage)
        }
        _ => None,
    };
    (text, guess)
}

/// `ENV A=b c`: builders drop the quotes, and the config knows the value.
fn pairs(word: &str, rest: &str, known: &[(&str, &str)]) -> (String, Option<Guess>) {
    let mut at = rest;
    let mut out = word.to_owned();
    let mut guess = None;
    while !at.is_empty() {
        let Some((name, after)) = at.split_once('=').filter(|(name, _)| !name.contains(char::is_whitespace)) else {
            // The old form `ENV name value` has no equals sign.
            return (format!("{word} {rest}"), None);
        };
        let told = known.iter().filter(|(known, value)| *known == name && !value.is_empty()).find_map(|(_, value)| {
            let rest = after.strip_prefix(value)?;
            (rest.is_empty() || rest.starts_with(' ')).then_some((*value, rest))
        });
        let (value, rest) = told.unwrap_or_else(|| {
            let (value, rest) = after.split_at(next_pair(after));
            if value.contains(' ') && !value.starts_with('"') {
                guess = Some(Guess::Words);
            }
            (value, rest)
        });
        out.push_str(&format!(" {name}={}", quoted(value)));
        at = rest.trim_start();
    }
    (out, guess)
}

/// Where ` name=` begins in `text`, or its end.
fn next_pair(text: &str) -> usize {
    let begins = |&(at, _): &(usize, &str)| {
        let word = text[at + 1..].split(' ').next().unwrap_or_default();
        word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
    };
    text.match_indices(' ').find(begins).map_or(text.len(), |(at, _)| at)
}

/// Quotes where a Dockerfile needs them.
fn quoted(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && c != '"' && c != '\'' && c != '#';
    if value.chars().all(plain) || (value.starts_with('"') && value.ends_with('"') && value.len() > 1) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"))
}
