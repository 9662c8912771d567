//! Reading layers: the traps of real ones, each built by code in its test, and the layers of real and of hostile
//! archives, found in the folder that `LAYERLAB_IMAGES` names.

mod archive;
mod bad;
mod build;
mod compressed;
mod expected;
mod names;
mod property;
mod reading;
mod streams;
