//! The explorer's answers to the compare pane.

use std::cell::RefCell;

use js_sys::Uint8Array;
use layerlab_core::{
    compare::{Change, Comparison, DiffDocument, How, PathRow, Side, compare, document, row, to_json},
    export::csv,
    report::{self, ImageReport},
};

use super::{
    protocol::{CompareAnswer, CompareQuestion, Other, Show},
    stack,
};
use crate::{
    explorer::{self, Explored, Line},
    protocol::Answer,
};

/// The comparison that was made last: its paths are asked for window by window.
struct Kept {
    comparison: Comparison,
    a: ImageReport,
    b: ImageReport,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Paths of the documents that are saved.
const DOCUMENT_ROWS: usize = 1_000_000;

pub fn answer(line: &Line, question: CompareQuestion) {
    match question {
        CompareQuestion::Stack { image } => match explorer::explored(|explored| encoded(explored, image)).flatten() {
            Some(bytes) => finish_with(line, CompareAnswer::Stack, &bytes),
            None => finish(line, CompareAnswer::Stack),
        },
        CompareQuestion::Compare { image, how, other } => {
            let kept = explorer::explored(|explored| Kept::new(explored, image, how, *other)).flatten();
            let document = kept.as_ref().map(|kept| Box::new(kept.document(0)));
            KEPT.set(kept);
            finish(line, CompareAnswer::Compared(document));
        }
        CompareQuestion::Rows { show, start, len } => {
            let rows = KEPT.with_borrow(|kept| kept.as_ref().map(|kept| kept.rows(show, start, len)));
            finish(line, CompareAnswer::Rows(rows.unwrap_or_default()));
        }
        CompareQuestion::Csv => file(line, csv::diff),
        CompareQuestion::Json => file(line, to_json),
    }
}

fn encoded(explored: &Explored, image: usize) -> Option<Vec<u8>> {
    Some(stack::encode(&report::layers(explored.plan.images.get(image)?, &explored.readings)?))
}

fn file(line: &Line, write: impl Fn(&DiffDocument) -> Vec<u8>) {
    match KEPT.with_borrow(|kept| kept.as_ref().map(|kept| write(&kept.document(DOCUMENT_ROWS)))) {
        Some(bytes) => finish_with(line, CompareAnswer::File, &bytes),
        None => finish(line, CompareAnswer::File),
    }
}

fn finish(line: &Line, answer: CompareAnswer) {
    line.finish(Answer::Compare(answer));
}

fn finish_with(line: &Line, answer: CompareAnswer, bytes: &[u8]) {
    line.finish_with(Answer::Compare(answer), Uint8Array::from(bytes).buffer());
}

impl Kept {
    fn new(explored: &Explored, image: usize, how: How, other: Other) -> Option<Self> {
        let config = |image: usize| {
            let config = explored.plan.images.get(image)?.config.as_ref();
            config.map(|config| config.config.clone())
        };
        let report = |image: usize| explored.report.images.get(image).cloned();
        let (report_a, config_a, tree_a) = (report(image)?, config(image), explored.merged_tree(image));
        let (report_b, config_b, tree_b) = match other {
            Other::Here(image) => (report(image)?, config(image), explored.merged_tree(image)),
            Other::Elsewhere { report, config, stack } => {
                (*report, config.map(|config| *config), stack::merged_tree(&stack))
            }
        };
        let a = Side { report: &report_a, config: config_a.as_ref(), tree: tree_a.as_ref() };
        let b = Side { report: &report_b, config: config_b.as_ref(), tree: tree_b.as_ref() };
        let comparison = compare(&a, &b, how);
        Some(Self { comparison, a: report_a, b: report_b })
    }

    fn document(&self, rows: usize) -> DiffDocument {
        document(&self.comparison, &self.a, &self.b, rows)
    }

    fn rows(&self, show: Show, start: usize, len: usize) -> Vec<PathRow> {
        let changes = self.comparison.paths.iter().flat_map(|paths| &paths.changes);
        let wanted = changes.filter(|change| match show {
            Show::All => true,
            Show::Added => change.change == Change::Added,
            Show::Removed => change.change == Change::Removed,
            Show::Changed => matches!(change.change, Change::Changed(_)),
        });
        wanted.skip(start).take(len).filter_map(|change| row(&self.comparison, change)).collect()
    }
}
