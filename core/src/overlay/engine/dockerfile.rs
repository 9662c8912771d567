//! The part of the Dockerfile language that is about layers.
//!
//! Source: docs.docker.com/reference/dockerfile. Heredocs, build arguments and variables are not here: a `$` is said to
//! be missing rather than taken for a letter.

/// One `FROM` and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stage {
    pub from: String,
    pub name: Option<String>,
    /// The text of the FROM itself.
    pub text: String,
    pub instructions: Vec<Instruction>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// With its continuation lines joined.
    pub text: String,
    pub kind: InstructionKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InstructionKind {
    Run(String),
    Copy { from: Option<String>, sources: Vec<String>, target: String },
    Workdir(String),
    Env(Vec<(String, String)>),
    Cmd(String),
}

/// What is wrong with a line of a Dockerfile; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DockerfileProblem {
    /// The first instruction must be FROM.
    NoFrom,
    UnknownInstruction {
        line: usize,
        word: String,
    },
    /// Too few words, or words that make no sense.
    Malformed {
        line: usize,
        instruction: &'static str,
    },
    VariableNotSupported {
        line: usize,
    },
}

pub(super) fn parse(text: &str) -> Result<Vec<Stage>, DockerfileProblem> {
    let mut stages: Vec<Stage> = Vec::new();
    for (line, text) in logical_lines(text) {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let rest = rest.trim();
        if rest.contains('$') {
            return Err(DockerfileProblem::VariableNotSupported { line });
        }
        let word = word.to_ascii_uppercase();
        if word == "FROM" {
            stages.push(from(line, &text, rest)?);
            continue;
        }
        let kind = instruction(line, &word, rest)?;
        let stage = stages.last_mut().ok_or(DockerfileProblem::NoFrom)?;
        stage.instructions.push(Instruction { text: format!("{word} {rest}"), kind });
    }
    if stages.is_empty() { Err(DockerfileProblem::NoFrom) } else { Ok(stages) }
}

/// Lines without comments, those that end in a backslash joined to the next, with the number of the first.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut continued = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('#') || (line.is_empty() && !continued) {
            continue;
        }
        let (part, goes_on) = match line.strip_suffix('\\') {
            Some(part) => (part.trim_end(), true),
            None => (line, false),
        };
        match out.last_mut() {
            Some((_, joined)) if continued => {
                joined.push(' ');
                joined.push_str(part);
            }
            _ => out.push((number + 1, part.to_string())),
        }
        continued = goes_on;
    }
    out
}

fn from(line: usize, text: &str, rest: &str) -> Result<Stage, DockerfileProblem> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (from, name) = match words[..] {
        [from] => (from, None),
        [from, by, name] if by.eq_ignore_ascii_case("as") => (from, Some(name.to_ascii_lowercase())),
        _ => return Err(DockerfileProblem::Malformed { line, instruction: "FROM" }),
    };
    Ok(Stage { from: from.into(), name, text: text.into(), instructions: Vec::new() })
}

fn instruction(line: usize, word: &str, rest: &str) -> Result<InstructionKind, DockerfileProblem> {
    let malformed = |instruction| DockerfileProblem::Malformed { line, instruction };
    let some = |instruction| if rest.is_empty() { Err(malformed(instruction)) } else { Ok(rest.to_string()) };
    match word {
        "RUN" => some("RUN").map(InstructionKind::Run),
        "CMD" => some("CMD").map(InstructionKind::Cmd),
        "WORKDIR" => some("WORKDIR").map(InstructionKind::Workdir),
        "ENV" => {
            let pairs: Option<Vec<(String, String)>> = if rest.contains('=') {
                rest.split_whitespace().map(|pair| pair.split_once('=')).map(|pair| pair.map(owned)).collect()
            } else {
                rest.split_once(char::is_whitespace).map(|pair| vec![owned(pair)])
            };
            pairs.filter(|pairs| !pairs.is_empty()).map(InstructionKind::Env).ok_or_else(|| malformed("ENV"))
        }
        "COPY" => {
            let mut words: Vec<&str> = rest.split_whitespace().collect();
            let from =
                words.iter().position(|word| word.starts_with("--from=")).map(|at| words.remove(at)[7..].to_string());
            match words[..] {
                [ref sources @ .., target] if !sources.is_empty() && !rest.starts_with("--") | from.is_some() => {
                    let sources = sources.iter().map(|source| (*source).to_string()).collect();
                    Ok(InstructionKind::Copy { from, sources, target: target.into() })
                }
                _ => Err(malformed("COPY")),
            }
        }
        _ => Err(DockerfileProblem::UnknownInstruction { line, word: crate::display::harmless(word.as_bytes()) }),
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.trim().into(), value.trim().trim_matches('"').into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_comments_left_out() {
        let stages =
            parse("# a\nFROM base AS build\nRUN mkdir /a && \\\n# inside\n  touch /a/b\n\nenv A=1 B=2\n").unwrap();
        assert_eq!((&stages[0].from[..], stages[0].name.as_deref()), ("base", Some("build")));
        let texts: Vec<&str> = stages[0].instructions.iter().map(|i| &i.text[..]).collect();
        assert_eq!(texts, ["RUN mkdir /a && touch /a/b", "ENV A=1 B=2"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, problem) in [
            ("RUN ls", DockerfileProblem::NoFrom),
            ("", DockerfileProblem::NoFrom),
            ("FROM a\nRUM ls", DockerfileProblem::UnknownInstruction { line: 2, word: "RUM".into() }),
            ("FROM a\n\nCOPY x", DockerfileProblem::Malformed { line: 3, instruction: "COPY" }),
            ("FROM a\nRUN echo $A", DockerfileProblem::VariableNotSupported { line: 2 }),
        ] {
            assert_eq!(parse(text).unwrap_err(), problem);
        }
    }
}
