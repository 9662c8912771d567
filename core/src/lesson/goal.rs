//! What a lesson ends with: a state to bring about.

use serde::Deserialize;

use super::{Answer, Command, LessonError, Literal, Query};
use crate::lesson::Text;

const CHECKS: usize = 20;
const MOVES: usize = 50;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub text: Text,
    /// All must hold.
    pub checks: Vec<Check>,
    /// The fewest moves known.
    pub moves: u32,
    /// One way to do it in so many moves. Shown on request.
    pub solution: Vec<Command>,
    /// Shown one by one.
    #[serde(default)]
    pub hints: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Commands that are run first, on a copy of the state.
    #[serde(default)]
    pub after: Vec<Command>,
    pub ask: Query,
    pub expect: Expect,
    /// What the learner reads beside the mark.
    pub text: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    Is(Literal),
    IsNot(Literal),
    AtMost(u64),
    AtLeast(u64),
    /// Of a text.
    Contains(String),
}

/// How far the goal is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// In the order of [`Goal::checks`]. What cannot be asked does not hold.
    pub checks: Vec<bool>,
}

impl Progress {
    pub fn is_reached(&self) -> bool {
        self.checks.iter().all(|&holds| holds)
    }
}

impl Expect {
    pub fn holds(&self, answer: &Answer) -> bool {
        match self {
            Self::Is(literal) => literal.means(answer),
            Self::IsNot(literal) => !literal.means(answer),
            Self::AtMost(limit) => answer.number().is_some_and(|number| number <= *limit),
            Self::AtLeast(limit) => answer.number().is_some_and(|number| number >= *limit),
            Self::Contains(part) => matches!(answer, Answer::Text(text) if text.contains(part)),
        }
    }
}

impl Goal {
    pub(super) fn check(&self) -> Result<(), LessonError> {
        if self.checks.is_empty() || self.checks.len() > CHECKS {
            let problem = format!("expected 1 to {CHECKS}, found {}", self.checks.len());
            return Err(LessonError::new("checks", problem));
        }
        if self.checks.iter().any(|check| check.after.len() > MOVES) {
            return Err(LessonError::new("checks", format!("expected at most {MOVES} commands before a check")));
        }
        if self.solution.len() > MOVES {
            let problem = format!("expected at most {MOVES} commands, found {}", self.solution.len());
            return Err(LessonError::new("solution", problem));
        }
        Ok(())
    }
}
