//! The digests of a layer, by whatever is fastest for its size.
//!
//! The browser's own digest runs beside the worker at about 0.9 GB/s, and wants all bytes in one piece, which it
//! copies; it does not exist outside of secure contexts. Our own streams at about 0.4 GB/s. So: a blob that fits into
//! the granted bytes is read in one piece, and hashed by the browser while it is parsed here; what it decompresses to
//! is gathered, where that fits too; a huge layer goes to a helper; the rest is hashed as it passes.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Object, Uint8Array};
use layerlab_core::{
    archive::LayerBlob,
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
    /// What a compressed layer probably unpacks to.
    unpacked: Option<u64>,
    helper: Option<Rc<Helper>>,
    stored: Option<StreamDigest>,
    tar: Option<StreamDigest>,
    compressed: bool,
    /// The first bytes of the tar have come, and so it is known what is hashed.
    begun: bool,
}

impl LayerHashes {
    /// `whole` are all bytes as stored, where they were read in one piece.
    pub fn new(layer: &LayerBlob, gather: u64, whole: Option<Uint8Array>, helper: Option<Rc<Helper>>) -> Self {
        let algorithm = computed(&layer.blob_algorithm);
        let unpacked = whole.as_ref().and_then(gzip_size);
        let stored = whole.and_then(|whole| StreamDigest::whole(algorithm.clone(), whole));
        Self(Rc::new(RefCell::new(State {
            diff_id_algorithm: computed(&layer.diff_id_algorithm),
            size: layer.location.size,
            gather: if stored.is_some() { gather.saturating_sub(layer.location.size) } else { gather },
            blob_algorithm: algorithm,
            unpacked,
            helper,
            stored,
            tar: None,
            compressed: false,
            begun: false,
        })))
    }

    /// The digests of the bytes as stored and of the decompressed stream.
    pub async fn finish(self) -> (Digest, DiffId) {
        let (stored, tar) = {
            let state = &mut *self.0.borrow_mut();
            // A layer of no bytes has told nothing.
            state.begin_tar();
            (state.stored.take().map(StreamDigest::finish), state.tar.take().map(StreamDigest::finish))
        };
        // Both are begun by now: the browser computes the one while the other is waited for.
        let stored = match stored {
            Some(stored) => Some(stored.await),
            None => None,
        };
        let tar = match tar {
            Some(tar) => Some(tar.await),
            None => None,
        };
        let diff_id = tar.or_else(|| stored.clone()).unwrap_or_else(|| Digest::sha256(&[]));
        (stored.unwrap_or_else(|| diff_id.clone()), DiffId(diff_id))
    }
}

/// Whether the browser has a digest of its own: outside of secure contexts (a page at http://192.168.…) it has none.
pub fn can_gather() -> bool {
    subtle().is_some()
}

impl LayerDigests for LayerHashes {
    fn stored(&mut self, bytes: &[u8]) {
        let state = &mut *self.0.borrow_mut();
        state.compressed = true;
        if state.stored.is_none() {
            state.stored = Some(state.begin(state.blob_algorithm.clone(), state.size, false));
        }
        state.stored.iter_mut().for_each(|stream| stream.update(bytes));
    }

    fn tar(&mut self, bytes: &[u8]) {
        let state = &mut *self.0.borrow_mut();
        state.begin_tar();
        state.tar.iter_mut().for_each(|stream| stream.update(bytes));
        if !state.compressed {
            state.stored.iter_mut().for_each(|stream| stream.update(bytes));
        }
    }
}

impl State {
    fn begin_tar(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        if !self.compressed {
            // What is stored is the tar: one stream, unless its two digests are declared in two algorithms.
            let one = self.blob_algorithm == self.diff_id_algorithm;
            if self.stored.is_some() && one {
                return;
            }
            if self.stored.is_none() && !one {
                self.stored = Some(self.begin(self.blob_algorithm.clone(), self.size, false));
            }
        }
        let expected = if self.compressed { self.unpacked.unwrap_or(self.size * 4) } else { self.size };
        self.tar = Some(self.begin(self.diff_id_algorithm.clone(), expected, true));
    }

    /// `expected` bytes, or more where a stream unpacks to more. There is one helper, for the stream that is longest.
    fn begin(&mut self, algorithm: Algorithm, expected: u64, longest: bool) -> StreamDigest {
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
    /// All bytes are there, and the browser is at work.
    Whole(Gathered, JsFuture),
    Gathered(Gathered),
    Helped(Rc<Helper>),
    Hashed(Box<Hasher>),
}

impl StreamDigest {
    /// `None` where the browser would not begin.
    fn whole(algorithm: Algorithm, bytes: Uint8Array) -> Option<Self> {
        let gathered = Gathered { len: bytes.length(), limit: bytes.length(), bytes, recycled: false };
        let begun = gathered.digest(&algorithm)?;
        Some(Self { algorithm, sink: Sink::Whole(gathered, begun) })
    }

    fn update(&mut self, bytes: &[u8]) {
        match &mut self.sink {
            Sink::Whole(..) => {}
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
        let Self { algorithm, sink } = self;
        let sink = match sink {
            Sink::Gathered(gathered) => match gathered.digest(&algorithm) {
                Some(begun) => Sink::Whole(gathered, begun),
                None => Sink::Hashed(gathered.hashed(&algorithm).into()),
            },
            sink => sink,
        };
        async move {
            match sink {
                Sink::Hashed(hasher) => hasher.finish(),
                Sink::Helped(helper) => helper.finish().await,
                Sink::Whole(gathered, begun) => match begun.await {
                    Ok(raw) => Digest::from_raw(algorithm, &Uint8Array::new(&raw).to_vec()),
                    // The browser could not (for want of memory, say).
                    Err(_) => gathered.hashed(&algorithm).finish(),
                },
                Sink::Gathered(gathered) => gathered.hashed(&algorithm).finish(),
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
    /// Kept for the next layer: the first write to fresh memory costs as much as a digest.
    recycled: bool,
}

thread_local! {
    static SPARE: RefCell<Option<Uint8Array>> = const { RefCell::new(None) };
}

impl Gathered {
    fn new(expected: u32, limit: u32) -> Self {
        let spare = SPARE.take().filter(|spare| spare.length() >= expected);
        let bytes = spare.unwrap_or_else(|| Uint8Array::new_with_length(expected));
        Self { bytes, len: 0, limit, recycled: true }
    }

    /// False, and nothing done, where the limit would be passed.
    fn push(&mut self, bytes: &[u8]) -> bool {
        let end = match u32::try_from(bytes.len()).ok().and_then(|len| self.len.checked_add(len)) {
            Some(end) if end <= self.limit => end,
            _ => return false,
        };
        if end > self.bytes.length() {
            let larger = Uint8Array::new_with_length(end.saturating_mul(2).min(self.limit));
            larger.set(&self.filled(), 0);
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

impl Drop for Gathered {
    fn drop(&mut self) {
        if self.recycled {
            SPARE.set(Some(self.bytes.clone()));
        }
    }
}

/// The size that the last four bytes of a gzip file tell (RFC 1952, "ISIZE"): that of the last member, modulo 4 GiB.
/// It decides only whether gathering is worth its while.
fn gzip_size(whole: &Uint8Array) -> Option<u64> {
    let len = whole.length();
    let is_gzip = len > 18 && whole.get_index(0) == 0x1f && whole.get_index(1) == 0x8b;
    is_gzip.then(|| (1..=4).fold(0, |size, back| size << 8 | u64::from(whole.get_index(len - back))))
}

/// SHA-256 for an algorithm that is not computed here.
fn computed(algorithm: &Algorithm) -> Algorithm {
    if Hasher::new(algorithm).is_some() { algorithm.clone() } else { Algorithm::Sha256 }
}

fn subtle() -> Option<SubtleCrypto> {
    let crypto = super::scope().crypto().ok()?;
    let subtle: JsValue = js_sys::Reflect::get(&crypto, &"subtle".into()).ok()?;
    subtle.dyn_into().ok()
}
