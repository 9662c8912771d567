//! The layer worker's end of a hash helper: one stream is hashed by a second worker while the first goes on reading.
//!
//! The messages of this port are raw values, for no copy and no decoding: a string begins a stream and names its
//! algorithm, a `Uint8Array` is the next bytes and comes back as an `ArrayBuffer` when it is hashed, `true` ends the
//! stream and is answered by the digest as a string.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, ArrayBuffer, Function, Promise, Uint8Array};
use layerlab_core::digest::{Algorithm, Digest};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, MessagePort};

/// Bytes of one message.
const PIECE_BYTES: u32 = 8 << 20;
/// Messages on their way. Without a bound a reader that is faster than the hash fills the memory with the layer.
const PIECES_IN_FLIGHT: u32 = 3;

/// A second worker, behind a port.
#[derive(Debug)]
pub struct Helper {
    port: MessagePort,
    answers: Rc<Answers>,
    piece: RefCell<Option<Piece>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

#[derive(Debug, Default)]
struct Answers {
    in_flight: Cell<u32>,
    spare: RefCell<Vec<ArrayBuffer>>,
    digest: RefCell<Option<Digest>>,
    wake: RefCell<Option<Function>>,
}

#[derive(Debug)]
struct Piece {
    bytes: Uint8Array,
    len: u32,
}

impl Helper {
    pub fn new(port: MessagePort) -> Self {
        let answers = Rc::new(Answers::default());
        let heard = answers.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| heard.hear(event.data()));
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self { port, answers, piece: RefCell::default(), _on_message: on_message }
    }

    pub fn begin(&self, algorithm: &Algorithm) {
        self.answers.digest.take();
        self.post(&algorithm.as_str().into(), &Array::new());
    }

    pub fn update(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let mut piece = self.piece.take().unwrap_or_else(|| self.answers.piece());
            let len = bytes.len().min((PIECE_BYTES - piece.len) as usize);
            let (now, rest) = bytes.split_at(len);
            piece.bytes.subarray(piece.len, piece.len + len as u32).copy_from(now);
            piece.len += len as u32;
            bytes = rest;
            if piece.len == PIECE_BYTES {
                self.send(&piece);
            } else {
                self.piece.replace(Some(piece));
            }
        }
    }

    /// Whether it would be wrong to send more now: see [`Helper::has_room`].
    pub fn is_full(&self) -> bool {
        self.answers.in_flight.get() >= PIECES_IN_FLIGHT
    }

    /// Waits until the second worker has caught up.
    pub async fn has_room(&self) {
        while self.is_full() {
            self.answers.next().await;
        }
    }

    pub async fn finish(&self) -> Digest {
        if let Some(piece) = self.piece.take() {
            self.send(&piece);
        }
        self.post(&JsValue::TRUE, &Array::new());
        loop {
            if let Some(digest) = self.answers.digest.take() {
                return digest;
            }
            self.answers.next().await;
        }
    }

    fn send(&self, piece: &Piece) {
        self.answers.in_flight.set(self.answers.in_flight.get() + 1);
        self.post(&piece.bytes.subarray(0, piece.len), &Array::of1(&piece.bytes.buffer()));
    }

    fn post(&self, value: &JsValue, transfer: &Array) {
        self.port.post_message_with_transferable(value, transfer).expect("raw values can be cloned");
    }
}

impl Answers {
    fn hear(&self, answer: JsValue) {
        match answer.dyn_into::<ArrayBuffer>() {
            Ok(buffer) => {
                self.in_flight.set(self.in_flight.get() - 1);
                self.spare.borrow_mut().push(buffer);
            }
            Err(answer) => {
                self.digest.replace(answer.as_string().and_then(|digest| digest.parse().ok()));
            }
        }
        if let Some(wake) = self.wake.take() {
            let _ = wake.call0(&JsValue::UNDEFINED);
        }
    }

    /// Waits for one more answer.
    async fn next(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            self.wake.replace(Some(resolve));
        });
        // A promise that only we resolve cannot be rejected.
        let _ = JsFuture::from(promise).await;
    }

    fn piece(&self) -> Piece {
        let buffer = self.spare.borrow_mut().pop().unwrap_or_else(|| ArrayBuffer::new(PIECE_BYTES));
        Piece { bytes: Uint8Array::new(&buffer), len: 0 }
    }
}
