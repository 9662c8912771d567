//! Where components meet the browser.

mod commands;
mod download;
mod drop;
mod entries;
mod files;
mod handles;
mod memory;
mod preferences;
mod timing;
mod title;

pub use commands::{Commands, use_commands};
pub use download::{save, save_blob};
pub use drop::use_file_drop;
pub use files::{Opened, of_folder, of_list};
pub use handles::{kept, reopen};
pub use memory::{Known, recall};
pub use preferences::{Preferences, Theme, use_preferences};
pub use timing::use_measures;
pub use title::use_title;

/// Milliseconds on the page's clock.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Hashed names of the static files, written into the page by the build; in development each is its own.
pub fn asset(name: &str) -> String {
    let listed = || {
        let text = web_sys::window()?.document()?.get_element_by_id("assets")?.text_content()?;
        let names = js_sys::JSON::parse(&text).ok()?;
        js_sys::Reflect::get(&names, &name.into()).ok()?.as_string()
    };
    listed().unwrap_or_else(|| name.to_owned())
}
