//! Pure functions from state to what is drawn: rows, bars, positions. Words come from the catalogue, later.

pub mod chain;
pub mod findings;
pub mod format;
pub mod glyph;
pub mod hex;
pub mod images;
pub mod instruction;
pub mod progress;
pub mod seal;
pub mod slabs;
pub mod stack;
pub mod waste;
pub mod words;

#[cfg(test)]
pub mod example;
