//! What a visitor can do, for any component to call.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::{File, MessagePort};
use yew::prelude::*;

use super::{Opened, handles, memory, now, save, timing};
use crate::{
    bridge::{Bridge, Event},
    protocol::ArchiveId,
    state::{Action, Archive, DEMO, State},
};

/// Commands to the workers and to the state. Cheap to clone, and always equal to itself, so that a component that
/// holds it is not drawn again when the state changes.
#[derive(Clone)]
pub struct Commands(Rc<Inner>);

struct Inner {
    dispatch: UseReducerDispatcher<State>,
    bridge: Bridge,
    next: Cell<u32>,
    /// Handles of files whose archive has no lasting name yet.
    handles: RefCell<BTreeMap<ArchiveId, JsValue>>,
}

impl Commands {
    pub fn open(&self, opened: Opened) -> ArchiveId {
        let id = ArchiveId(self.0.next.replace(self.0.next.get() + 1));
        // The picture of the home page must not take time from the visitor's own archive.
        self.close(DEMO);
        timing::mark_accepted(id);
        self.start(id, opened);
        id
    }

    /// Reads the sample whose picture the home page shows.
    pub fn open_demo(&self, opened: Opened) {
        self.start(DEMO, opened);
    }

    pub fn cancel(&self, id: ArchiveId) {
        self.0.bridge.cancel(id);
        self.0.dispatch.dispatch(Action::Cancelled(id));
    }

    pub fn close(&self, id: ArchiveId) {
        self.0.bridge.close(id);
        self.0.dispatch.dispatch(Action::Closed(id));
    }

    pub fn export_json(&self, id: ArchiveId) {
        self.0.bridge.export_json(id);
    }

    /// A port to the archive's explorer.
    pub fn explorer(&self, id: ArchiveId) -> Option<MessagePort> {
        self.0.bridge.explorer(id)
    }

    /// The files that the archive's layers are in.
    pub fn files(&self, id: ArchiveId) -> Vec<File> {
        self.0.bridge.files(id)
    }

    /// Remembers what a link to the archive needs after a reload.
    pub fn remember(&self, archive: &Archive) {
        memory::remember(archive);
        if let Some(handle) = self.0.handles.borrow_mut().remove(&archive.id) {
            wasm_bindgen_futures::spawn_local(handles::keep(archive.key.clone(), handle));
        }
    }

    /// Holds a pasted text against the images of an archive.
    pub fn ask(&self, id: ArchiveId, text: String) {
        self.0.dispatch.dispatch(Action::Asked { id, text: text.clone() });
        if !text.trim().is_empty() {
            self.0.bridge.trust(id, text);
        }
    }

    fn start(&self, id: ArchiveId, opened: Opened) {
        let Opened { source, files, handle } = opened;
        self.0.handles.borrow_mut().extend(handle.map(|handle| (id, handle)));
        self.0.dispatch.dispatch(Action::Accepted { id, source: source.clone(), at: now() });
        self.0.bridge.open(id, files, source);
    }
}

impl PartialEq for Commands {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Commands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Commands")
    }
}

/// Events wait this long to be taken together: a pool of workers reports hundreds of times a second, and each
/// change of the state draws the page.
const GATHER_MS: u32 = 40;

/// Starts the bridge; what it tells goes into `state`, gathered.
#[hook]
pub fn use_commands(state: &UseReducerHandle<State>) -> Commands {
    let dispatch = state.dispatcher();
    let names = use_mut_ref(Vec::new);
    *names.borrow_mut() = state.archives.iter().map(|archive| (archive.id, archive.source.name.clone())).collect();
    let commands = use_memo((), |()| {
        let waiting: Rc<RefCell<Vec<Event>>> = Rc::default();
        let gather = dispatch.clone();
        let on_event = Callback::from(move |event: Event| {
            if let Event::Json { id, bytes } = &event {
                let name = names.borrow().iter().find(|(other, _)| other == id).map(|(_, name)| name.clone());
                save(bytes, &format!("{}.layerlab.json", name.unwrap_or_default()));
                return;
            }
            waiting.borrow_mut().push(event);
            if waiting.borrow().len() == 1 {
                let (waiting, gather) = (Rc::clone(&waiting), gather.clone());
                let deliver = move || gather.dispatch(Action::Heard { events: waiting.take(), now: now() });
                Timeout::new(GATHER_MS, deliver).forget();
            }
        });
        Commands(Rc::new(Inner {
            dispatch,
            bridge: Bridge::new(on_event),
            next: Cell::new(1),
            handles: RefCell::default(),
        }))
    });
    Commands::clone(&commands)
}
