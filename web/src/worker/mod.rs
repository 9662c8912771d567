//! What runs in a worker: the tree worker of one archive, a layer worker of the pool, or a hash helper.
//!
//! One binary serves all, and the first message decides. Files are read here, in slices and synchronously; the page
//! never reads. Cancelling is terminating, so nothing here listens for it.

mod archive;
mod digests;
mod file;
mod hash;
mod helper;
mod layers;
mod spool;

use std::cell::RefCell;

use js_sys::{ArrayBuffer, Function};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, MessagePort};

use self::archive::Archive;
use crate::protocol::{FromProgram, FromWorker, Message, ToWorker};

pub use self::{file::FileVolumes, spool::sweep as sweep_spools};

/// Listens, and says so: a message that comes before a worker listens is lost.
pub fn start() {
    report_death::<FromWorker>();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(message) = Message::from_js(&event.data()) {
            receive(message);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(Message::new(FromWorker::Ready));
}

thread_local! {
    static ARCHIVE: RefCell<Archive> = RefCell::default();
}

fn receive(message: Message<ToWorker>) {
    let Message { head, files, buffer, port } = message;
    match head {
        ToWorker::Archive(head) => archive::receive(&ARCHIVE, head, Cargo { files, buffer, port }),
        ToWorker::Layers(jobs) => spawn_local(layers::run(jobs, files, port)),
        // That is another program.
        ToWorker::Explorer(_) => {}
        ToWorker::Hash => port.into_iter().for_each(hash::serve),
    }
}

/// What a message carries beside its head.
struct Cargo {
    files: Vec<File>,
    buffer: Option<ArrayBuffer>,
    port: Option<MessagePort>,
}

fn post(message: Message<FromWorker>) {
    let (object, transfer) = message.into_js();
    scope().post_message_with_transfer(&object, &transfer).expect("a message of the protocol can be cloned");
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// A trap or an exception inside of a promise reaches the page as nothing at all: it is a rejection that nobody
/// handles, and not an error of the worker. The answer is made now and posted by the browser's own function, because
/// after a trap no code of ours can be relied on.
pub fn report_death<R: FromProgram>() {
    let scope = scope();
    let (crashed, _) = Message::new(R::crashed()).into_js();
    let post: Function = js_sys::Reflect::get(&scope, &"postMessage".into()).unwrap_or_default().unchecked_into();
    let posts_crashed = post.bind1(&scope, &crashed);
    let _ = scope.add_event_listener_with_callback("unhandledrejection", posts_crashed.unchecked_ref());
}

/// Milliseconds between two messages of progress about the same thing.
const PROGRESS_INTERVAL: f64 = 120.0;

/// Lets through what is not too soon after the last.
#[derive(Debug)]
struct Pace(f64);

impl Pace {
    fn new() -> Self {
        Self(js_sys::Date::now())
    }

    fn is_due(&mut self) -> bool {
        let now = js_sys::Date::now();
        let due = now - self.0 >= PROGRESS_INTERVAL;
        if due {
            self.0 = now;
        }
        due
    }
}

/// What a rejected promise or a thrown exception says.
fn words(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => match thrown.dyn_ref::<web_sys::DomException>() {
            Some(exception) => exception.message(),
            None => thrown.as_string().unwrap_or_else(|| "unknown".into()),
        },
    }
}
