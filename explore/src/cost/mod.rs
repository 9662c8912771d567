//! What an image costs: the pane, and the explorer's part of it.

mod answer;
mod exports;
mod geometry;
mod head;
mod ledger;
mod map;
mod pane;
mod protocol;
mod seen;
mod words;

pub use answer::answer;
use exports::exports;
pub use pane::CostPane;
pub use protocol::{CostAnswer, CostQuestion, MapPage};
pub use words::made_by;
