//! The teacher's mode: a lesson as a talk with one key for next.

use layerlab_core::lesson::{Lesson, LessonPart};

/// Where a talk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    /// The part of the lesson that is shown; one more than the last is the goal.
    pub part: usize,
    /// Commands of this part that were run.
    pub played: usize,
}

/// What the one key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// What moves is brought to its end first.
    Finish,
    /// The next command of this part runs.
    Play { part: usize, command: usize },
    /// The next part.
    Show(Talk),
    /// The goal is the end.
    End,
}

impl Talk {
    pub fn next(self, lesson: &Lesson, moving: bool) -> Next {
        if moving {
            return Next::Finish;
        }
        if let Some(LessonPart::Play { commands, .. }) = lesson.parts.get(self.part)
            && self.played < commands.len()
        {
            return Next::Play { part: self.part, command: self.played };
        }
        if self.part >= lesson.parts.len() { Next::End } else { Next::Show(Self { part: self.part + 1, played: 0 }) }
    }

    /// The part before, as if nothing of it had been played: what was done stays done.
    pub fn back(self) -> Self {
        Self { part: self.part.saturating_sub(1), played: 0 }
    }
}
