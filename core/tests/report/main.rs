//! Whole reports: of real archives against an oracle's, and against what the documentation says of them.

#[path = "../common/mod.rs"]
mod common;
mod dive;
mod docs;
mod expected;
