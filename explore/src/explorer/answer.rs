//! Which part of the explorer answers which question.

use web_sys::File;

use super::{Line, tree};
use crate::protocol::{Answer, Question};

/// Answers now, or starts what will. `files` came with the question.
pub fn answer(line: Line, question: Question, _files: Vec<File>) {
    match question {
        Question::Ready => line.finish(Answer::Ready),
        Question::Tree(question) => tree::answer(line, question),
    }
}
