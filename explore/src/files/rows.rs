//! Rows as texts.

#[cfg(test)]
use layerlab_core::explore::row::Member;
use layerlab_core::explore::{Change, Kind, Row};

use crate::protocol::tree::Page;

/// The row at a place of the view, if the page has it.
pub fn row_at(page: &Page, row: u32) -> Option<&Row> {
    page.rows.get(row.checked_sub(page.start)? as usize)
}

/// The key of a change's word.
pub fn change(change: Change) -> String {
    format!("tree.change.{}", change.word())
}

/// The key of a kind's word.
pub fn kind(kind: Kind) -> String {
    format!("tree.kind.{}", kind.word())
}

/// Every key that is made, and not written, in the sources.
#[cfg(test)]
pub fn made_keys() -> Vec<String> {
    let changes = Change::ALL.iter().map(|&member| change(member));
    changes.chain(Kind::ALL.iter().map(|&member| kind(member))).collect()
}

/// What stands for the kind before a name.
pub fn glyph(row: &Row) -> &'static str {
    match row.kind {
        Kind::Directory => "▸",
        Kind::File => "",
        Kind::HardLink => "⛓",
        Kind::Symlink => "↪",
        Kind::CharDevice | Kind::BlockDevice => "⚙",
        Kind::Fifo => "⇥",
        Kind::Other => "?",
    }
}

/// Whether a size means something for a kind.
pub fn has_size(kind: Kind) -> bool {
    matches!(kind, Kind::Directory | Kind::File | Kind::HardLink)
}
