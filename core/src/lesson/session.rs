//! A lesson or a sandbox while somebody is in it.

use std::{fmt, sync::Arc};

use super::{
    Answer, Check, Choice, Command, Goal, LayerSource, Lesson, OwnImage, Place, Progress, Query, QueryError, Question,
    SandboxSource, SandboxState, Scenario, ScenarioImage, answer::Asked, command::CommandError,
};
use crate::overlay::{
    Layer, MergedPath, Mode, Overlay,
    engine::{Engine, EngineError, NewLayer, RunConfig},
    shell::{Reply, Shell},
};

/// The clock of a scenario's beginning, in seconds since the epoch, and what it goes on by with each command. A model
/// that took the real time would give other digests to each learner.
const BEGINNING: i64 = 1_750_000_000;
const SECONDS_A_COMMAND: i64 = 30;
/// System calls of all commands that are kept to be shown again, each with its events.
const CALLS: usize = 100_000;
/// Commands of one session, and inodes in all writable layers: a line such as `cp -r / /a` doubles what is there.
const COMMANDS: usize = 500;
const INODES: usize = 20_000;

/// The present state, and how it came about.
#[derive(Clone, Debug)]
pub struct Session {
    source: SandboxSource,
    beginning: Engine,
    engine: Engine,
    history: Vec<Move>,
    /// What undo took back, the last first.
    undone: Vec<Move>,
}

/// One command that was run.
#[derive(Clone, Debug)]
pub struct Move {
    pub command: Command,
    /// What it printed, and the events and effects that the stage plays.
    pub reply: Reply,
    /// How many of its commands changed something: looking costs nothing.
    pub moves: u32,
    before: Engine,
    after: Engine,
}

/// Why a scenario does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioError {
    Layer {
        image: String,
        number: usize,
        problem: String,
    },
    Image {
        image: String,
        error: EngineError,
    },
    /// A command of the beginning failed; `printed` is its last line.
    Command {
        command: String,
        printed: String,
    },
}

/// Why a command was not run. (A command that ran and failed is a [`Move`] like any other.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// Not something that could have been typed.
    Command(String),
    NoContainer(String),
    ContainerIsStopped(String),
    TooManyCommands {
        limit: usize,
    },
    /// The writable layers together have as much as a session may keep.
    TooLarge {
        limit: usize,
    },
}

impl Session {
    /// Begins a lesson, with one of the learner's own images in the place the lesson has for it.
    pub fn of_lesson(lesson: &Lesson, own: Option<&OwnImage>) -> Result<Self, ScenarioError> {
        Self::start(&lesson.scenario, SandboxSource::Lesson(lesson.id.clone()), own)
    }

    /// Begins a sandbox that has no lesson.
    pub fn of_scenario(scenario: &Scenario) -> Result<Self, ScenarioError> {
        Self::start(scenario, SandboxSource::Inline(Box::new(scenario.clone())), None)
    }

    fn start(scenario: &Scenario, source: SandboxSource, own: Option<&OwnImage>) -> Result<Self, ScenarioError> {
        let mut engine = Engine::new(scenario.mode);
        engine.set_dialect(scenario.dialect);
        engine.set_host(scenario.host.clone());
        engine.set_builder(scenario.builder);
        engine.set_policy(scenario.store);
        engine.set_time(BEGINNING);
        for image in &scenario.registry {
            let layers = layers_of(image, &scenario.registry)?;
            let published = engine.publish(&image.name, layers, RunConfig::default());
            published.map_err(|error| ScenarioError::Image { image: image.name.clone(), error })?;
        }
        for image in &scenario.images {
            let refused = |error| ScenarioError::Image { image: image.name.clone(), error };
            match own.filter(|_| scenario.own.as_deref() == Some(&image.name)) {
                Some(own) => engine.add_known_image(&image.name, own.id.clone(), own.new_layers()).map_err(refused)?,
                None => {
                    let layers = layers_of(image, &scenario.images)?;
                    engine.add_image_of(&image.name, layers, RunConfig::default()).map_err(refused)?
                }
            };
        }
        for (name, image) in &scenario.mounts {
            let mounted = engine.mount_plain(image, name);
            mounted.map_err(|error| ScenarioError::Image { image: image.clone(), error })?;
        }
        for (file, text) in &scenario.context {
            engine.edit(file, text.as_bytes());
        }
        for command in &scenario.commands {
            let failed = |printed: String| ScenarioError::Command { command: command.to_string(), printed };
            let reply = execute(&mut engine, command).map_err(|error| failed(error.to_string()))?;
            if reply.failed {
                return Err(failed(reply.text().lines().next_back().unwrap_or_default().to_string()));
            }
        }
        Ok(Self { source, beginning: engine.clone(), engine, history: Vec::new(), undone: Vec::new() })
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs a command and keeps it. What was undone before cannot be redone any more.
    pub fn run(&mut self, command: &Command) -> Result<&Move, RunError> {
        let calls: usize = self.history.iter().map(|done| done.reply.calls.len()).sum();
        if self.history.len() >= COMMANDS || calls > CALLS {
            return Err(RunError::TooManyCommands { limit: COMMANDS });
        }
        let mut after = self.engine.clone();
        let reply = execute(&mut after, command)?;
        let moves = if matches!(command, Command::Edit { .. }) { 1 } else { reply.moves };
        let before = std::mem::replace(&mut self.engine, after.clone());
        self.undone.clear();
        self.history.push(Move { command: command.clone(), reply, moves, before, after });
        Ok(&self.history[self.history.len() - 1])
    }

    /// Takes the last command back.
    pub fn undo(&mut self) -> Option<&Move> {
        let last = self.history.pop()?;
        self.engine = last.before.clone();
        self.undone.push(last);
        self.undone.last()
    }

    pub fn redo(&mut self) -> Option<&Move> {
        let next = self.undone.pop()?;
        self.engine = next.after.clone();
        self.history.push(next);
        self.history.last()
    }

    /// Back to the beginning; nothing of before can be redone.
    pub fn reset(&mut self) {
        self.engine = self.beginning.clone();
        self.history.clear();
        self.undone.clear();
    }

    /// Oldest first.
    pub fn history(&self) -> &[Move] {
        &self.history
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The learner's moves, to compare with [`Goal::moves`]: looking costs nothing.
    pub fn moves(&self) -> u32 {
        self.history.iter().map(|done| done.moves).sum()
    }

    pub fn progress(&self, goal: &Goal) -> Progress {
        let holds = |check: &Check| self.ask_after(&check.after, &check.ask).is_ok_and(|it| check.expect.holds(&it));
        Progress { checks: goal.checks.iter().map(holds).collect() }
    }

    /// Answers a query on the present state. Commands in it run on a copy.
    pub fn ask(&self, query: &Query) -> Result<Answer, QueryError> {
        self.ask_after(&[], query)
    }

    /// Answers a question on a copy of the present state on which the question's commands have run.
    pub fn answer(&self, question: &Question) -> Result<Answer, QueryError> {
        self.ask_after(&question.after, &question.ask)
    }

    /// The choices to show for a question with this answer.
    pub fn choices(&self, question: &Question, answer: &Answer) -> Vec<Choice> {
        let layers = match &question.ask {
            Query::Layer { container, .. } => {
                self.engine.container(container).map_or(0, |container| container.overlay.lowers().len())
            }
            Query::BiggestLayer { image } => self.engine.image(image).map_or(0, |image| image.layers.len()),
            _ => 0,
        };
        question.choices(answer, layers)
    }

    fn ask_after(&self, commands: &[Command], query: &Query) -> Result<Answer, QueryError> {
        let mut engine = self.engine.clone();
        for command in commands {
            execute(&mut engine, command).map_err(|_| QueryError::NotRun { command: command.to_string() })?;
        }
        Asked { before: &self.engine, engine: &engine }.answer(query)
    }

    /// What a command would give now: nothing is kept.
    pub fn preview(&self, command: &Command) -> Result<Reply, RunError> {
        execute(&mut self.engine.clone(), command)
    }

    /// What a link holds. The learner's own image is not in it.
    pub fn state(&self) -> SandboxState {
        let commands = self.history.iter().map(|done| done.command.clone()).collect();
        SandboxState { source: self.source.clone(), commands }
    }

    /// Replays a list of commands, as from a link, on the beginning. Gives the number of those that ran: one that cannot
    /// run any more ends it.
    pub fn replay(&mut self, commands: &[Command]) -> usize {
        self.reset();
        commands.iter().take_while(|command| self.run(command).is_ok()).count()
    }
}

/// Runs a command on an engine; the clock goes on.
pub(super) fn execute(engine: &mut Engine, command: &Command) -> Result<Reply, RunError> {
    command.check().map_err(|error: CommandError| RunError::Command(error.to_string()))?;
    let inodes: usize = engine.containers().iter().map(|container| container.overlay.upper().layer().inodes()).sum();
    if inodes > INODES {
        return Err(RunError::TooLarge { limit: INODES });
    }
    engine.set_time(engine.time() + SECONDS_A_COMMAND);
    match command {
        Command::Edit { file, text } => {
            engine.edit(file, text.as_bytes());
            Ok(Reply::default())
        }
        Command::Line { at: Place::Host, line } => Ok(engine.run_line(line)),
        Command::Line { at: Place::Container(name), line } => engine.run_in(name, line).map_err(|error| match error {
            EngineError::ContainerIsNotRunning(_) => RunError::ContainerIsStopped(name.clone()),
            _ => RunError::NoContainer(name.clone()),
        }),
    }
}

/// The layers of a scenario's image, those of the image it is made from first.
fn layers_of(image: &ScenarioImage, all: &[ScenarioImage]) -> Result<Vec<NewLayer>, ScenarioError> {
    let mut chain = vec![image];
    // `from` names an image further up in the list, so that this ends.
    while let Some(from) = chain.last().and_then(|image| image.from.as_ref()) {
        let Some(below) = all.iter().find(|other| other.name == *from) else { break };
        chain.push(below);
    }
    let mut layers: Vec<NewLayer> = Vec::new();
    for source in chain.iter().rev().flat_map(|image| &image.layers) {
        let failed = |problem| ScenarioError::Layer { image: image.name.clone(), number: layers.len(), problem };
        let layer = layer_of(source, &layers).map_err(failed)?;
        layers.push(NewLayer {
            layer: Arc::new(layer),
            created_by: source.created_by.clone(),
            size: source.size,
            download: source.download.or(source.size),
        });
    }
    Ok(layers)
}

fn layer_of(source: &LayerSource, below: &[NewLayer]) -> Result<Layer, String> {
    let mut layer = Layer::new();
    for entry in &source.entries {
        entry.put(&mut layer).map_err(|problem| problem.to_string())?;
    }
    let Some(line) = &source.run else { return Ok(layer) };
    let lowers = below.iter().map(|layer| layer.layer.clone()).collect();
    let mut overlay = Overlay::with_upper(lowers, layer, Mode::Default);
    overlay.set_time(BEGINNING);
    let reply = Shell::default().in_directory(MergedPath::root()).run(&mut overlay, line);
    if reply.failed {
        return Err(reply.text());
    }
    overlay.commit().map(|committed| committed.layer).map_err(|error| error.to_string())
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer { image, number, problem } => write!(f, "layer {number} of {image}: {problem}"),
            Self::Image { image, error } => write!(f, "{image}: {error}"),
            Self::Command { command, printed } => write!(f, "{command}: {printed}"),
        }
    }
}

impl std::error::Error for ScenarioError {}

impl RunError {
    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 5] =
        ["not-a-command", "no-container", "container-is-stopped", "too-many-commands", "too-large"];

    /// The last part of the key in the message catalogue.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Command(_) => "not-a-command",
            Self::NoContainer(_) => "no-container",
            Self::ContainerIsStopped(_) => "container-is-stopped",
            Self::TooManyCommands { .. } => "too-many-commands",
            Self::TooLarge { .. } => "too-large",
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(problem) => f.write_str(problem),
            Self::NoContainer(name) => write!(f, "there is no container {name}"),
            Self::ContainerIsStopped(name) => write!(f, "the container {name} is stopped"),
            Self::TooManyCommands { limit } => write!(f, "a session has at most {limit} commands"),
            Self::TooLarge { limit } => write!(f, "the writable layers have more than {limit} inodes together"),
        }
    }
}

impl std::error::Error for RunError {}
