//! A Dockerfile recovered from the history: what each builder wrote down, turned back, and what it did not write down
//! said to be a guess.
//!
//! Sources: moby `builder/dockerfile`, BuildKit `frontend/dockerfile/dockerfile2llb`, buildah `commit.go`, kaniko
//! `pkg/executor/build.go`: none of them specifies its wording, so each rule here has its example as a test.

use serde::{Deserialize, Serialize};

use super::{
    distribution::Distribution,
    history::{Fit, Step, pair},
};
use crate::{
    display::harmless_block,
    limits::Limits,
    spec::config::{Execution, History, ImageConfig},
};

mod base;
mod go;
mod wording;

/// A recovered Dockerfile, line by line in the order of the build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dockerfile {
    pub lines: Vec<Line>,
    pub fit: Fit,
}

/// One instruction, or one comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What stands in the file, of several lines where the instruction has them; harmless, and a comment begins with
    /// `#`.
    pub text: String,
    pub certainty: Certainty,
    /// The layer the instruction made.
    pub layer: Option<usize>,
    /// Index of the history entry it comes from.
    pub entry: Option<usize>,
    /// Below the FROM: it built the base image, and the file shows it as a comment.
    pub in_base: bool,
}

/// How far a line can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// The builder wrote it down, or the config says it.
    Known,
    Guessed(Guess),
    /// No instruction could be recovered: the text is what the history holds.
    Comment,
}

/// Why a line is a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guess {
    /// The name of the base image, from its os-release.
    BaseFromDistribution,
    /// The build began with a file system or with nothing, so with no base.
    BaseScratch,
    /// Nothing says what the base was.
    BaseUnknown,
    /// The classic builder writes a checksum in the place of the source's name.
    SourceName,
    /// An absolute source was copied from another stage or image, whose name is not written down.
    Stage,
    /// The source seems to be a heredoc, whose text is not written down.
    Heredoc,
    /// Where one word ends and the next begins is not written down.
    Words,
    /// The history does not fit the layers, so the layer may be another.
    Layer,
}

/// Recovers the Dockerfile of an image of `layers` layers. `distribution` names the base where nothing else does.
pub fn recover(
    config: &ImageConfig,
    layers: usize,
    distribution: Option<&Distribution>,
    limits: &Limits,
) -> Dockerfile {
    let pairing = pair(config, layers);
    let mut shell = wording::default_shell();
    let last = LastOf::new(config);
    let mut lines: Vec<Line> = Vec::new();
    let mut left = limits.dockerfile_bytes;
    for step in &pairing.steps {
        let line = match step.entry {
            Some(entry) => recovered(config, *step, entry, &mut shell, &last),
            None => Line::comment("# a layer that the history says nothing of".into(), *step),
        };
        let text = harmless_block(&line.text, left);
        left = left.saturating_sub(text.len());
        lines.push(Line { text, ..line });
        if left == 0 {
            lines.push(Line::comment(
                "# the rest of the history passes the bound and is left out".into(),
                Step { entry: None, layer: None },
            ));
            break;
        }
    }
    if matches!(pairing.fit, Fit::Differs { .. }) {
        for line in &mut lines {
            if line.layer.is_some() && line.certainty == Certainty::Known {
                line.certainty = Certainty::Guessed(Guess::Layer);
            }
        }
    }
    base::add(&mut lines, config, distribution);
    Dockerfile { lines, fit: pairing.fit }
}

impl Dockerfile {
    /// The file itself: lines of the base as comments, guesses marked at the end of the line before them.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            if let Certainty::Guessed(guess) = line.certainty
                && !line.in_base
            {
                out.push_str(&format!("# guessed: {}\n", guess.sentence()));
            }
            for part in line.text.lines() {
                if line.in_base && !part.starts_with('#') {
                    out.push_str("# (base) ");
                }
                out.push_str(part);
                out.push('\n');
            }
        }
        out
    }
}

impl Guess {
    /// English, for files and terminals.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::BaseFromDistribution => "the base image, by its os-release",
            Self::BaseScratch => "no base: the build begins with a file system of its own",
            Self::BaseUnknown => "nothing says what the base image was",
            Self::SourceName => "the source's name; only its checksum was written down",
            Self::Stage => "copied from another stage or image, which was not written down",
            Self::Heredoc => "a heredoc, whose text was not written down",
            Self::Words => "where one word ends and the next begins",
            Self::Layer => "the layer, because the history does not fit the layers",
        }
    }
}

impl Line {
    fn comment(text: String, step: Step) -> Self {
        Self { text, certainty: Certainty::Comment, layer: step.layer, entry: step.entry, in_base: false }
    }
}

/// The config tells how the last of these came out; the history tells it for the earlier ones only in Go's words.
struct LastOf {
    healthcheck: Option<usize>,
    shell: Option<usize>,
}

impl LastOf {
    fn new(config: &ImageConfig) -> Self {
        let last = |keyword: &str| {
            config.history.iter().rposition(|entry| {
                wording::read(entry, &wording::default_shell())
                    .is_some_and(|read| read.text.split_once(' ').is_some_and(|(word, _)| word == keyword))
            })
        };
        Self { healthcheck: last("HEALTHCHECK"), shell: last("SHELL") }
    }
}

fn recovered(config: &ImageConfig, step: Step, entry: usize, shell: &mut Vec<String>, last: &LastOf) -> Line {
    let none = History::default();
    let history = config.history.get(entry).unwrap_or(&none);
    let Some(read) = wording::read(history, shell) else {
        let said = history.created_by.as_deref().or(history.comment.as_deref()).unwrap_or_default();
        let said = said.trim();
        let text = match said {
            "" => "# an entry of the history that says nothing".to_owned(),
            said => said.lines().map(|line| format!("# {line}")).collect::<Vec<_>>().join("\n"),
        };
        return Line::comment(text, step);
    };
    let execution = &config.execution;
    let (text, guess) = match read.text.split_once(char::is_whitespace) {
        Some(("HEALTHCHECK", _)) if last.healthcheck == Some(entry) && execution.healthcheck.is_some() => {
            (healthcheck(execution).unwrap_or(read.text), None)
        }
        Some(("SHELL", _)) if last.shell == Some(entry) && !execution.shell.is_empty() => {
            (format!("SHELL {}", go::json_list(&execution.shell)), None)
        }
        _ => wording::tidy(read.text, read.builder, execution),
    };
    if let Some(rest) = text.strip_prefix("SHELL ")
        && let Ok(words) = serde_json::from_str::<Vec<String>>(rest)
    {
        *shell = words;
    }
    Line {
        text: match read.arguments {
            arguments if arguments.is_empty() => text,
            arguments => format!("# build arguments: {}\n{text}", arguments.join(" ").replace('\n', " ")),
        },
        certainty: guess.map_or(Certainty::Known, Certainty::Guessed),
        layer: step.layer,
        entry: step.entry,
        in_base: false,
    }
}

/// `HEALTHCHECK` as the config has it.
fn healthcheck(execution: &Execution) -> Option<String> {
    let check = execution.healthcheck.as_ref()?;
    let mut out = "HEALTHCHECK".to_owned();
    for (flag, nanoseconds) in [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start-period", check.start_period),
        ("start-interval", check.start_interval),
    ] {
        if let Some(nanoseconds) = nanoseconds.filter(|&n| n > 0) {
            out.push_str(&format!(" --{flag}={}", super::config::duration(nanoseconds)));
        }
    }
    if let Some(retries) = check.retries.filter(|&n| n > 0) {
        out.push_str(&format!(" --retries={retries}"));
    }
    let (first, rest) = check.test.split_first()?;
    match first.as_str() {
        "NONE" => out.push_str(" NONE"),
        "CMD-SHELL" => out.push_str(&format!(" CMD {}", rest.join(" "))),
        "CMD" => out.push_str(&format!(" CMD {}", go::json_list(rest))),
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests;
