//! The pane "Facts": what an image's documents and files say of it.

mod answer;
mod config;
mod dockerfile;
mod documents;
mod packages;
mod pane;
mod protocol;
pub mod view;

pub use answer::answer;
pub use pane::FactsPane;
pub use protocol::{FactsAnswer, FactsQuestion};

/// The style sheet of this pane and of "Hidden": it comes with the module, not with the first load.
pub const STYLE: &str = include_str!("../../../static/styles/explore-facts.css");
