//! Locks between tabs (Web Locks), so that two of them do not write one part.
//!
//! Where a browser has none (outside of secure contexts) they lock nothing: there, parts are chunks that two tabs
//! write alike, and the digest is computed over what is read back.

use js_sys::{Function, Promise, Reflect};
use layerlab_core::digest::Digest;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// A lock that is held until it is dropped; the browser lets go of it when the worker ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    release: Option<Function>,
}

/// To write the part of a blob.
pub async fn blob_lock(digest: &Digest) -> Lock {
    acquire(&format!("layerlab-blob-{digest}")).await
}

/// To read and write what is known of images.
pub async fn store_lock() -> Lock {
    acquire("layerlab-store").await
}

async fn acquire(name: &str) -> Lock {
    let Some((locks, request)) = locks() else { return Lock { release: None } };
    let (granted, grant) = deferred();
    let (held, release) = deferred();
    let callback = Closure::once_into_js(move |_: JsValue| {
        let _ = grant.call0(&JsValue::UNDEFINED);
        held
    });
    if request.call2(&locks, &name.into(), &callback).is_err() {
        return Lock { release: None };
    }
    let _ = JsFuture::from(granted).await;
    Lock { release: Some(release) }
}

fn locks() -> Option<(JsValue, Function)> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

/// A promise, and what fulfils it.
fn deferred() -> (Promise, Function) {
    let mut fulfil = None;
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    (promise, fulfil.expect("a promise calls its executor at once"))
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}
