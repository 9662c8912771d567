//! Fixtures built by code, shared by the tests of all crates.
