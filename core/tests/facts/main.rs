//! The facts of real archives, found in the folder that `LAYERLAB_IMAGES` names, and of hostile text.

mod hostile;
mod real;

#[path = "../common/mod.rs"]
mod common;
