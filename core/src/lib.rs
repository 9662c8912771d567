//! The engine of Layerlab: what container images are, byte for byte.
//!
//! One module a noun of the specification. Nothing here performs IO of its own, names a browser type, or
//! panics on input: a bad layer is a [`finding::Finding`], a bad archive an [`error::ArchiveError`].
#![forbid(unsafe_code)]

pub mod archive;
pub mod compare;
pub mod cost;
pub mod digest;
pub mod display;
pub mod error;
pub mod explore;
pub mod export;
pub mod facts;
pub mod finding;
pub mod forest;
pub mod layer;
pub mod lesson;
pub mod limits;
pub mod overlay;
pub mod path;
pub mod registry;
pub mod report;
pub mod spec;
pub mod store;
pub mod tree;
pub mod verify;
