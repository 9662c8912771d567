//! The blobs of an image on their way: several at once, each hashed as it comes, continued where it broke off.

use super::{
    super::http::{ByteRange, Head, Now, RequestId},
    FoundLayer, Progress, Pull, Ready, Write,
    error::{Problem, PullError, What},
    event::{Action, Event, Why},
    requests::{Aim, Errand},
};
use crate::digest::{Digest, Hasher};

/// One distinct blob.
#[derive(Debug)]
pub(super) struct Blob {
    digest: Digest,
    size: u64,
    /// Base first.
    layers: Vec<usize>,
    pub state: State,
    received: u64,
    hasher: Hasher,
    /// Whether its bytes are of more than one response: a digest that is wrong then gets a second chance, whole.
    pieced: bool,
    restarted: bool,
    /// The most bytes that were ever here at once: a request that brings less has gained nothing.
    furthest: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Preparing,
    Coming,
    Opening,
    Done,
}

impl Blob {
    /// The distinct blobs of some layers, in the order of their first use.
    pub fn of(layers: &[FoundLayer]) -> Vec<Self> {
        let mut blobs: Vec<Self> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (index, layer) in layers.iter().enumerate() {
            let at = *places.entry(&layer.digest).or_insert(blobs.len());
            match blobs.get_mut(at) {
                Some(blob) => blob.layers.push(index),
                None => blobs.push(Self {
                    digest: layer.digest.clone(),
                    size: layer.size,
                    layers: vec![index],
                    state: State::Waiting,
                    received: 0,
                    hasher: hasher_of(&layer.digest),
                    pieced: false,
                    restarted: false,
                    furthest: 0,
                }),
            }
        }
        blobs
    }

    pub fn progress(&self) -> Progress {
        Progress { digest: self.digest.clone(), size: self.size, received: self.received, layers: self.layers.clone() }
    }

    /// What was kept of an earlier pull. More than there can be is not what it was kept as.
    pub fn keep(&mut self, bytes: &[u8]) {
        let room = usize::try_from(self.size - self.received).unwrap_or(usize::MAX);
        self.push(&bytes[..bytes.len().min(room)]);
        self.pieced = true;
    }

    fn push(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.received += bytes.len() as u64;
    }

    fn clear(&mut self) {
        self.hasher = hasher_of(&self.digest);
        self.received = 0;
        self.pieced = false;
    }
}

/// Algorithms that are not computed here were refused with the manifest.
fn hasher_of(digest: &Digest) -> Hasher {
    Hasher::new(digest.algorithm()).unwrap_or_else(Hasher::sha256)
}

impl Pull {
    /// Gets the next blobs under way; ends the pull where there are none left.
    pub(super) fn prepare(&mut self) {
        if self.over {
            return;
        }
        let busy = |blob: &&Blob| matches!(blob.state, State::Preparing | State::Coming);
        let mut room = self.options.limits.parallel.saturating_sub(self.blobs.iter().filter(busy).count());
        for (index, blob) in self.blobs.iter_mut().enumerate().filter(|(_, blob)| blob.state == State::Waiting) {
            if room == 0 {
                break;
            }
            room -= 1;
            blob.state = State::Preparing;
            let (digest, size) = (blob.digest.clone(), blob.size);
            self.actions.push_back(Action::Prepare { blob: index, digest, size });
        }
        if self.blobs.iter().all(|blob| blob.state == State::Done)
            && let Some(found) = &self.found
        {
            self.actions.push_back(Action::Done(Box::new(found.clone())));
            self.over = true;
        }
    }

    pub(super) fn begin_blob(&mut self, index: usize, ready: Ready, now: Now) {
        let Some(blob) = self.blobs.get_mut(index) else { return };
        if ready == Ready::Present {
            blob.state = State::Done;
            self.say(Event::AlreadyHere { blob: index });
            return self.prepare();
        }
        blob.state = State::Coming;
        let from = blob.received;
        self.say(Event::Fetching { blob: index, from });
        let errand = Errand::new(Aim::Blob(index), self.blob_address(index));
        self.ask_rest(errand, index, now);
    }

    /// Asks for what is missing of a blob; where nothing is, looks at its digest.
    fn ask_rest(&mut self, errand: Errand, index: usize, now: Now) {
        match self.rest(index) {
            Rest::Nothing => self.judge(errand, index, now),
            Rest::All => self.send(Errand { range: None, ..errand }, now),
            Rest::From(range) => self.send(Errand { range: Some(range), ..errand }, now),
        }
    }

    fn rest(&self, index: usize) -> Rest {
        match self.blobs.get(index) {
            Some(blob) if blob.received == blob.size => Rest::Nothing,
            Some(blob) if blob.received > 0 => {
                Rest::From(ByteRange { first: blob.received, last: blob.size.saturating_sub(1) })
            }
            _ => Rest::All,
        }
    }

    pub(super) fn blob_address(&self, index: usize) -> String {
        let digest = self.blobs.get(index).map(|blob| &blob.digest);
        digest.map(|digest| self.options.source.blob(&self.options.reference, digest)).unwrap_or_default()
    }

    /// A response to a request for a range may hold the whole: then what is kept is of no use. `Content-Range` would
    /// say more and is seldom visible to a page; the digest decides in the end.
    pub(super) fn align(&mut self, index: usize, head: &Head) {
        let Some(blob) = self.blobs.get_mut(index) else { return };
        let elsewhere = head.headers.range_start().is_some_and(|start| start != blob.received);
        if blob.received > 0 && (head.status == 200 || elsewhere) {
            blob.clear();
            self.actions.push_back(Action::Discard { blob: index });
            self.say(Event::FromTheStart { blob: index });
        }
    }

    /// Takes bytes of a blob, as many as it may have.
    pub(super) fn take(&mut self, id: RequestId, index: usize, bytes: &[u8]) -> Option<Write> {
        let blob = self.blobs.get_mut(index)?;
        let limit = blob.size;
        if bytes.len() as u64 > limit - blob.received {
            self.actions.push_back(Action::Discard { blob: index });
            self.fail_flight(id, Problem::TooLong { limit });
            return None;
        }
        let offset = blob.received;
        blob.push(bytes);
        Some(Write { blob: index, offset })
    }

    pub(super) fn blob_ended(&mut self, errand: Errand, index: usize, promised: Option<u64>, now: Now) {
        let Some(blob) = self.blobs.get_mut(index) else { return };
        if blob.received == blob.size {
            return self.judge(errand, index, now);
        }
        let problem = Problem::Truncated { expected: blob.size, found: blob.received, promised };
        let limit = self.options.limits.attempts;
        let errand = self.aligned(errand, index);
        self.again(errand, Why::Dropped, None, limit, problem, now);
    }

    /// What a broken-off errand is after its last attempt.
    pub(super) fn cut_short(&self, errand: &Errand) -> Problem {
        match errand.aim {
            Aim::Blob(index) => self.blobs.get(index).map_or(Problem::Opaque, |blob| Problem::Truncated {
                expected: blob.size,
                found: blob.received,
                promised: None,
            }),
            _ => Problem::Opaque,
        }
    }

    /// The errand for the rest of a blob. Where the last request came further than any before, the count of attempts
    /// begins anew: a connection that drops every megabyte still ends, and a server that sends the same few bytes again
    /// and again is given up.
    pub(super) fn aligned(&mut self, errand: Errand, index: usize) -> Errand {
        let range = match self.rest(index) {
            Rest::From(range) => Some(range),
            _ => None,
        };
        let Some(blob) = self.blobs.get_mut(index) else { return errand };
        blob.pieced |= blob.received > 0;
        let gained = blob.received > blob.furthest;
        blob.furthest = blob.furthest.max(blob.received);
        Errand { range, attempts: if gained { 0 } else { errand.attempts }, ..errand }
    }

    /// All bytes are there: is it the blob?
    fn judge(&mut self, errand: Errand, index: usize, now: Now) {
        let Some(blob) = self.blobs.get_mut(index) else { return };
        let found = blob.hasher.clone().finish();
        if found == blob.digest {
            blob.state = State::Opening;
            let layer = blob.layers.first().copied().unwrap_or_default();
            let diff_id = self.found.as_ref().and_then(|found| found.layers.get(layer)).map(|layer| &layer.diff_id);
            let Some(algorithm) = diff_id.map(|diff_id| diff_id.0.algorithm().clone()) else { return };
            self.say(Event::Verified { blob: index });
            self.actions.push_back(Action::Keep { blob: index, algorithm });
            return self.prepare();
        }
        let expected = blob.digest.clone();
        let second_chance = blob.pieced && !blob.restarted;
        if second_chance {
            return self.begin_anew(errand, now);
        }
        self.actions.push_back(Action::Discard { blob: index });
        self.give_up(errand, Problem::Digest { expected, found });
    }

    /// What is kept cannot be continued: once, all of it comes again.
    pub(super) fn begin_anew(&mut self, errand: Errand, now: Now) {
        let Aim::Blob(index) = errand.aim else { return };
        let Some(blob) = self.blobs.get_mut(index) else { return };
        self.actions.push_back(Action::Discard { blob: index });
        if std::mem::replace(&mut blob.restarted, true) {
            return self.give_up(errand, Problem::Status { status: 416, said: None });
        }
        blob.clear();
        self.say(Event::FromTheStart { blob: index });
        let address = self.blob_address(index);
        self.send(Errand { address, range: None, redirects: 0, ..errand }, now);
    }

    pub(super) fn check_diff_ids(&mut self, index: usize, outcome: Result<Digest, String>) {
        let Some(blob) = self.blobs.get_mut(index) else { return };
        let layers = self.found.as_ref().map(|found| found.layers.as_slice()).unwrap_or_default();
        let named = blob.layers.iter().filter_map(|layer| Some((*layer, &layers.get(*layer)?.diff_id.0)));
        let problem = match outcome {
            Err(sentence) => Some(Problem::Damaged { sentence }),
            Ok(found) => named
                .into_iter()
                .find(|(_, expected)| **expected != found)
                .map(|(layer, expected)| Problem::DiffId { layer, expected: expected.clone(), found: found.clone() }),
        };
        match problem {
            None => {
                blob.state = State::Done;
                self.say(Event::Opened { blob: index });
                self.prepare();
            }
            Some(problem) => {
                let address = self.blob_address(index);
                self.fail(PullError { what: What::Blob(index), address, problem });
            }
        }
    }
}

/// What is missing of a blob.
enum Rest {
    Nothing,
    All,
    From(ByteRange),
}
