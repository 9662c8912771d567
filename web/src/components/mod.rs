//! What the page is drawn of: state comes in, callbacks go out.
//!
//! Only what keeps something of its own, or must not be drawn again with its parent, is a component. All else is a
//! plain function, because each component costs several kilobytes of wasm that every visitor loads first.

mod archive_card;
mod brand;
mod chain;
mod copy;
mod documents;
mod drop_zone;
mod failure;
mod findings;
mod header;
mod icons;
mod image_picker;
mod layer_details;
mod layer_table;
mod lazy_module;
mod live;
mod mismatch;
mod pickers;
mod progress;
mod samples;
mod seals;
mod shelf;
mod strata;
mod trust;
mod waste;

pub use archive_card::ArchiveCard;
pub use chain::Chain;
pub use copy::Copy;
pub use documents::documents;
pub use drop_zone::DropZone;
pub use failure::failure as failure_note;
pub use findings::findings;
pub use header::header;
pub use image_picker::ImagePicker;
pub use layer_details::layer_details;
pub use layer_table::LayerTable;
pub use lazy_module::{LazyModule, Surroundings};
pub use live::live;
pub use mismatch::mismatch;
pub use pickers::pickers;
pub use progress::progress_bar;
pub use samples::{first_sample, samples};
pub use seals::two_seals;
pub use shelf::shelf;
pub use strata::Strata;
pub use trust::Trust;
pub use waste::waste_panel;
