//! The browser app.

pub mod bridge;
pub mod protocol;
pub mod worker;
