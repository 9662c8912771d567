//! The page's end of real pulls: what was asked for, and what the puller tells of it.

pub mod fields;
pub mod order;
mod page;
pub mod runs;
mod shelf;
pub mod state;

use std::{cell::Cell, rc::Rc};

use layerlab_web::{bridge::handle::Handle, hooks::save_blob, protocol::Message};
use web_sys::File;
use yew::prelude::*;

pub use self::page::RegistryPage;
use self::state::{Act, Desk};
use crate::protocol::{FromPuller, OrderId, ToPuller};

/// As the page names the program.
const PULLER: &str = "puller";

/// The puller and what it has told. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Puller {
    pub desk: Rc<Desk>,
    next: Rc<Cell<u32>>,
    on_act: Callback<Act>,
    send: Callback<(ToPuller, Vec<File>)>,
}

impl Puller {
    /// Asks, and remembers that it was asked.
    pub fn ask(&self, title: String, ask: impl FnOnce(OrderId) -> ToPuller, files: Vec<File>) -> OrderId {
        let id = OrderId(self.next.replace(self.next.get() + 1));
        let ask = ask(id);
        self.on_act.emit(Act::Asked { id, title, ask: Box::new(ask.clone()) });
        self.send.emit((ask, files));
        id
    }

    pub fn tell(&self, tell: ToPuller) {
        self.send.emit((tell, Vec::new()));
    }

    pub fn cancel(&self, id: OrderId) {
        self.tell(ToPuller::Cancel { id });
        self.on_act.emit(Act::Cancelled(id));
    }

    pub fn forget(&self, id: OrderId) {
        self.on_act.emit(Act::Forget(id));
    }
}

/// Starts the puller with the module, and keeps what it tells.
#[hook]
pub fn use_puller() -> Puller {
    let desk = use_reducer(Desk::default);
    let next = use_memo((), |()| Cell::new(0));
    let dispatch = desk.dispatcher();
    let on_act = use_memo((), move |()| Callback::from(move |act| dispatch.dispatch(act)));
    let on_act = (*on_act).clone();
    let worker = {
        let on_act = on_act.clone();
        use_memo((), move |()| {
            let worker = Handle::<ToPuller, FromPuller>::start(PULLER, move |message| {
                let Message { head, files, .. } = message;
                if let (FromPuller::Saved { name, .. }, Some(file)) = (&head, files.first()) {
                    save_blob(file, name);
                }
                on_act.emit(Act::Heard(Box::new(head)));
            });
            if let Ok(worker) = &worker {
                worker.send(Message::new(ToPuller::Look));
            }
            worker.ok()
        })
    };
    let send = use_memo((), move |()| {
        Callback::from(move |(head, files): (ToPuller, Vec<File>)| {
            if let Some(worker) = &*worker {
                worker.send(Message::new(head).with_files(files));
            }
        })
    });
    Puller { desk: Rc::new((*desk).clone()), next, on_act, send: (*send).clone() }
}
