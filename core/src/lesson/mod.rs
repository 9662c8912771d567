//! Lessons: prose, a scenario to play in, questions that the engine answers, and a goal that it checks.
//!
//! A lesson is one JSON document, `static/lessons/NN-name/lesson.json`, in both languages; `docs/lessons.md` tells teachers
//! how to write one. It may come from a stranger's link: what is too large, unknown, or more than text is refused when it
//! is read, and what a scenario does afterwards is bounded by [`Session`].

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;

mod answer;
mod command;
mod entry;
mod goal;
mod own;
mod query;
mod question;
mod scenario;
mod session;
pub mod share;
mod text;

pub use self::{
    command::{Command, Place},
    entry::{Entry, EntryProblem},
    goal::{Check, Expect, Goal, Progress},
    own::{OWN_ENTRIES, OwnImage, OwnImageError, OwnLayer},
    query::{Answer, Literal, Query, QueryError, Where},
    question::{Choice, Question},
    scenario::{LayerSource, Scenario, ScenarioImage},
    session::{Move, RunError, ScenarioError, Session},
    share::{SandboxSource, SandboxState, ShareError},
    text::{Block, Language, Prose, Span, Text},
};

/// The only schema there is so far.
const SCHEMA: &str = "layerlab.lesson/1";
/// Bytes of a document. The longest lesson of our own has about 40 kB.
pub const LESSON_BYTES: usize = 512 << 10;
/// Parts of one lesson, which a page draws all at once.
const PARTS: usize = 200;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lesson {
    schema: String,
    /// Lower-case letters, digits and hyphens: the lesson's name in addresses and in what the browser remembers.
    pub id: String,
    pub title: Text,
    /// One sentence for the list of lessons.
    pub summary: Text,
    pub scenario: Scenario,
    /// What the picture shows beside the stack.
    #[serde(default)]
    pub views: BTreeSet<View>,
    /// In the order of reading.
    pub parts: Vec<LessonPart>,
    pub goal: Goal,
    /// Commands for one's own terminal; their output is computed from the present state.
    pub terminal: Vec<TerminalLine>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum LessonPart {
    /// A section of text; one with a heading begins a chapter of the lesson.
    Prose {
        #[serde(default)]
        heading: Option<Text>,
        text: Prose,
    },
    /// Commands that the learner can have played on the stage, one by one.
    Play {
        label: Text,
        commands: Vec<Command>,
    },
    Question(Question),
}

/// A picture that a lesson wants to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The union mount of a container: always there when there is a container.
    Stack,
    /// The host's kernel, outside of the stack.
    Host,
    /// All images as branches that share their trunk.
    Forest,
    /// The registry on one side, the local store on the other.
    Registry,
    /// The directories that the engine keeps.
    Storage,
    /// The Dockerfile and its context, to edit and build.
    Build,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalLine {
    pub command: Command,
    /// What to look at in the output.
    pub note: Text,
}

/// Why a document is no lesson: where in it, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonError {
    /// As a path through the document: `parts[3].question.choices[1]`; empty for the document as a whole.
    pub at: String,
    /// A sentence with what was expected and what was found.
    pub problem: String,
}

impl Lesson {
    /// Reads a lesson and checks all that can be checked without running it. (That its scenario starts and that its
    /// goal can be reached is tested for our own lessons; of a stranger's, [`Session::start`] and its queries tell.)
    pub fn parse(json: &[u8]) -> Result<Self, LessonError> {
        if json.len() > LESSON_BYTES {
            return Err(LessonError::new("", format!("{} bytes, where at most {LESSON_BYTES} are read", json.len())));
        }
        let lesson: Self = parse_json(json)?;
        lesson.check()?;
        Ok(lesson)
    }

    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.parts.iter().filter_map(|part| match part {
            LessonPart::Question(question) => Some(question),
            _ => None,
        })
    }

    fn check(&self) -> Result<(), LessonError> {
        if self.schema != SCHEMA {
            return Err(LessonError::new("schema", format!("expected {SCHEMA}, found {}", shown(&self.schema))));
        }
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || self.id.len() > 64 || !self.id.chars().all(is_name) {
            let problem = "expected 1 to 64 lower-case letters, digits and hyphens, found";
            return Err(LessonError::new("id", format!("{problem} {}", shown(&self.id))));
        }
        if self.parts.len() > PARTS {
            let problem = format!("{} parts, where at most {PARTS} are shown", self.parts.len());
            return Err(LessonError::new("parts", problem));
        }
        self.scenario.check().map_err(|error| error.below("scenario"))?;
        let mut ids = BTreeSet::new();
        for (number, part) in self.parts.iter().enumerate() {
            let LessonPart::Question(question) = part else { continue };
            let at = format!("parts[{number}].question");
            question.check().map_err(|error| error.below(&at))?;
            if !ids.insert(&question.id) {
                return Err(LessonError::new(at, format!("a second question has the id {}", shown(&question.id))));
            }
        }
        self.goal.check().map_err(|error| error.below("goal"))
    }
}

/// Reads JSON that may be hostile, and says where it is not what it should be.
fn parse_json<T: for<'de> Deserialize<'de>>(json: &[u8]) -> Result<T, LessonError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = error.path().to_string();
        let at = if at == "." { String::new() } else { shown(&at) };
        LessonError::new(at, shown(&error.into_inner().to_string()))
    })?;
    reader.end().map_err(|error| LessonError::new("", shown(&error.to_string())))?;
    Ok(value)
}

/// Text of the document inside a message: made harmless, and cut.
fn shown(text: &str) -> String {
    crate::display::harmless_text(text)
}

impl LessonError {
    fn new(at: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { at: at.into(), problem: problem.into() }
    }

    fn below(self, parent: &str) -> Self {
        let dot = if self.at.is_empty() || self.at.starts_with('[') { "" } else { "." };
        Self { at: format!("{parent}{dot}{}", self.at), ..self }
    }
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at[..] {
            "" => write!(f, "This is no lesson: {}.", self.problem),
            at => write!(f, "This is no lesson: {at}: {}.", self.problem),
        }
    }
}

impl std::error::Error for LessonError {}
