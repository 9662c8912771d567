//! Layers of real and of hostile archives, read from the folder that `LAYERLAB_IMAGES` names.

mod archive;
mod bad;
mod expected;
