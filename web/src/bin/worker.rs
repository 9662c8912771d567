//! The worker.

use wasm_bindgen::prelude::*;

fn main() -> Result<(), JsValue> {
    let scope: web_sys::DedicatedWorkerGlobalScope = web_sys::js_sys::global().unchecked_into();
    scope.post_message(&"ready".into())
}
