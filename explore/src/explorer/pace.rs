//! Long work in short stretches, so that a cancellation is heard in between.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Milliseconds of a stretch: short enough that a button answers, long enough that the pauses do not count.
const STRETCH: f64 = 60.0;

/// A stretch of work.
#[derive(Debug)]
pub struct Stretch {
    until: f64,
}

impl Stretch {
    pub fn begin() -> Self {
        Self { until: js_sys::Date::now() + STRETCH }
    }

    pub fn is_over(&self) -> bool {
        js_sys::Date::now() >= self.until
    }
}

/// Lets the worker hear what has been said to it.
pub async fn pause() {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = super::scope().set_timeout_with_callback(&resolve);
        if timer.is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = JsFuture::from(promise).await;
}
