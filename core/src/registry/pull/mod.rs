//! A pull as a state machine: requests out, responses in.
//!
//! A driver (a worker of the browser, a test) sends what [`Pull::next_action`] asks for and tells what came back. It
//! decides nothing: which document comes next, what is believed, when to try again and when to stop is all here, so
//! that a scripted registry can test it without a network.
//!
//! Invariant: nothing is believed before it is verified. A document is parsed only after its digest was computed over
//! its bytes (a tag promises none: there the computed one is what the tag meant), a blob is kept only with the digest
//! and size that the manifest names, and a layer is whole only with the diff_id that the config names.

mod blobs;
mod documents;
pub mod error;
pub mod event;
mod found;
pub mod limits;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

pub use self::found::{DocumentText, Found, FoundLayer};
use self::{
    blobs::{Blob, State},
    documents::Wanted,
    error::{Problem, PullError, What},
    event::{Action, Event},
    limits::PullLimits,
    requests::{Aim, Errand, Flight, Grant, Receiving},
};
use super::{
    http::{Head, Now, RequestId},
    reference::Reference,
    source::Source,
};
use crate::{
    digest::{Digest, Hasher},
    spec::platform::Platform,
};

/// What is to be pulled.
#[derive(Clone, Debug)]
pub struct Options {
    pub reference: Reference,
    pub source: Source,
    pub platform: Platform,
    /// False to stop after the config.
    pub layers: bool,
    pub limits: PullLimits,
}

/// One pull, from a reference to verified layers.
#[derive(Debug)]
pub struct Pull {
    options: Options,
    actions: VecDeque<Action>,
    flights: BTreeMap<RequestId, Flight>,
    next_id: u32,
    /// Errands that wait for their time, in milliseconds.
    waiting: Vec<(u64, Errand)>,
    /// Errands that wait for a token.
    parked: Vec<Errand>,
    grant: Option<Grant>,
    found: Option<Found>,
    /// What was found so far, until it is whole.
    partial: documents::Partial,
    blobs: Vec<Blob>,
    over: bool,
}

/// What the driver found when it made ready for a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// What was written before has been told by [`Pull::kept`]; the rest is to come.
    Fetch,
    /// Someone else (another tab) has brought it meanwhile.
    Present,
}

/// Where the bytes of a response belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    pub blob: usize,
    pub offset: u64,
}

/// How far one blob is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub digest: Digest,
    pub size: u64,
    pub received: u64,
    /// The layers that are made of it, base first.
    pub layers: Vec<usize>,
}

impl Pull {
    /// Begins at once: the first action asks for what the reference names.
    pub fn new(options: Options, now: Now) -> Self {
        let mut pull = Self {
            options,
            actions: VecDeque::new(),
            flights: BTreeMap::new(),
            next_id: 0,
            waiting: Vec::new(),
            parked: Vec::new(),
            grant: None,
            found: None,
            partial: documents::Partial::default(),
            blobs: Vec::new(),
            over: false,
        };
        let wanted = Wanted::first(&pull.options);
        pull.ask(wanted, now);
        pull
    }

    /// What to do next; `None` until something is told.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The verified documents, from [`Action::Choose`] on.
    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// The distinct blobs of the image, in the order of the layers that first use them.
    pub fn blobs(&self) -> impl Iterator<Item = Progress> + '_ {
        self.blobs.iter().map(Blob::progress)
    }

    /// A response has begun.
    pub fn response(&mut self, id: RequestId, head: Head, now: Now) {
        if self.flights.contains_key(&id) {
            self.receive_head(id, head, now);
        }
    }

    /// Bytes of a body. What is returned says where they are to be written.
    pub fn data(&mut self, id: RequestId, bytes: &[u8]) -> Option<Write> {
        let flight = self.flights.get_mut(&id)?;
        match &mut flight.receiving {
            Receiving::Document { body, limit } => {
                if (body.len() + bytes.len()) as u64 > *limit {
                    let limit = *limit;
                    self.fail_flight(id, Problem::TooLong { limit });
                } else {
                    body.extend_from_slice(bytes);
                }
                None
            }
            // What an error says is cut, not refused.
            Receiving::Error { body, .. } => {
                let room = (self.options.limits.small_bytes as usize).saturating_sub(body.len());
                body.extend_from_slice(&bytes[..bytes.len().min(room)]);
                None
            }
            Receiving::Blob(blob) => {
                let blob = *blob;
                self.take(id, blob, bytes)
            }
            Receiving::Head => None,
        }
    }

    /// The body has ended, as far as the driver knows regularly.
    pub fn ended(&mut self, id: RequestId, now: Now) {
        let Some(flight) = self.flights.remove(&id) else { return };
        let Flight { errand, receiving, head } = flight;
        match receiving {
            Receiving::Document { body, .. } => self.document(errand, &head, body, now),
            Receiving::Blob(blob) => self.blob_ended(errand, blob, head.headers.number("Content-Length"), now),
            Receiving::Error { status, body } => self.refused(errand, status, &body),
            Receiving::Head => self.dropped(errand, now),
        }
    }

    /// The request failed, or its body broke off. A browser says no more.
    pub fn failed(&mut self, id: RequestId, now: Now) {
        if let Some(flight) = self.flights.remove(&id) {
            self.dropped(flight.errand, now);
        }
    }

    /// The time that an [`Action::Wake`] named has come.
    pub fn wake(&mut self, now: Now) {
        let (due, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|(at, _)| *at <= now.millis);
        self.waiting = waiting;
        let due: Vec<(u64, Errand)> = due;
        due.into_iter().for_each(|(_, errand)| self.send(errand, now));
    }

    /// Says which of the blobs have to come, by their positions in [`Pull::blobs`].
    pub fn fetch(&mut self, is_wanted: impl Fn(usize) -> bool) {
        for index in 0..self.blobs.len() {
            if !is_wanted(index) && self.blobs[index].state == State::Waiting {
                self.blobs[index].state = State::Done;
                self.say(Event::AlreadyHere { blob: index });
            }
        }
        self.prepare();
    }

    /// Bytes of a blob that an earlier pull wrote, from its start on, before [`Pull::ready`].
    pub fn kept(&mut self, blob: usize, bytes: &[u8]) {
        if let Some(blob) = self.blobs.get_mut(blob) {
            blob.keep(bytes);
        }
    }

    /// The driver is ready to take a blob, after [`Action::Prepare`].
    pub fn ready(&mut self, blob: usize, ready: Ready, now: Now) {
        if !self.over && self.blobs.get(blob).is_some_and(|blob| blob.state == State::Preparing) {
            self.begin_blob(blob, ready, now);
        }
    }

    /// A kept blob was decompressed to its end: the digest of what came out, or why that failed.
    pub fn opened(&mut self, blob: usize, outcome: Result<Digest, String>) {
        if !self.over && self.blobs.get(blob).is_some_and(|blob| blob.state == State::Opening) {
            self.check_diff_ids(blob, outcome);
        }
    }

    /// The store could not take a blob.
    pub fn storage_failed(&mut self, blob: usize, problem: Problem) {
        self.fail(PullError { what: What::Blob(blob), address: String::new(), problem });
    }

    /// Stops. What was written of blobs stays, for a later pull to go on from.
    pub fn cancel(&mut self) {
        self.stop();
        self.actions.retain(|action| matches!(action, Action::Abort { .. }));
    }

    fn say(&mut self, event: Event) {
        self.actions.push_back(Action::Say(event));
    }

    fn fail(&mut self, error: PullError) {
        if !self.over {
            self.stop();
            self.actions.push_back(Action::Failed(error));
        }
    }

    fn fail_flight(&mut self, id: RequestId, problem: Problem) {
        if let Some(flight) = self.flights.get(&id) {
            let (what, address) = (flight.errand.what(), flight.errand.address.clone());
            self.fail(PullError { what, address, problem });
        }
    }

    fn stop(&mut self) {
        let ids: Vec<RequestId> = std::mem::take(&mut self.flights).into_keys().collect();
        self.actions.extend(ids.into_iter().map(|id| Action::Abort { id }));
        self.waiting.clear();
        self.parked.clear();
        self.over = true;
    }
}

/// The digest of `bytes` in the algorithm of `like`; `None` where that is not computed here.
fn digest_like(like: &Digest, bytes: &[u8]) -> Option<Digest> {
    let mut hasher = Hasher::new(like.algorithm())?;
    hasher.update(bytes);
    Some(hasher.finish())
}

impl Aim {
    fn what(&self) -> What {
        match self {
            Self::Document(wanted) => wanted.what,
            Self::Token => What::Token,
            Self::Blob(blob) => What::Blob(*blob),
        }
    }
}
