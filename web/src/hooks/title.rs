use yew::prelude::*;

/// Names the page in the browser's tab and history; the app's own name comes back afterwards.
#[hook]
pub fn use_title(title: String) {
    use_effect_with(title, |title| {
        set(title);
        || set("Layerlab")
    });
}

fn set(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}
