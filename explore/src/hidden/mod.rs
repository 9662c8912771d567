//! The pane "Hidden": secrets of every layer, and permissions that deserve a look.

mod pane;
mod permission;
mod secret;
pub mod view;

pub use pane::HiddenPane;
