//! The page's side of the worker boundary: starts, queues and terminates workers.
//!
//! Each archive has a tree worker; its layers are read by a pool that all archives share. Cancelling terminates the
//! tree worker and every pool worker that is busy with the archive: a worker inside a long parse hears no message.

mod event;
pub mod handle;
mod pool;
mod schedule;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::{Rc, Weak},
    time::Duration,
};

use js_sys::ArrayBuffer;
use layerlab_core::{
    archive::{BlobId, ImageArchive},
    layer::{LayerSummary, changeset::ContentKey},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageChannel, MessagePort};
use yew::Callback;

pub use self::event::Event;
use self::{
    pool::Pool,
    schedule::{Errand, Schedule, Slot},
};
use crate::{
    protocol::{
        ArchiveId, Failure, FailureCode, FromArchive, FromLayers, FromWorker, LayerJob, LayerJobs, Message, Passes,
        SourceInfo, ToArchive, ToExplorer, ToWorker,
    },
    worker::sweep_spools,
};

/// A worker of the program `worker`, or of the program `explorer`: they speak one protocol.
type Handle = handle::Handle<ToWorker, FromWorker>;

const WORKER: &str = "worker";
const EXPLORER: &str = "explorer";

/// A browser needs a moment to close the files of a worker that it ends.
const SWEEP_DELAY: Duration = Duration::from_secs(2);

/// Clones share the workers; the last one dropped ends them.
#[derive(Clone, Debug)]
pub struct Bridge {
    desk: Rc<RefCell<Desk>>,
    on_event: Callback<Event>,
}

#[derive(Debug)]
struct Desk {
    bridge: Weak<RefCell<Desk>>,
    on_event: Callback<Event>,
    archives: BTreeMap<ArchiveId, Opened>,
    schedule: Schedule,
    pool: Pool,
    /// One for all archives of the visit, so that the content of one can be compared with that of another.
    key: Option<ContentKey>,
}

#[derive(Debug)]
struct Opened {
    tree: Handle,
    /// The files that layers are read from: what was opened, or the spool.
    files: Vec<File>,
    key: ContentKey,
    plan: Option<Rc<ImageArchive>>,
    source: SourceInfo,
    passes: Passes,
    /// Started when it is first asked for; the tree worker has handed everything over to it.
    explorer: Option<Handle>,
}

impl Bridge {
    /// Removes what earlier pages left behind; workers are started when something is opened.
    pub fn new(on_event: Callback<Event>) -> Self {
        spawn_local(sweep_spools());
        let desk = Rc::new_cyclic(|bridge| {
            RefCell::new(Desk {
                bridge: bridge.clone(),
                on_event: on_event.clone(),
                archives: BTreeMap::new(),
                schedule: Schedule::new(cores()),
                pool: Pool::default(),
                key: None,
            })
        });
        Self { desk, on_event }
    }

    /// Opens a file, or the files of a folder; all that follows comes as events with `id`.
    pub fn open(&self, id: ArchiveId, files: Vec<File>, info: SourceInfo) {
        let opened = self.desk.borrow_mut().open(id, files, info);
        if let Err(thrown) = opened {
            let sentence = format!("No worker could be started: {thrown:?}.");
            self.on_event.emit(Event::Failed { id, failure: Failure::new(FailureCode::Crashed, sentence) });
        }
    }

    /// Stops reading at once and forgets the archive. Other archives are unharmed, and no event follows.
    pub fn cancel(&self, id: ArchiveId) {
        let events = self.desk.borrow_mut().close(id);
        self.emit(events);
    }

    /// The same as [`Bridge::cancel`], for an archive that is done.
    pub fn close(&self, id: ArchiveId) {
        self.cancel(id);
    }

    /// Asks for [`Event::Json`].
    pub fn export_json(&self, id: ArchiveId) {
        self.desk.borrow().tell(id, ToArchive::ExportJson);
    }

    /// Asks for [`Event::Trust`].
    pub fn trust(&self, id: ArchiveId, text: String) {
        self.desk.borrow().tell(id, ToArchive::Trust { text });
    }

    /// A port to the archive's explorer, which is started with the first. `None` before the members are listed, and
    /// where no worker can be started.
    pub fn explorer(&self, id: ArchiveId) -> Option<MessagePort> {
        self.desk.borrow_mut().explorer(id).ok()
    }

    /// The files that the layers of the archive are in.
    pub fn files(&self, id: ArchiveId) -> Vec<File> {
        self.desk.borrow().archives.get(&id).map(|opened| opened.files.clone()).unwrap_or_default()
    }

    fn emit(&self, events: Vec<Event>) {
        events.into_iter().for_each(|event| self.on_event.emit(event));
    }
}

impl Desk {
    fn open(&mut self, id: ArchiveId, files: Vec<File>, source: SourceInfo) -> Result<(), JsValue> {
        let tree = Handle::start(WORKER, self.hears(move |desk, message| desk.hear_tree(id, message)))?;
        let key = match self.key {
            Some(key) => key,
            None => *self.key.insert(content_key()?),
        };
        let open = ToArchive::Open { source: source.clone(), key };
        tree.send(Message::new(ToWorker::Archive(open)).with_files(files.clone()));
        let opened = Opened { tree, files, key, plan: None, source, passes: Passes::Direct, explorer: None };
        self.archives.insert(id, opened);
        Ok(())
    }

    fn explorer(&mut self, id: ArchiveId) -> Result<MessagePort, JsValue> {
        // A crash of the explorer ends it, and the clients hear nothing: the next one that asks gets a word.
        let hear = self.hears(move |desk, message| {
            if matches!(message.head, FromWorker::Crashed)
                && let Some(opened) = desk.archives.get_mut(&id)
            {
                opened.explorer = None;
            }
            Vec::new()
        });
        let opened = self.archives.get_mut(&id).filter(|opened| opened.plan.is_some()).ok_or("not open")?;
        let send = |explorer: &Handle, head, files: Vec<File>, port| {
            explorer.send(Message::new(ToWorker::Explorer(head)).with_files(files).with_port(port));
        };
        if opened.explorer.is_none() {
            let (explorer, channel) = (Handle::start(EXPLORER, hear)?, MessageChannel::new()?);
            let (source, passes, key) = (opened.source.clone(), opened.passes, opened.key);
            send(&explorer, ToExplorer::Begin { source, passes, key }, opened.files.clone(), channel.port1());
            let hand_over = ToWorker::Archive(ToArchive::HandOver);
            opened.tree.send(Message::new(hand_over).with_port(channel.port2()));
            opened.explorer = Some(explorer);
        }
        let channel = MessageChannel::new()?;
        if let Some(explorer) = &opened.explorer {
            send(explorer, ToExplorer::Client, Vec::new(), channel.port1());
        }
        Ok(channel.port2())
    }

    fn close(&mut self, id: ArchiveId) -> Vec<Event> {
        let Some(opened) = self.archives.remove(&id) else { return Vec::new() };
        drop(opened);
        for slot in self.schedule.cancel(id) {
            self.pool.end(slot);
        }
        spawn_local(async {
            gloo_timers::future::sleep(SWEEP_DELAY).await;
            sweep_spools().await;
        });
        self.dispatch()
    }

    fn tell(&self, id: ArchiveId, head: ToArchive) {
        if let Some(opened) = self.archives.get(&id) {
            opened.tree.send(Message::new(ToWorker::Archive(head)));
        }
    }

    /// What is done with a message once the desk is free; the events are emitted when it is free again, because the
    /// page may answer one by a call.
    fn hears(
        &self,
        hear: impl Fn(&mut Desk, Message<FromWorker>) -> Vec<Event> + 'static,
    ) -> impl Fn(Message<FromWorker>) + 'static {
        let (bridge, on_event) = (self.bridge.clone(), self.on_event.clone());
        move |message| {
            let Some(desk) = bridge.upgrade() else { return };
            let events = hear(&mut desk.borrow_mut(), message);
            events.into_iter().for_each(|event| on_event.emit(event));
        }
    }

    fn hear_tree(&mut self, id: ArchiveId, message: Message<FromWorker>) -> Vec<Event> {
        let Message { head, files, buffer, .. } = message;
        match head {
            FromWorker::Archive(FromArchive::Opening { outer, done, total }) => {
                vec![Event::Opening { id, outer, done, total }]
            }
            FromWorker::Archive(FromArchive::Planned { plan, passes }) => {
                self.planned(id, (*plan).into(), passes, files)
            }
            FromWorker::Archive(FromArchive::LayerProgress { blob, stored }) => {
                vec![Event::LayerProgress { id, blob, stored }]
            }
            FromWorker::Archive(FromArchive::LayerRead { blob, summary }) => {
                vec![Event::LayerRead { id, blob, summary: summary.into() }]
            }
            FromWorker::Archive(FromArchive::Done { report }) => vec![Event::Done { id, report: (*report).into() }],
            FromWorker::Archive(FromArchive::Json) => {
                buffer.into_iter().map(|bytes| Event::Json { id, bytes }).collect()
            }
            FromWorker::Archive(FromArchive::Trust { answers }) => vec![Event::Trust { id, answers }],
            FromWorker::Archive(FromArchive::Failed(failure)) => self.fail(id, failure),
            FromWorker::Crashed => self.fail(id, Failure::crashed()),
            FromWorker::Ready | FromWorker::Layers(_) => Vec::new(),
        }
    }

    fn planned(&mut self, id: ArchiveId, plan: Rc<ImageArchive>, passes: Passes, spool: Vec<File>) -> Vec<Event> {
        let Some(opened) = self.archives.get_mut(&id) else { return Vec::new() };
        opened.plan = Some(plan.clone());
        opened.passes = passes;
        if passes == Passes::Spooled {
            opened.files = spool;
        }
        if passes != Passes::Two {
            let blobs = plan.blobs.iter().enumerate().map(|(index, blob)| (BlobId(index as u32), blob.location));
            self.schedule.enqueue(id, blobs);
        }
        let mut events = vec![Event::Planned { id, plan, passes }];
        events.extend(self.dispatch());
        events
    }

    /// Sends the idle workers on their way.
    fn dispatch(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((slot, errand)) = self.schedule.next() {
            let sent = match self.message(&errand) {
                Some(message) => self.send(slot, message, errand.helped),
                None => Err(JsValue::from_str("its archive is closed")),
            };
            if sent.is_err() {
                events.extend(self.crashed(slot));
            }
        }
        events
    }

    fn send(&mut self, slot: Slot, message: Message<ToWorker>, helped: bool) -> Result<(), JsValue> {
        let hear = self.hears(move |desk, message| desk.hear_pool(slot, message));
        let (helper, message) = if helped {
            let (helper, port) = pool::start_helper(self.hears(move |desk, message| desk.hear_helper(slot, message)))?;
            (Some(helper), message.with_port(port))
        } else {
            (None, message)
        };
        self.pool.staff(slot, || Handle::start(WORKER, hear), helper)?;
        self.pool.send(slot, message);
        Ok(())
    }

    /// The errand with the files it needs, and no others: a folder may hold ten thousand.
    fn message(&self, errand: &Errand) -> Option<Message<ToWorker>> {
        let opened = self.archives.get(&errand.archive)?;
        let plan = opened.plan.as_ref()?;
        let mut volumes: BTreeMap<u32, u32> = BTreeMap::new();
        let mut files = Vec::new();
        let mut jobs = Vec::new();
        for &blob in &errand.blobs {
            let mut layer = plan.blobs.get(blob.0 as usize)?.clone();
            let file = opened.files.get(layer.location.volume as usize)?;
            layer.location.volume = *volumes.entry(layer.location.volume).or_insert_with(|| {
                files.push(file.clone());
                files.len() as u32 - 1
            });
            jobs.push(LayerJob { blob, layer });
        }
        let sizes = files.iter().map(|file| file.size() as u64).collect();
        let jobs = LayerJobs { key: opened.key, gather: errand.gather, jobs, sizes };
        Some(Message::new(ToWorker::Layers(jobs)).with_files(files))
    }

    fn hear_pool(&mut self, slot: Slot, message: Message<FromWorker>) -> Vec<Event> {
        let Some(id) = self.schedule.archive_of(slot) else { return Vec::new() };
        match message.head {
            FromWorker::Layers(FromLayers::Progress { blob, stored }) => {
                vec![Event::LayerProgress { id, blob, stored }]
            }
            FromWorker::Layers(FromLayers::Read { blob, summary }) => {
                self.schedule.answered(slot, blob);
                self.layer_read(id, blob, summary, message.buffer)
            }
            FromWorker::Layers(FromLayers::Failed { blob, failure }) => {
                self.schedule.answered(slot, blob);
                self.layer_failed(id, blob, failure)
            }
            FromWorker::Layers(FromLayers::Idle { memory }) => {
                if self.schedule.idle(slot, memory) {
                    self.pool.end(slot);
                } else {
                    self.pool.end_helper(slot);
                }
                self.dispatch()
            }
            FromWorker::Crashed => self.crashed(slot),
            FromWorker::Ready | FromWorker::Archive(_) => Vec::new(),
        }
    }

    /// A helper says nothing here but that it died, and the worker that it helps would wait for it forever.
    fn hear_helper(&mut self, slot: Slot, message: Message<FromWorker>) -> Vec<Event> {
        match message.head {
            FromWorker::Crashed => self.crashed(slot),
            _ => Vec::new(),
        }
    }

    fn crashed(&mut self, slot: Slot) -> Vec<Event> {
        self.pool.end(slot);
        let Some((id, blob)) = self.schedule.crashed(slot) else { return self.dispatch() };
        let mut events = self.layer_failed(id, blob, Failure::crashed());
        events.extend(self.dispatch());
        events
    }

    fn layer_read(
        &self,
        id: ArchiveId,
        blob: BlobId,
        summary: LayerSummary,
        buffer: Option<ArrayBuffer>,
    ) -> Vec<Event> {
        let (Some(opened), Some(buffer)) = (self.archives.get(&id), buffer) else { return Vec::new() };
        let head = ToArchive::Layer { blob, summary: summary.clone() };
        opened.tree.send(Message::new(ToWorker::Archive(head)).with_buffer(buffer));
        vec![Event::LayerRead { id, blob, summary: summary.into() }]
    }

    /// A file that changed makes all that was read of it worthless; any other failure is one of the layer.
    fn layer_failed(&mut self, id: ArchiveId, blob: BlobId, failure: Failure) -> Vec<Event> {
        if failure.code == FailureCode::Changed {
            return self.fail(id, failure);
        }
        self.tell(id, ToArchive::LayerFailed { blob, failure: failure.clone() });
        vec![Event::LayerFailed { id, blob, failure }]
    }

    fn fail(&mut self, id: ArchiveId, failure: Failure) -> Vec<Event> {
        if !self.archives.contains_key(&id) {
            return Vec::new();
        }
        let mut events = self.close(id);
        events.push(Event::Failed { id, failure });
        events
    }
}

fn cores() -> usize {
    web_sys::window().map_or(2, |window| window.navigator().hardware_concurrency() as usize)
}

/// A fresh random key: see [`ContentKey`].
fn content_key() -> Result<ContentKey, JsValue> {
    let mut bytes = [0; 32];
    let window = web_sys::window().ok_or("no window")?;
    window.crypto()?.get_random_values_with_u8_array(&mut bytes)?;
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    Ok(ContentKey(words))
}
