//! One request, as the browser makes it.

use js_sys::{Array, Reflect, Uint8Array};
use layerlab_core::registry::http::{Head, Headers, Request};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, RequestCache, RequestInit, RequestMode, Response, WorkerGlobalScope,
};

/// A response whose body is still to come.
pub struct Incoming {
    pub head: Head,
    body: Option<ReadableStreamDefaultReader>,
}

/// Sends the request. Redirects are followed by the browser, which tells of none.
pub async fn send(request: &Request, abort: &AbortController) -> Result<Incoming, JsValue> {
    let init = RequestInit::new();
    init.set_method("GET");
    init.set_mode(RequestMode::Cors);
    // What is kept is kept by its digest; a second copy in the browser's cache would count against the same quota.
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    let headers = web_sys::Headers::new()?;
    for (name, value) in request.headers() {
        headers.append(name, &value)?;
    }
    init.set_headers(&headers);
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(scope.fetch_with_str_and_init(&request.address, &init)).await?;
    let response: Response = response.dyn_into()?;
    let head = Head { status: response.status(), address: response.url(), headers: visible(&response.headers()) };
    let body = match response.body() {
        Some(stream) => Some(stream.get_reader().dyn_into()?),
        None => None,
    };
    Ok(Incoming { head, body })
}

impl Incoming {
    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let Some(body) = &self.body else { return Ok(None) };
        let step = JsFuture::from(body.read()).await?;
        if Reflect::get(&step, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let chunk: Uint8Array = Reflect::get(&step, &"value".into())?.dyn_into()?;
        Ok(Some(chunk.to_vec()))
    }
}

/// The headers that the page may see.
fn visible(headers: &web_sys::Headers) -> Headers {
    let entries = js_sys::try_iter(headers).ok().flatten().into_iter().flatten().filter_map(Result::ok);
    let pair = |entry: JsValue| {
        let entry: Array = entry.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
    };
    Headers(entries.filter_map(pair).collect())
}
