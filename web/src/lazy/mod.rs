//! Parts of the page that are loaded when they are first needed.
//!
//! Exploring, lessons and pulls are programs of their own (crates beside this one), so that the first load stays
//! small. Such a module is a Yew app: the page gives it an element, a [`Host`] and the address behind the `#`, and
//! tells it when the address or the opened archives change.

mod host;
mod mount;
mod offer;

pub use host::{Host, ModuleProps, OpenArchive, OpenPhase};
pub use mount::{keep_language, mount};
pub use offer::{Module, offer};
