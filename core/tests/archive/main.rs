//! Archives of every form, made here or from the folder of real ones: which images they list, which bytes the layers
//! are, and what there is to say about them.

mod bad;
mod build;
#[path = "../common/mod.rs"]
mod common;
mod docker;
mod expected;
mod files;
mod folders;
mod layouts;
mod mutated;
mod open;
