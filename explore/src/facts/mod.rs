//! The pane "Facts": what an image's documents and files say of it.

mod config;
mod dockerfile;
mod documents;
mod pane;
pub mod view;

mod packages;

pub use pane::FactsPane;

/// The style sheet of this pane and of "Hidden": it comes with the module, not with the first load.
pub const STYLE: &str = include_str!("../../../static/styles/facts.css");
