//! The picture of a pull, as data: what there is to see after so many events, and where.

pub mod caption;
pub mod forest;
pub mod geometry;
pub mod pace;
pub mod scene;

pub use self::{
    forest::{Forest, Slab},
    geometry::{Geometry, Place},
    pace::Line,
    scene::{LayerState, Scene},
};
