//! Saving bytes as a file.

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers `bytes` to the visitor as a download. Nothing is said where the browser refuses: it says so itself.
pub fn save(bytes: &ArrayBuffer, name: &str) {
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    if let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &options) {
        save_blob(&blob, name);
    }
}

/// The same of bytes of any kind.
pub fn save_blob(blob: &Blob, name: &str) {
    let download = || {
        let url = Url::create_object_url_with_blob(blob).ok()?;
        let document = web_sys::window()?.document()?;
        let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
        link.set_href(&url);
        link.set_download(name);
        document.body()?.append_child(&link).ok()?;
        link.click();
        link.remove();
        // The download has taken its own hold of the blob by the next minute.
        gloo_timers::callback::Timeout::new(60_000, move || drop(Url::revoke_object_url(&url))).forget();
        Some(())
    };
    let _ = download();
}
