//! The browser app.

rust_i18n::i18n!("../static/messages/app", fallback = "en");

pub mod bridge;
pub mod components;
pub mod hooks;
pub mod i18n;
pub mod lazy;
pub mod pages;
pub mod protocol;
pub mod state;
pub mod view_model;
pub mod worker;

/// Starts the page in the element `app`.
pub fn start() {
    let root =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        yew::Renderer::<pages::App>::with_root(root).render();
    }
}
