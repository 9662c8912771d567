//! A hash helper: hashes the streams that come through a port. See [`super::helper`] for the messages.

use js_sys::{Array, Uint8Array};
use layerlab_core::digest::{Algorithm, Hasher};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, MessagePort};

/// Bytes copied into wasm memory at once: they stay in the cache until they are hashed.
pub const CHUNK_BYTES: usize = 256 << 10;

pub fn serve(port: MessagePort) {
    let mut hasher = Hasher::sha256();
    let mut chunk = vec![0; CHUNK_BYTES];
    let out = port.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let value = event.data();
        if let Some(algorithm) = value.as_string() {
            hasher = if algorithm == "sha512" { hasher_of(&Algorithm::Sha512) } else { Hasher::sha256() };
        } else if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
            update(&mut hasher, bytes, &mut chunk);
            let buffer = bytes.buffer();
            post(&out, &buffer, &Array::of1(&buffer));
        } else {
            let digest = std::mem::replace(&mut hasher, Hasher::sha256()).finish();
            post(&out, &digest.to_string().into(), &Array::new());
        }
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

/// SHA-256 for an algorithm that is not computed here, as everywhere.
pub fn hasher_of(algorithm: &Algorithm) -> Hasher {
    Hasher::new(algorithm).unwrap_or_else(Hasher::sha256)
}

/// Hashes what is outside of wasm memory.
pub fn update(hasher: &mut Hasher, bytes: &Uint8Array, chunk: &mut [u8]) {
    let mut at = 0;
    while at < bytes.length() {
        let len = (bytes.length() - at).min(chunk.len() as u32);
        let chunk = &mut chunk[..len as usize];
        bytes.subarray(at, at + len).copy_to(chunk);
        hasher.update(chunk);
        at += len;
    }
}

fn post(port: &MessagePort, value: &JsValue, transfer: &Array) {
    port.post_message_with_transferable(value, transfer).expect("raw values can be cloned");
}
