//! Which part of the explorer answers which question.

use web_sys::File;

use super::{Line, tree};
use crate::{
    compare, cost, facts,
    protocol::{Answer, Question},
};

/// Answers now, or starts what will. `files` came with the question.
pub fn answer(line: Line, question: Question, _files: Vec<File>) {
    match question {
        Question::Ready => line.finish(Answer::Ready),
        Question::Tree(question) => tree::answer(line, question),
        Question::Cost(question) => cost::answer(&line, question),
        Question::Compare(question) => compare::answer(&line, question),
        Question::Facts(question) => facts::answer(line, question),
    }
}
