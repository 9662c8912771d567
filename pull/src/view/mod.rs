//! What the module is drawn of: state comes in, actions go out.

mod disk;
pub mod forest;
mod numbers;
mod picture;
mod player;
mod stage;
mod steps;
mod store;
mod tamper;
mod which;

pub use self::{disk::Disk, picture::Picture, store::StorePage, tamper::Tamper};
