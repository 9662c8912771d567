//! All open images as trees that share their trunks.

mod geometry;
mod page;
mod picture;

pub use page::ForestPage;
