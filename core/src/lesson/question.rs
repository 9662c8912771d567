//! Predict, then reveal.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Answer, Command, LessonError, Literal, Query, Text};
use crate::digest::Digest;

const CHOICES: usize = 8;
const COMMANDS: usize = 20;

/// A question with choices. Which of them is right is nowhere written: the engine answers, on the state that the learner
/// has made.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in the lesson.
    pub id: String,
    pub prompt: Text,
    /// Commands that are run first, on a copy of the state; they can be played when the answer is shown.
    #[serde(default)]
    pub after: Vec<Command>,
    pub ask: Query,
    /// Without any they are made from the answer.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Why it is so; shown with the answer.
    pub because: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub is: Literal,
    /// Without it the answer itself is shown.
    #[serde(default)]
    pub text: Option<Text>,
    /// What speaks against it, for those who chose it and were wrong.
    #[serde(default)]
    pub but: Option<Text>,
}

impl Question {
    /// The choices to show, where `layers` is the number of read-only layers asked about. Those of the lesson stay as
    /// they are, even if the learner's state made none of them right.
    pub(super) fn choices(&self, answer: &Answer, layers: usize) -> Vec<Choice> {
        if !self.choices.is_empty() {
            return self.choices.clone();
        }
        let literals: Vec<Literal> = match answer {
            Answer::YesNo(_) => vec![Literal::YesNo(true), Literal::YesNo(false)],
            Answer::Layer(_) | Answer::Upper | Answer::Nothing => {
                let layers = (0..layers as u64).rev().map(Literal::Number);
                match self.ask {
                    // An image has no writable layer.
                    Query::BiggestLayer { .. } => layers.collect(),
                    _ => {
                        let upper = std::iter::once(Literal::Text("upper".into()));
                        upper.chain(layers).chain([Literal::Text("nothing".into())]).collect()
                    }
                }
            }
            Answer::Count(number) | Answer::Bytes(number) => numbers(*number, &self.id),
            Answer::Text(text) => vec![Literal::Text(text.clone())],
        };
        literals.into_iter().map(|is| Choice { is, text: None, but: None }).collect()
    }

    pub(super) fn check(&self) -> Result<(), LessonError> {
        if self.id.is_empty() || self.id.len() > 64 {
            let problem = format!("expected 1 to 64 bytes, found {}", super::shown(&self.id));
            return Err(LessonError::new("id", problem));
        }
        for (at, found, limit) in [("choices", self.choices.len(), CHOICES), ("after", self.after.len(), COMMANDS)] {
            if found > limit {
                return Err(LessonError::new(at, format!("expected at most {limit}, found {found}")));
            }
        }
        if self.choices.len() == 1 {
            return Err(LessonError::new("choices", "expected two or more, or none, found one"));
        }
        let literals: BTreeSet<String> = self.choices.iter().map(|choice| format!("{:?}", choice.is)).collect();
        if literals.len() < self.choices.len() {
            return Err(LessonError::new("choices", "expected different answers, found one twice"));
        }
        Ok(())
    }
}

/// Four numbers in rising order, of which one is right; which of them, depends on the question and the number.
fn numbers(right: u64, salt: &str) -> Vec<Literal> {
    let digest = Digest::sha256(format!("{salt} {right}").as_bytes());
    let place = digest.encoded().bytes().next_back().unwrap_or_default() % 4;
    let step = if right < 12 { 1 } else { right / 3 };
    let least = right.saturating_sub(u64::from(place) * step);
    (0..4).map(|n| Literal::Number(least.saturating_add(n * step))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_choices_have_the_answer_once() {
        for right in [0, 1, 7, 12, 1_000_003, u64::MAX / 2] {
            let literals = numbers(right, "q");
            let hits = literals.iter().filter(|literal| **literal == Literal::Number(right)).count();
            assert_eq!((literals.len(), hits), (4, 1), "{right}");
        }
    }
}
