//! The facts of an image: what its documents say in words, what its files say about themselves, and what is hidden
//! in it.
//!
//! Documents give [`history`], [`dockerfile`] and [`config`] at once. The rest needs files of the layers: a
//! [`contents::Walk`] passes over a layer's tar once, and a [`scan::LayerScan`] keeps of it what the facts need, so
//! that a compressed layer is never decompressed once a file. [`distribution`], [`packages`] and [`hidden`] put the
//! scans of a stack together.

pub mod config;
pub mod contents;
pub mod distribution;
pub mod dockerfile;
pub mod documents;
pub mod hidden;
pub mod history;
pub mod image;
pub mod packages;
pub mod proof;
pub mod scan;
#[cfg(test)]
pub(crate) mod testing;
