//! One pull under way: what the state machine asks for, done by the browser.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use layerlab_core::{
    digest::{Algorithm, Digest},
    limits::Limits,
    registry::{
        http::{Now, Request, RequestId},
        pull::{
            Found, Options, Progress, Pull, Ready, Write,
            error::{Problem, PullError, What},
            event::{Action, Event},
            limits::PullLimits,
        },
    },
    store::{Document, ImageName, ImageRecord, LayerAction, LayerFacts, Policy, PullEvent, plan},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::{changed, fetch, millis, open, post, shop::Shop};
use crate::{
    opfs::{Lock, Part, Trouble, blob_lock},
    protocol::{BlobProgress, Failure, FromPuller, Order, OrderId},
};

/// Milliseconds between two messages of progress.
const PROGRESS_MILLIS: u64 = 100;

pub struct Run {
    pub id: OrderId,
    name: ImageName,
    pull: RefCell<Pull>,
    flights: RefCell<BTreeMap<RequestId, AbortController>>,
    /// The blobs that are being written, and the locks that no other tab has meanwhile.
    parts: RefCell<BTreeMap<usize, Part>>,
    locks: RefCell<BTreeMap<usize, Lock>>,
    script: RefCell<Script>,
    shown: Cell<u64>,
    /// Bytes of each blob that came in this pull.
    fetched: RefCell<BTreeMap<usize, u64>>,
    over: Cell<bool>,
}

/// The steps of the pull as they were planned, told as they come true: none before its turn.
#[derive(Default)]
struct Script {
    planned: VecDeque<PullEvent>,
    told: Vec<PullEvent>,
    verified: BTreeMap<usize, bool>,
    facts: BTreeMap<usize, LayerFacts>,
}

impl Run {
    /// `layers` is false to stop after the config.
    pub fn start(id: OrderId, order: Order, layers: bool) -> Rc<Self> {
        let Order { reference, source, platform } = order;
        let name = ImageName {
            host: reference.domain().into(),
            path: reference.path().into(),
            tag: reference.tag().map_or_else(|| untagged(reference.digest()), str::to_owned),
        };
        let options = Options { reference, source, platform, layers, limits: PullLimits::default() };
        let run = Rc::new(Self {
            id,
            name,
            pull: RefCell::new(Pull::new(options, now())),
            flights: RefCell::default(),
            parts: RefCell::default(),
            locks: RefCell::default(),
            script: RefCell::default(),
            shown: Cell::new(0),
            fetched: RefCell::default(),
            over: Cell::new(false),
        });
        if layers {
            post(FromPuller::Told { id, event: PullEvent::Ask { name: run.name.clone() } });
        }
        run.turn();
        run
    }

    pub fn is_over(&self) -> bool {
        self.over.get()
    }

    /// Stops; what is written of blobs stays for the next time.
    pub fn cancel(self: &Rc<Self>) {
        self.pull.borrow_mut().cancel();
        self.turn();
        self.end();
    }

    /// Does all that the state machine asks for.
    fn turn(self: &Rc<Self>) {
        loop {
            let action = self.pull.borrow_mut().next_action();
            let Some(action) = action else { return };
            match action {
                Action::Send { id, request } => {
                    if let Ok(abort) = AbortController::new() {
                        self.flights.borrow_mut().insert(id, abort.clone());
                        spawn_local(self.clone().fly(id, request, abort));
                    }
                }
                Action::Abort { id } => {
                    if let Some(abort) = self.flights.borrow_mut().remove(&id) {
                        abort.abort();
                    }
                }
                Action::Wake { millis: at } => spawn_local(self.clone().sleep(at)),
                Action::Choose => spawn_local(self.clone().choose()),
                Action::Prepare { blob, digest, .. } => spawn_local(self.clone().prepare(blob, digest)),
                Action::Discard { blob } => self.discard(blob),
                Action::Keep { blob, algorithm } => spawn_local(self.clone().keep(blob, algorithm)),
                Action::Say(event) => self.hear(event),
                Action::Done(found) => spawn_local(self.clone().done(found)),
                Action::Failed(error) => {
                    post(FromPuller::Failed { id: self.id, failure: Failure::Pull(error) });
                    self.end();
                    spawn_local(changed());
                }
            }
        }
    }

    async fn fly(self: Rc<Self>, id: RequestId, request: Request, abort: AbortController) {
        let flying = || self.flights.borrow().contains_key(&id);
        let mut incoming = match fetch::send(&request, &abort).await {
            Ok(incoming) => incoming,
            Err(_) if !flying() => return,
            Err(_) => return self.landed(id, |pull| pull.failed(id, now())),
        };
        self.pull.borrow_mut().response(id, incoming.head.clone(), now());
        self.turn();
        while flying() {
            match incoming.next().await {
                Ok(Some(bytes)) => {
                    let place = self.pull.borrow_mut().data(id, &bytes);
                    self.turn();
                    if let Some(place) = place {
                        self.write(place, &bytes).await;
                    }
                }
                _ if !flying() => return,
                Ok(None) => return self.landed(id, |pull| pull.ended(id, now())),
                Err(_) => return self.landed(id, |pull| pull.failed(id, now())),
            }
        }
    }

    fn landed(self: &Rc<Self>, id: RequestId, tell: impl FnOnce(&mut Pull)) {
        self.flights.borrow_mut().remove(&id);
        tell(&mut self.pull.borrow_mut());
        self.turn();
        self.show(true);
    }

    /// Only one request at a time writes a blob, so that its part can be taken out while it is written.
    async fn write(self: &Rc<Self>, Write { blob, offset }: Write, bytes: &[u8]) {
        let Some(mut part) = self.parts.borrow_mut().remove(&blob) else { return };
        let written = part.write(offset, bytes).await;
        if !self.over.get() {
            self.parts.borrow_mut().insert(blob, part);
        }
        *self.fetched.borrow_mut().entry(blob).or_default() += bytes.len() as u64;
        match written {
            Ok(()) => self.show(false),
            Err(trouble) => self.no_storage(blob, trouble),
        }
    }

    async fn sleep(self: Rc<Self>, at: u64) {
        let wait = at.saturating_sub(millis());
        gloo_timers::future::sleep(Duration::from_millis(wait)).await;
        // A timer of the browser may be early by what its clock does not show.
        self.pull.borrow_mut().wake(Now { millis: at.max(millis()), ..now() });
        self.turn();
    }

    /// The documents are verified: plans what has to come.
    async fn choose(self: Rc<Self>) {
        let found = self.pull.borrow().found().cloned();
        let shop = match Shop::open().await {
            Ok(shop) => shop,
            Err(trouble) => return self.no_storage(0, trouble),
        };
        let Some(found) = found else { return };
        let store = shop.read().await;
        let record = match record(&found) {
            Ok(record) => record,
            Err(sentence) => return self.broken(sentence),
        };
        let plan = plan(&store, &self.name, &record, Policy::ByContent);
        let mut script = self.script.borrow_mut();
        // The first has been told already.
        script.planned = plan.events.into_iter().skip_while(|event| matches!(event, PullEvent::Ask { .. })).collect();
        script.told.push(PullEvent::Ask { name: self.name.clone() });
        drop(script);
        let layers: Vec<Vec<usize>> = self.pull.borrow().blobs().map(|blob| blob.layers).collect();
        let comes = |layer: &usize| plan.layers.get(*layer).is_some_and(|layer| layer.action == LayerAction::Fetch);
        let wanted: Vec<bool> = layers.iter().map(|layers| layers.iter().any(comes)).collect();
        self.pull.borrow_mut().fetch(|blob| wanted.get(blob).copied().unwrap_or(true));
        self.tell();
        self.turn();
    }

    /// Makes ready for a blob: what is here of it, whole or in part, is told first, and hashed like what comes.
    async fn prepare(self: Rc<Self>, blob: usize, digest: Digest) {
        let prepared = async {
            let shop = Shop::open().await?;
            // Another tab that fetches the same blob has it until it is whole, or has failed.
            let lock = blob_lock(&digest).await;
            let mut part = shop.shelf.part(&digest).await?;
            let mut take = |bytes: &[u8]| self.pull.borrow_mut().kept(blob, bytes);
            match shop.shelf.get(&digest).await {
                Some(kept) => {
                    let mut reader = kept.reader().map_err(|error| Trouble::Other(error.to_string()))?;
                    let mut at = 0;
                    let mut buffer = vec![0; 1 << 20];
                    part.clear();
                    loop {
                        let read = reader.read(&mut buffer).map_err(|error| Trouble::Other(error.to_string()))?;
                        if read == 0 {
                            break;
                        }
                        take(&buffer[..read]);
                        part.write(at, &buffer[..read]).await?;
                        at += read as u64;
                    }
                }
                None => part.feed(&mut take).await?,
            }
            Ok((lock, part))
        };
        match prepared.await {
            Ok(_) if self.over.get() => {}
            Ok((lock, part)) => {
                self.locks.borrow_mut().insert(blob, lock);
                self.parts.borrow_mut().insert(blob, part);
                self.pull.borrow_mut().ready(blob, Ready::Fetch, now());
                self.turn();
            }
            Err(trouble) => self.no_storage(blob, trouble),
        }
    }

    fn discard(&self, blob: usize) {
        if let Some(part) = self.parts.borrow_mut().get_mut(&blob) {
            part.clear();
        }
    }

    /// A blob is whole: reads it back, opens it, and gives it its name.
    async fn keep(self: Rc<Self>, blob: usize, algorithm: Algorithm) {
        let Some(part) = self.parts.borrow_mut().remove(&blob) else { return };
        let progress = self.pull.borrow().blobs().nth(blob);
        let Some(Progress { digest, size, .. }) = progress else { return };
        let kept = async {
            let shop = Shop::open().await?;
            let kept = shop.shelf.finished(part).await?;
            // Chromium cuts a write at the quota and says that all was written.
            if kept.size() < size {
                shop.shelf.discard(&digest).await;
                return Err(Trouble::NoRoom);
            }
            let opened = open::open(&kept, &digest, &algorithm).map_err(|error| Trouble::Other(error.to_string()))?;
            // What the browser gives back is not what was written: another tab, or a damaged disk.
            if opened.blob != digest {
                shop.shelf.discard(&digest).await;
                return Err(Trouble::Other(format!("what was written as {digest} reads as {}", opened.blob)));
            }
            shop.shelf.keep(&digest, opened.blob_size).await?;
            Ok(opened)
        };
        let kept = kept.await;
        self.locks.borrow_mut().remove(&blob);
        match kept {
            Ok(opened) => {
                self.script.borrow_mut().facts.insert(blob, opened.facts);
                self.pull.borrow_mut().opened(blob, Ok(opened.diff_id));
                self.turn();
            }
            Err(trouble) => self.no_storage(blob, trouble),
        }
    }

    fn hear(&self, event: Event) {
        let blob = match &event {
            Event::Verified { blob } => Some((*blob, false)),
            Event::Opened { blob } => Some((*blob, true)),
            _ => None,
        };
        post(FromPuller::Network { id: self.id, event });
        if let Some((blob, opened)) = blob {
            self.script.borrow_mut().verified.insert(blob, opened);
            self.show(true);
            self.tell();
        }
    }

    /// Tells the planned steps that have come true, in their order.
    fn tell(&self) {
        let layers: Vec<Vec<usize>> = self.pull.borrow().blobs().map(|blob| blob.layers).collect();
        let blob_of = |layer: usize| layers.iter().position(|layers| layers.contains(&layer));
        let mut script = self.script.borrow_mut();
        while let Some(event) = script.planned.front() {
            let blob = event.layer().and_then(blob_of);
            let state = blob.and_then(|blob| script.verified.get(&blob)).copied();
            let true_now = match event {
                PullEvent::BlobVerified { .. } | PullEvent::Decompress { .. } => state.is_some(),
                // Of a layer that did not have to come nothing is opened.
                PullEvent::DiffIdVerified { .. } => state == Some(true),
                PullEvent::Register { .. } => state != Some(false),
                // The documents are kept before the image is told: see `done`.
                PullEvent::ImageRegistered { .. } | PullEvent::Tagged { .. } => false,
                _ => true,
            };
            if !true_now {
                return;
            }
            let Some(event) = script.planned.pop_front() else { return };
            let facts = blob.and_then(|blob| script.facts.get(&blob)).copied();
            let event = with_facts(event, facts);
            script.told.push(event.clone());
            post(FromPuller::Told { id: self.id, event });
        }
    }

    async fn done(self: Rc<Self>, found: Box<Found>) {
        let resolving = self.script.borrow().told.is_empty();
        if resolving {
            post(FromPuller::Found { id: self.id, found });
            return self.end();
        }
        self.tell();
        let layers: Vec<Vec<usize>> = self.pull.borrow().blobs().map(|blob| blob.layers).collect();
        let rest: Vec<PullEvent> = {
            let mut script = self.script.borrow_mut();
            let facts = std::mem::take(&mut script.facts);
            let of_layer = |layer| layers.iter().position(|layers| layers.contains(&layer)).and_then(|b| facts.get(&b));
            let rest = script.planned.drain(..).map(|event| match event {
                PullEvent::ImageRegistered { mut record } => {
                    for (index, layer) in record.layers.iter_mut().enumerate() {
                        layer.facts = of_layer(index).copied().or(layer.facts);
                    }
                    PullEvent::ImageRegistered { record }
                }
                event => event,
            });
            rest.collect()
        };
        let mut events = std::mem::take(&mut self.script.borrow_mut().told);
        events.extend(rest.iter().cloned());
        let kept = async {
            let shop = Shop::open().await?;
            for text in found.indexes.iter().chain([&found.manifest, &found.config_text]) {
                shop.shelf.put(&text.digest, &text.bytes).await?;
            }
            shop.apply(&events).await
        };
        match kept.await {
            Ok(()) => {
                rest.into_iter().for_each(|event| post(FromPuller::Told { id: self.id, event }));
                post(FromPuller::Done { id: self.id });
                self.end();
                changed().await;
            }
            Err(trouble) => {
                let error = PullError { what: What::Config, address: String::new(), problem: trouble.into() };
                post(FromPuller::Failed { id: self.id, failure: Failure::Pull(error) });
                self.end();
            }
        }
    }

    fn no_storage(self: &Rc<Self>, blob: usize, trouble: Trouble) {
        self.pull.borrow_mut().storage_failed(blob, Problem::from(trouble));
        self.turn();
    }

    fn broken(self: &Rc<Self>, sentence: String) {
        self.pull.borrow_mut().cancel();
        self.turn();
        let problem = Problem::Document { problem: sentence };
        let error = PullError { what: What::Manifest, address: String::new(), problem };
        post(FromPuller::Failed { id: self.id, failure: Failure::Pull(error) });
        self.end();
    }

    /// Closes what is open. The parts stay.
    fn end(&self) {
        self.over.set(true);
        self.parts.borrow_mut().clear();
        self.locks.borrow_mut().clear();
    }

    fn show(&self, at_once: bool) {
        let time = millis();
        if at_once || time >= self.shown.get() + PROGRESS_MILLIS {
            self.shown.set(time);
            let fetched = self.fetched.borrow();
            let pull = self.pull.borrow();
            let blobs = pull.blobs().enumerate().map(|(index, blob)| BlobProgress {
                layers: blob.layers,
                size: blob.size,
                received: blob.received,
                fetched: fetched.get(&index).copied().unwrap_or_default(),
            });
            let blobs: Vec<_> = blobs.collect();
            if !blobs.is_empty() {
                post(FromPuller::Progress { id: self.id, blobs });
            }
        }
    }
}

/// The image as its verified documents describe it.
fn record(found: &Found) -> Result<ImageRecord, String> {
    let (manifest, config) = (&found.manifest.bytes, &found.config_text.bytes);
    let record =
        ImageRecord::from_documents(manifest, config, &Limits::default()).map_err(|error| error.to_string())?;
    let document = |text: &layerlab_core::registry::pull::DocumentText| Document {
        media_type: text.media_type.clone().unwrap_or_default(),
        digest: text.digest.clone(),
        size: text.bytes.len() as u64,
    };
    Ok(ImageRecord { index: found.indexes.first().map(document), ..record })
}

fn with_facts(event: PullEvent, facts: Option<LayerFacts>) -> PullEvent {
    match event {
        PullEvent::Register { layer, chain, mut stored } => {
            stored.facts = facts.or(stored.facts);
            PullEvent::Register { layer, chain, stored }
        }
        PullEvent::Decompress { layer, blob, tar_size } => {
            PullEvent::Decompress { layer, blob, tar_size: facts.map(|facts| facts.tar_size).or(tar_size) }
        }
        event => event,
    }
}

/// What an image that was asked for by its digest alone is called.
fn untagged(digest: Option<&Digest>) -> String {
    digest.map_or_else(|| "latest".into(), |digest| format!("sha256-{}", digest.short()))
}

fn now() -> Now {
    Now { millis: millis(), chance: js_sys::Math::random() }
}
