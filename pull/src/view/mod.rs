//! What the module is drawn of: state comes in, actions go out.

pub mod disk;
pub mod forest;
mod numbers;
mod picture;
mod player;
mod stage;
mod steps;
pub mod store;
pub mod tamper;

pub use self::picture::Picture;
