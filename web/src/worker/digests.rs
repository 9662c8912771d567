//! The digests of a layer, by whatever is fastest for its size.
//!
//! The browser's own digest runs beside the worker at about 0.9 GB/s, and wants all bytes in one piece, which it
//! copies; it does not exist outside of secure contexts. Our own streams at about 0.4 GB/s. So: what fits into the
//! granted bytes is gathered for the browser; a huge layer goes to a helper; the rest is hashed as it passes.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Object, Uint8Array};
use layerlab_core::{
    digest::{Algorithm, DiffId, Digest, Hasher},
    layer::read::LayerDigests,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::SubtleCrypto;

use super::{
    hash::{self, hasher_of},
    helper::Helper,
};

/// The digests of one layer, shared between the reader that feeds them and the worker that waits for them.
#[derive(Clone, Debug)]
pub struct LayerHashes(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    blob_algorithm: Algorithm,
    diff_id_algorithm: Algorithm,
    /// Bytes of the layer as stored.
    size: u64,
    /// Bytes that may still be gathered.
    gather: u64,
    helper: Option<Rc<Helper>>,
    /// `None` for an uncompressed layer whose two digests are one.
    stored: Option<StreamDigest>,
    tar: Option<StreamDigest>,
    /// An uncompressed layer: what is stored is the tar.
    raw: bool,
}

impl LayerHashes {
    pub fn new(
        (blob_algorithm, diff_id_algorithm): (Algorithm, Algorithm),
        size: u64,
        gather: u64,
        helper: Option<Rc<Helper>>,
    ) -> Self {
        let gather = if subtle().is_some() { gather } else { 0 };
        Self(Rc::new(RefCell::new(State {
            blob_algorithm,
            diff_id_algorithm,
            size,
            gather,
            helper,
            stored: None,
            tar: None,
            raw: false,
        })))
    }

    /// The digests of the bytes as stored and of the decompressed stream.
    pub async fn finish(self) -> (Digest, DiffId) {
        let (stored, tar) = {
            let state = &mut *self.0.borrow_mut();
            // No byte has passed: the layer is empty, and so is what is hashed.
            let tar = state.tar.take().unwrap_or_else(|| StreamDigest::hashed(&state.diff_id_algorithm));
            (state.stored.take(), tar)
        };
        let tar = tar.finish();
        match stored {
            None => {
                let digest = tar.await;
                (digest.clone(), DiffId(digest))
            }
            // Begun before the other is waited for, so that the browser computes both at once.
            Some(stored) => {
                let stored = stored.finish();
                let tar = tar.await;
                (stored.await, DiffId(tar))
            }
        }
    }
}

impl LayerDigests for LayerHashes {
    fn stored(&mut self, bytes: &[u8]) {
        let state = &mut *self.0.borrow_mut();
        if state.stored.is_none() {
            state.stored = Some(state.begin(state.blob_algorithm.clone(), state.size, false));
        }
        state.stored.iter_mut().for_each(|stream| stream.update(bytes));
    }

    fn tar(&mut self, bytes: &[u8]) {
        let state = &mut *self.0.borrow_mut();
        if state.tar.is_none() {
            state.begin_tar();
        }
        state.tar.iter_mut().for_each(|stream| stream.update(bytes));
        if state.raw {
            state.stored.iter_mut().for_each(|stream| stream.update(bytes));
        }
    }
}

impl State {
    fn begin_tar(&mut self) {
        self.raw = self.stored.is_none();
        if self.raw && self.blob_algorithm != self.diff_id_algorithm {
            self.stored = Some(self.begin(self.blob_algorithm.clone(), self.size, false));
        }
        // Layers unpack to some three times their size: what is reserved and not used costs nothing.
        let expected = if self.raw { self.size } else { (self.size * 4).min(self.gather) };
        self.tar = Some(self.begin(self.diff_id_algorithm.clone(), expected, true));
    }

    /// `expected` bytes, or more where a stream unpacks to more. There is one helper, for the stream that is longest.
    fn begin(&mut self, algorithm: Algorithm, expected: u64, longest: bool) -> StreamDigest {
        let computed = Hasher::new(&algorithm).is_some();
        let algorithm = if computed { algorithm } else { Algorithm::Sha256 };
        let sink = match &self.helper {
            Some(helper) if longest => {
                helper.begin(&algorithm);
                Sink::Helped(helper.clone())
            }
            _ if expected <= self.gather && expected > 0 => {
                let limit = if longest { self.gather } else { expected };
                self.gather -= limit;
                Sink::Gathered(Gathered::new(expected as u32, limit as u32))
            }
            _ => Sink::Hashed(hasher_of(&algorithm).into()),
        };
        StreamDigest { algorithm, sink }
    }
}

#[derive(Debug)]
struct StreamDigest {
    algorithm: Algorithm,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Gathered(Gathered),
    Helped(Rc<Helper>),
    Hashed(Box<Hasher>),
}

impl StreamDigest {
    fn hashed(algorithm: &Algorithm) -> Self {
        Self { algorithm: algorithm.clone(), sink: Sink::Hashed(hasher_of(algorithm).into()) }
    }

    fn update(&mut self, bytes: &[u8]) {
        match &mut self.sink {
            Sink::Hashed(hasher) => hasher.update(bytes),
            Sink::Helped(helper) => helper.update(bytes),
            Sink::Gathered(gathered) => {
                if !gathered.push(bytes) {
                    let mut hasher = gathered.hashed(&self.algorithm);
                    hasher.update(bytes);
                    self.sink = Sink::Hashed(hasher.into());
                }
            }
        }
    }

    /// Begins what the browser computes at once; the future waits for it.
    fn finish(self) -> impl Future<Output = Digest> {
        let begun = match &self.sink {
            Sink::Gathered(gathered) => gathered.digest(&self.algorithm),
            _ => None,
        };
        async move {
            match self.sink {
                Sink::Hashed(hasher) => hasher.finish(),
                Sink::Helped(helper) => helper.finish().await,
                Sink::Gathered(gathered) => {
                    let raw = match begun {
                        Some(begun) => begun.await.ok(),
                        None => None,
                    };
                    match raw {
                        Some(raw) => Digest::from_raw(self.algorithm, &Uint8Array::new(&raw).to_vec()),
                        // The browser could not (for want of memory, say).
                        None => gathered.hashed(&self.algorithm).finish(),
                    }
                }
            }
        }
    }
}

/// Bytes in one piece, outside of wasm memory.
#[derive(Debug)]
struct Gathered {
    bytes: Uint8Array,
    len: u32,
    limit: u32,
}

impl Gathered {
    fn new(expected: u32, limit: u32) -> Self {
        Self { bytes: Uint8Array::new_with_length(expected), len: 0, limit }
    }

    /// False, and nothing done, where the limit would be passed.
    fn push(&mut self, bytes: &[u8]) -> bool {
        let end = match u32::try_from(bytes.len()).ok().and_then(|len| self.len.checked_add(len)) {
            Some(end) if end <= self.limit => end,
            _ => return false,
        };
        if end > self.bytes.length() {
            let larger = Uint8Array::new_with_length(end.saturating_mul(2).min(self.limit));
            larger.set(&self.bytes.subarray(0, self.len), 0);
            self.bytes = larger;
        }
        self.bytes.subarray(self.len, end).copy_from(bytes);
        self.len = end;
        true
    }

    fn filled(&self) -> Uint8Array {
        self.bytes.subarray(0, self.len)
    }

    fn digest(&self, algorithm: &Algorithm) -> Option<JsFuture> {
        let name = if *algorithm == Algorithm::Sha512 { "SHA-512" } else { "SHA-256" };
        let bytes: Object = self.filled().unchecked_into();
        Some(JsFuture::from(subtle()?.digest_with_str_and_buffer_source(name, &bytes).ok()?))
    }

    fn hashed(&self, algorithm: &Algorithm) -> Hasher {
        let mut hasher = hasher_of(algorithm);
        hash::update(&mut hasher, &self.filled(), &mut vec![0; hash::CHUNK_BYTES]);
        hasher
    }
}

/// Absent outside of secure contexts (a page at http://192.168.…).
fn subtle() -> Option<SubtleCrypto> {
    let crypto = super::scope().crypto().ok()?;
    let subtle: JsValue = js_sys::Reflect::get(&crypto, &"subtle".into()).ok()?;
    subtle.dyn_into().ok()
}
