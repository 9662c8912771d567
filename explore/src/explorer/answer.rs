//! Which part of the explorer answers which question.

use layerlab_core::facts::proof::ProofOf;
use web_sys::File;

use super::{Line, facts};
use crate::protocol::{Answer, Question};

/// Bytes of a file that are read again to show a line of it.
const PROOF_BYTES: usize = 4 << 20;

/// Answers now, or starts what will. `files` came with the question.
pub fn answer(line: Line, question: Question, _files: Vec<File>) {
    match question {
        Question::Ready => line.finish(Answer::Ready),
        Question::Facts { image } => facts::answer(line, facts::Wanted::Facts, image),
        Question::Hidden { image } => facts::answer(line, facts::Wanted::Hidden, image),
        Question::Prove { image, layer, path, data_offset, line: number } => {
            facts::prove(line, image, layer, ProofOf::new(path, data_offset, number, PROOF_BYTES));
        }
        Question::Document { location } => line.finish(facts::document(location)),
    }
}
