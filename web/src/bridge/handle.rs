//! One worker: what is sent before it listens waits here, and dropping the handle ends it.

use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    rc::Rc,
};

use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::protocol::{FromProgram, Message};

/// A worker that takes `S` and says `R`.
#[derive(Debug)]
pub struct Handle<S, R> {
    mailbox: Rc<Mailbox>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
    _speaks: PhantomData<(fn(S), R)>,
}

#[derive(Debug)]
struct Mailbox {
    worker: Worker,
    ready: Cell<bool>,
    waiting: RefCell<Vec<(JsValue, Array)>>,
}

impl<S: Serialize, R: FromProgram> Handle<S, R> {
    /// Starts the program that the page names `layerlab-{program}`. `hear` is told all that it says but that it is
    /// ready; an error of the worker, which is its end, is told as [`FromProgram::crashed`].
    pub fn start(program: &str, hear: impl Fn(Message<R>) + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script(program)?, &options)?;
        let mailbox = Rc::new(Mailbox { worker, ready: Cell::new(false), waiting: RefCell::default() });
        let hear = Rc::new(hear);
        let (heard, inbox) = (hear.clone(), mailbox.clone());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match Message::<R>::from_js(&event.data()) {
                Some(message) if message.head.is_ready() => inbox.open(),
                Some(message) => heard(message),
                // A worker of another version, that is.
                None => heard(Message::new(R::crashed())),
            }
        });
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| hear(Message::new(R::crashed())));
        mailbox.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        mailbox.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { mailbox, _on_message: on_message, _on_error: on_error, _speaks: PhantomData })
    }

    pub fn send(&self, message: Message<S>) {
        let (object, transfer) = message.into_js();
        if self.mailbox.ready.get() {
            self.mailbox.post(&object, &transfer);
        } else {
            self.mailbox.waiting.borrow_mut().push((object, transfer));
        }
    }
}

impl<S, R> Drop for Handle<S, R> {
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

/// The page names the script, whose file name holds a hash: a stale worker never meets a new page.
fn script(program: &str) -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let selector = format!("meta[name=layerlab-{program}]");
    let meta = document.and_then(|document| document.query_selector(&selector).ok().flatten());
    meta.and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| JsValue::from_str("the page does not name the worker's script"))
}
