//! The store, on images whose layers are nothing but names: what is shared, what comes, what goes.

mod build;
mod layout;
mod pulls;
mod removal;
mod tamper;
mod terminal;
