//! The page.

use wasm_bindgen::prelude::*;

fn main() -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
    let meta = document.query_selector("meta[name=layerlab-worker]")?.ok_or("no worker named")?;
    let options = web_sys::WorkerOptions::new();
    options.set_type(web_sys::WorkerType::Module);
    let worker = web_sys::Worker::new_with_options(&meta.get_attribute("content").unwrap_or_default(), &options)?;
    let body = document.body().ok_or("no body")?;
    let heard = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        body.set_text_content(event.data().as_string().as_deref());
    });
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
    Ok(())
}
