//! Exploring a stack of layers: what each layer did, path by path, and what the files hold.
//!
//! A [`Timeline`] is made once from a stack's changesets, by the same [`crate::tree::UnionTree`] that makes the report.
//! It knows the state of every path after every layer, so that a [`Reading`] (one layer's own changes, the merged tree
//! up to a layer, the range between two layers) is opened without applying anything again. A [`TreeView`] is a
//! reading with what a person does to it: folding, sorting, filtering, searching; it gives rows by the window.

pub mod biography;
pub mod bytes;
pub mod capability;
mod compare;
pub mod extract;
pub mod file;
pub mod filter;
mod names;
mod order;
pub mod reading;
pub mod row;
mod search;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod view;

pub use biography::{Biography, biography};
pub use filter::{Filter, FilterError, TextFilter};
pub use reading::Reading;
pub use row::{Change, Kind, Row};
pub use search::{Direction, Hit};
pub use timeline::Timeline;
pub use view::{Column, Sort, Summary, TreeView};
