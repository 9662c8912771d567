//! Union trees: what a stack of layers looks like from above, who provides each path, and where the bytes went.
//!
//! [`UnionTree`] applies changesets base first. [`Ledger`] says which stored bytes are not seen and why,
//! [`duplicates`] which are seen more than once, [`dive`] what dive 0.13.1 would say of the same stack.

pub mod compose;
pub mod dive;
pub mod duplicates;
mod forest;
mod inode;
mod intern;
pub mod ledger;
mod listing;
mod order;
#[cfg(test)]
pub(crate) mod testing;
pub mod union;

pub use inode::{Difference, Inode, InodeId, InodeKind};
pub use ledger::Ledger;
pub use listing::Listing;
pub use order::compare as compare_paths;
pub use union::{LayerEffect, Touch, UnionTree, View};
