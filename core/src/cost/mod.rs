//! What an image costs, and what to do about it: a fix for each loss, leftovers that are still seen, where bytes are.
//!
//! [`fix`] says what would have kept a loss out of the image, [`known`] recognises what tools leave behind, and
//! [`leftovers`] finds it in a merged tree. [`bill`] adds a ledger up by cause, layer, directory, instruction or fix;
//! [`map`] says how the bytes of each layer are divided among the directories.

pub mod bill;
pub mod fix;
mod instruction;
pub mod known;
pub mod leftovers;
pub mod map;

pub use fix::{Action, Fix};
pub use known::Known;
