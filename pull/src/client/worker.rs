//! The puller as the page holds it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::Array;
use layerlab_web::protocol::Message;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, File, HtmlAnchorElement, MessageEvent, Url, WorkerOptions, WorkerType};

use crate::protocol::{FromPuller, ToPuller};

/// The page names the worker's script, whose file name holds a hash: a stale worker never meets a new page.
const PROGRAM: &str = "meta[name=layerlab-puller]";

/// What is sent before it listens waits here; dropping it ends it.
#[derive(Debug)]
pub struct Worker {
    line: Rc<Line>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

#[derive(Debug)]
struct Line {
    worker: web_sys::Worker,
    ready: Cell<bool>,
    waiting: RefCell<Vec<(JsValue, Array)>>,
}

impl Worker {
    pub fn start(hear: impl Fn(Message<FromPuller>) + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(&script().ok_or("the page names no puller")?, &options)?;
        let line = Rc::new(Line { worker, ready: Cell::new(false), waiting: RefCell::default() });
        let hear = Rc::new(hear);
        let (heard, died) = (line.clone(), hear.clone());
        let on_message =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match Message::from_js(&event.data()) {
                Some(Message { head: FromPuller::Ready, .. }) => heard.open(),
                Some(message) => hear(message),
                None => {}
            });
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| died(Message::new(FromPuller::Crashed)));
        line.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        line.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { line, _on_message: on_message, _on_error: on_error })
    }

    pub fn send(&self, message: Message<ToPuller>) {
        let (object, transfer) = message.into_js();
        if self.line.ready.get() {
            self.line.post(&object, &transfer);
        } else {
            self.line.waiting.borrow_mut().push((object, transfer));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.line.worker.set_onmessage(None);
        self.line.worker.set_onerror(None);
        self.line.worker.terminate();
    }
}

impl Line {
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

/// Offers a file as a download.
pub fn download(file: &File, name: &str) {
    let offer = || {
        let url = Url::create_object_url_with_blob(file).ok()?;
        let document = web_sys::window()?.document()?;
        let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
        link.set_href(&url);
        link.set_download(name);
        link.click();
        // The download has taken its own hold of the file by the next minute.
        gloo_timers::callback::Timeout::new(60_000, move || drop(Url::revoke_object_url(&url))).forget();
        Some(())
    };
    let _ = offer();
}

fn script() -> Option<String> {
    web_sys::window()?.document()?.query_selector(PROGRAM).ok()??.get_attribute("content")
}
