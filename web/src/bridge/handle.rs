//! One worker: what is sent before it listens waits here, and dropping the handle ends it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::protocol::{FromWorker, Message, ToWorker};

/// The page names the worker's script, whose file name holds a hash: a stale worker never meets a new page.
const WORKER: &str = "meta[name=layerlab-worker]";
const EXPLORER: &str = "meta[name=layerlab-explorer]";

#[derive(Debug)]
pub struct Handle {
    mailbox: Rc<Mailbox>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

#[derive(Debug)]
struct Mailbox {
    worker: Worker,
    ready: Cell<bool>,
    waiting: RefCell<Vec<(JsValue, Array)>>,
}

impl Handle {
    /// Starts a worker. `hear` is told all that it says but that it is ready; an error of the worker, which is its
    /// end, is told as [`FromWorker::Crashed`].
    pub fn start(hear: impl Fn(Message<FromWorker>) + 'static) -> Result<Self, JsValue> {
        Self::start_program(WORKER, hear)
    }

    /// The same, of the program that explores an archive.
    pub fn start_explorer(hear: impl Fn(Message<FromWorker>) + 'static) -> Result<Self, JsValue> {
        Self::start_program(EXPLORER, hear)
    }

    fn start_program(selector: &str, hear: impl Fn(Message<FromWorker>) + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script(selector)?, &options)?;
        let mailbox = Rc::new(Mailbox { worker, ready: Cell::new(false), waiting: RefCell::default() });
        let hear = Rc::new(hear);
        let (heard, inbox) = (hear.clone(), mailbox.clone());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match Message::from_js(&event.data()) {
                Some(Message { head: FromWorker::Ready, .. }) => inbox.open(),
                Some(message) => heard(message),
                // A worker of another version, that is.
                None => heard(Message::new(FromWorker::Crashed)),
            }
        });
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| hear(Message::new(FromWorker::Crashed)));
        mailbox.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        mailbox.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { mailbox, _on_message: on_message, _on_error: on_error })
    }

    pub fn send(&self, message: Message<ToWorker>) {
        let (object, transfer) = message.into_js();
        if self.mailbox.ready.get() {
            self.mailbox.post(&object, &transfer);
        } else {
            self.mailbox.waiting.borrow_mut().push((object, transfer));
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let worker = &self.mailbox.worker;
        // What it said last may be queued already, and would call closures that are gone.
        worker.set_onmessage(None);
        worker.set_onerror(None);
        worker.terminate();
    }
}

impl Mailbox {
    fn open(&self) {
        self.ready.set(true);
        for (object, transfer) in self.waiting.take() {
            self.post(&object, &transfer);
        }
    }

    fn post(&self, object: &JsValue, transfer: &Array) {
        self.worker.post_message_with_transfer(object, transfer).expect("a message of the protocol can be cloned");
    }
}

fn script(selector: &str) -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let meta = document.and_then(|document| document.query_selector(selector).ok().flatten());
    meta.and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| JsValue::from_str("the page does not name the worker's script"))
}
