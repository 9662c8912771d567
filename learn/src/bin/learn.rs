//! A module of the page.

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

fn main() {}

/// Draws the module in `element`: see [`layerlab_web::lazy`].
#[wasm_bindgen]
pub fn mount(element: HtmlElement, host: JsValue, address: String) -> JsValue {
    layerlab_web::lazy::mount::<layerlab_learn::App>(element, host, address)
}
