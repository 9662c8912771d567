//! The browser app.

rust_i18n::i18n!("../static/messages", fallback = "en");

pub mod bridge;
pub mod protocol;
pub mod state;
pub mod view_model;
