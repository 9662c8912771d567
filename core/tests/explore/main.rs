//! Exploring real archives: the tree path by path against what `umoci unpack` makes of them, files read from the layers
//! where they are, a tar of the merged tree, and a million paths against the clock.

mod extract;
mod million;
mod stack;
#[cfg(unix)]
mod umoci;

#[path = "../common/mod.rs"]
mod common;
