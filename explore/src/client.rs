//! The page's end of a port to the explorer.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use js_sys::ArrayBuffer;
use layerlab_web::protocol::Message;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{File, MessageEvent, MessagePort};
use yew::Callback;

use crate::protocol::{Answer, FromClient, Question, Reply};

/// Asks the explorer of one archive. Cheap to clone, and equal to itself.
#[derive(Clone, Debug)]
pub struct Client(Rc<Line>);

#[derive(Debug)]
struct Line {
    port: MessagePort,
    next: Cell<u32>,
    waiting: Rc<RefCell<BTreeMap<u32, Callback<Heard>>>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

/// An answer with what travels beside it.
#[derive(Clone, Debug)]
pub struct Heard {
    pub answer: Answer,
    pub buffer: Option<ArrayBuffer>,
    /// Nothing more comes for this question.
    pub last: bool,
}

/// A question on its way; dropping it cancels it.
#[derive(Debug)]
#[must_use = "dropping it cancels the question"]
pub struct Ticket {
    /// `None` once nothing is to be cancelled any more.
    line: Option<Rc<Line>>,
    number: u32,
}

impl Client {
    pub fn new(port: MessagePort) -> Self {
        let waiting: Rc<RefCell<BTreeMap<u32, Callback<Heard>>>> = Rc::default();
        let heard = waiting.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(Message { head: Reply { number, answer, last }, buffer, .. }) = Message::from_js(&event.data())
            else {
                return;
            };
            let callback = match last {
                true => heard.borrow_mut().remove(&number),
                false => heard.borrow().get(&number).cloned(),
            };
            if let Some(callback) = callback {
                callback.emit(Heard { answer, buffer, last });
            }
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self(Rc::new(Line { port, next: Cell::new(0), waiting, _on_message: on_message }))
    }

    /// `on_answer` hears every answer to this question, the last of which says so.
    pub fn ask(&self, question: Question, on_answer: Callback<Heard>) -> Ticket {
        self.ask_with_files(question, Vec::new(), on_answer)
    }

    /// Asks what is wanted however the page goes on: nothing cancels it.
    pub fn ask_once(&self, question: Question, on_answer: Callback<Heard>) {
        self.ask(question, on_answer).detach();
    }

    /// The same with files beside the question.
    pub fn ask_with_files(&self, question: Question, files: Vec<File>, on_answer: Callback<Heard>) -> Ticket {
        let number = self.0.next.replace(self.0.next.get().wrapping_add(1));
        self.0.waiting.borrow_mut().insert(number, on_answer);
        self.0.post(Message::new(FromClient::Ask { number, question }).with_files(files));
        Ticket { line: Some(self.0.clone()), number }
    }
}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Line {
    fn post(&self, message: Message<FromClient>) {
        let (object, transfer) = message.into_js();
        self.port.post_message_with_transferable(&object, &transfer).expect("a message of the protocol can be cloned");
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

impl Ticket {
    /// Lets the question go on by itself.
    fn detach(mut self) {
        self.line = None;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(line) = &self.line
            && line.waiting.borrow_mut().remove(&self.number).is_some()
        {
            line.post(Message::new(FromClient::Cancel { number: self.number }));
        }
    }
}
