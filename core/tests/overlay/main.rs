//! The overlay as a user of the crate has it.

mod build;
mod engine;
mod events;
mod kernel_cases;
mod shell;
mod words;
