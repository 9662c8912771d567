//! Whole reports: of real archives against an oracle's, and against what the documentation says of them.

mod analyse;
mod docs;
mod expected;
#[path = "../archive/open.rs"]
#[allow(dead_code, reason = "the tests of archives use the rest")]
mod open;
