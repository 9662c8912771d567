//! Two images held against each other: the pane, and the explorer's part of it.

mod answer;
mod config;
mod layers;
mod pane;
mod paths;
mod picker;
mod protocol;
mod stack;
mod verdict;

pub use answer::answer;
pub use pane::ComparePane;
pub use protocol::{CompareAnswer, CompareQuestion, Other, Show};
