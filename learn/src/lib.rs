//! The lessons, and the stage on which they are played.

pub mod captions;
pub mod geometry;
pub mod player;
pub mod scene;
