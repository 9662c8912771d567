//! The explorer's end of a port: questions wait here until the archive is there, and answers go out.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use js_sys::ArrayBuffer;
use layerlab_web::protocol::Message;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{File, MessageEvent, MessagePort};

use super::answer;
use crate::protocol::{Answer, FromClient, Question, Reply};

thread_local! {
    static READY: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<(Line, Question, Vec<File>)>> = const { RefCell::new(Vec::new()) };
}

/// The way back to who asked one question.
#[derive(Clone, Debug)]
pub struct Line {
    port: MessagePort,
    number: u32,
    cancelled: Rc<RefCell<BTreeSet<u32>>>,
}

impl Line {
    /// An answer after which more come.
    pub fn tell(&self, answer: Answer) {
        self.post(answer, None, false);
    }

    /// The same with bytes beside it.
    pub fn tell_with(&self, answer: Answer, buffer: ArrayBuffer) {
        self.post(answer, Some(buffer), false);
    }

    /// The last answer.
    pub fn finish(&self, answer: Answer) {
        self.post(answer, None, true);
    }

    /// The last answer, with bytes beside it.
    pub fn finish_with(&self, answer: Answer, buffer: ArrayBuffer) {
        self.post(answer, Some(buffer), true);
    }

    /// Whether the answer is wanted no more. A cancellation is heard only when the worker has returned to its event
    /// loop, so a long answer must await between its steps.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.borrow().contains(&self.number)
    }

    fn post(&self, answer: Answer, buffer: Option<ArrayBuffer>, last: bool) {
        let mut message = Message::new(Reply { number: self.number, answer, last });
        message.buffer = buffer;
        let (object, transfer) = message.into_js();
        self.port.post_message_with_transferable(&object, &transfer).expect("a message of the protocol can be cloned");
    }
}

/// Answers what comes through `port`, as long as the worker lives.
pub fn serve(port: MessagePort) {
    let (asked, cancelled) = (port.clone(), Rc::<RefCell<BTreeSet<u32>>>::default());
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(Message { head, files, .. }) = Message::from_js(&event.data()) else { return };
        match head {
            FromClient::Ask { number, question } => {
                let line = Line { port: asked.clone(), number, cancelled: cancelled.clone() };
                if READY.get() {
                    answer::answer(line, question, files);
                } else {
                    WAITING.with_borrow_mut(|waiting| waiting.push((line, question, files)));
                }
            }
            FromClient::Cancel { number } => drop(cancelled.borrow_mut().insert(number)),
        }
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

/// The archive is there.
pub fn answer_waiting() {
    READY.set(true);
    for (line, question, files) in WAITING.take() {
        if !line.is_cancelled() {
            answer::answer(line, question, files);
        }
    }
}
