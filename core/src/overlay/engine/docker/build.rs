//! `docker build`, as either builder prints it.

use super::{Effect, Engine, Line, Message, Reply};
use crate::{
    display::harmless,
    overlay::engine::{Build, BuildError, Builder, Cached, DockerfileProblem},
};

impl Engine {
    /// `docker build [-t NAME] [-f FILE] .` over the files of the context.
    pub(super) fn docker_build(&mut self, words: &[&str]) -> Reply {
        let (mut name, mut file, mut context) = (None, "Dockerfile", None);
        let mut rest = words;
        loop {
            match rest {
                ["-t" | "--tag", given, after @ ..] => (name, rest) = (Some(*given), after),
                ["-f" | "--file", given, after @ ..] => (file, rest) = (given, after),
                ["--progress=plain" | "build", after @ ..] => rest = after,
                ["." | "./", after @ ..] => (context, rest) = (Some("."), after),
                [] => break,
                _ => return said("shell.usage", [("command", "docker build [-t NAME] [-f FILE] .".into())]),
            }
        }
        if context.is_none() {
            return said("shell.usage", [("command", "docker build [-t NAME] [-f FILE] .".into())]);
        }
        let text = self.context.find(&file.into()).and_then(|ino| match &self.context.inode(ino).kind {
            crate::overlay::Kind::File(content) => content.bytes(64 << 10),
            _ => None,
        });
        let Some(text) = text else {
            return refused(&format!("failed to read dockerfile: open {file}: no such file or directory"));
        };
        let (context, builder) = (self.context.clone(), self.builder);
        // A build without a name is kept under none; the engine's table of names has no other place for it.
        match self.build(&String::from_utf8_lossy(&text), &context, name.unwrap_or(UNNAMED), builder) {
            Ok(build) => {
                if name.is_none() {
                    self.tags.remove(&format!("{UNNAMED}:latest"));
                }
                let lines = match builder {
                    Builder::Classic => classic(&build, name),
                    Builder::BuildKit => buildkit(&build, name),
                };
                Reply { effects: vec![Effect::Built(Box::new(build))], ..Reply::printed(lines) }
            }
            Err(BuildError::Dockerfile(DockerfileProblem::VariableNotSupported { line })) => {
                said("shell.dockerfile-no-variables", [("line", line.to_string())])
            }
            Err(error) => failed(&error),
        }
    }
}

const UNNAMED: &str = "unnamed-build";

/// Step by step, each with the image that it left.
fn classic(build: &Build, name: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    let all = build.steps.len();
    for (number, step) in build.steps.iter().enumerate() {
        lines.push(format!("Step {}/{all} : {}", number + 1, step.instruction));
        if step.cached == Cached::Hit {
            lines.push(" ---> Using cache".into());
        }
        let printed = step.output.iter().flat_map(|reply| reply.lines.iter().filter_map(Line::printed));
        lines.extend(printed.map(str::to_string));
        lines.extend(step.intermediate.iter().map(|image| format!(" ---> {}", image.0.short())));
    }
    lines.push(format!("Successfully built {}", build.image.0.short()));
    lines.extend(name.map(|name| format!("Successfully tagged {}", with_tag(name))));
    lines
}

/// As `--progress=plain` prints it, without the times. Steps that change the config only have no line.
fn buildkit(build: &Build, name: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    let shown = |cached: Cached, instruction: &str| {
        cached != Cached::NotNeeded && (cached != Cached::Free || instruction.starts_with("FROM"))
    };
    let steps: Vec<_> = build.steps.iter().filter(|step| shown(step.cached, &step.instruction)).collect();
    for (number, step) in steps.iter().enumerate() {
        let number = number + 1;
        lines.push(format!("#{number} [{number}/{}] {}", steps.len(), step.instruction));
        let printed = step.output.iter().flat_map(|reply| reply.lines.iter().filter_map(Line::printed));
        lines.extend(printed.map(|line| format!("#{number} {line}")));
        lines.push(format!("#{number} {}", if step.cached == Cached::Hit { "CACHED" } else { "DONE" }));
    }
    let last = steps.len() + 1;
    lines.push(format!("#{last} exporting to image"));
    lines.push(format!("#{last} writing image {} done", build.image));
    lines.extend(name.map(|name| format!("#{last} naming to {} done", full_name(name))));
    lines
}

fn with_tag(name: &str) -> String {
    crate::store::ImageName::parse(name).to_string()
}

fn full_name(name: &str) -> String {
    crate::store::ImageName::parse(name).canonical()
}

fn failed(error: &BuildError) -> Reply {
    match error {
        BuildError::RunFailed { instruction, reply } => {
            let command = instruction.split_once(' ').map_or("", |(_, command)| command);
            let sentence = format!("process \"/bin/sh -c {command}\" did not complete successfully: exit code: 1");
            let mut lines: Vec<Line> = reply.lines.clone();
            lines.extend(refused(&sentence).lines);
            Reply { lines, failed: true, ..Reply::default() }
        }
        BuildError::Dockerfile(problem) => refused(&match problem {
            DockerfileProblem::NoFrom => "dockerfile parse error: no build stage in current context".into(),
            DockerfileProblem::UnknownInstruction { line, word } => {
                format!("dockerfile parse error on line {line}: unknown instruction: {word}")
            }
            DockerfileProblem::Malformed { line, instruction } => {
                format!("dockerfile parse error on line {line}: {instruction} has not the words it needs")
            }
            DockerfileProblem::VariableNotSupported { line } => format!("line {line}: no variables"),
        }),
        BuildError::Engine(error) => refused(&error.to_string()),
        BuildError::NoSuchSource { source, .. } => {
            refused(&format!("failed to compute cache key: \"/{}\": not found", source.trim_start_matches('/')))
        }
        BuildError::NoSuchStage { stage, .. } => {
            refused(&format!("{stage}: no stage of this name before the instruction that copies from it"))
        }
        BuildError::CopyFailed { instruction, errno } => refused(&format!("{instruction}: {}", errno.sentence())),
    }
}

fn refused(sentence: &str) -> Reply {
    let line = Line::Error(harmless(format!("ERROR: failed to solve: {sentence}").as_bytes()));
    Reply { lines: vec![line], failed: true, ..Reply::default() }
}

fn said<const N: usize>(key: &'static str, arguments: [(&'static str, String); N]) -> Reply {
    let lines = vec![Line::Message(Message::new(key, arguments))];
    Reply { lines, failed: true, ..Reply::default() }
}
