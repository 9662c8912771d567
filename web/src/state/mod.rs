//! The page's state: plain data, one action, a pure fold.

mod archive;
mod pace;
mod shared;

pub use archive::{Archive, Blob, Phase, Tally, Trusted};
pub use pace::Pace;
pub use shared::Shared;

use layerlab_core::archive::{BlobId, ImageArchive};

use crate::{
    bridge::Event,
    protocol::{ArchiveId, Passes, SourceInfo},
};

/// The sample that the home page draws is read like any other archive, and is none of the visitor's.
pub const DEMO: ArchiveId = ArchiveId(u32::MAX);

/// Everything the page knows that its address does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// In the order they were opened.
    pub archives: Vec<Shared<Archive>>,
    pub demo: Option<Shared<Archive>>,
    pub news: Option<News>,
}

/// What can change the state.
#[derive(Clone, Debug)]
pub enum Action {
    /// A file was accepted; `at` is the page's clock.
    Accepted {
        id: ArchiveId,
        source: SourceInfo,
        at: f64,
    },
    /// What the workers told since the last time, and when they were heard.
    Heard {
        events: Vec<Event>,
        now: f64,
    },
    Cancelled(ArchiveId),
    Closed(ArchiveId),
    /// Something was pasted to be held against an archive.
    Asked {
        id: ArchiveId,
        text: String,
    },
}

/// What is worth announcing to someone who does not see the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    pub id: ArchiveId,
    pub name: String,
    pub what: Milestone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Milestone {
    Accepted,
    Planned {
        images: usize,
        layers: usize,
    },
    /// A quarter, a half, three quarters of the bytes.
    Percent(u64),
    Verified {
        layers: usize,
    },
    Mismatches {
        count: usize,
    },
    Failed,
    Cancelled,
    Closed,
}

impl State {
    pub fn archive(&self, id: ArchiveId) -> Option<&Shared<Archive>> {
        if id == DEMO { self.demo.as_ref() } else { self.archives.iter().find(|archive| archive.id == id) }
    }

    /// By its key, or by the number that stood in its address before the content was known.
    pub fn by_key(&self, key: &str) -> Option<&Shared<Archive>> {
        let number = key.strip_prefix("opened-").and_then(|number| number.parse().ok());
        let is = |archive: &&Shared<Archive>| archive.key == key || number == Some(archive.id.0);
        self.archives.iter().find(is)
    }

    /// The state after `action`.
    pub fn after(mut self, action: Action) -> Self {
        match action {
            Action::Accepted { id: DEMO, source, at } => {
                self.demo = Some(Shared::new(Archive::new(DEMO, source, at)));
            }
            Action::Accepted { id, source, at } => {
                self.archives.push(Shared::new(Archive::new(id, source, at)));
                self.announce(id, Milestone::Accepted);
            }
            Action::Heard { events, now } => events.into_iter().for_each(|event| self.hear(event, now)),
            Action::Cancelled(id) => {
                if let Some(archive) = self.change(id).filter(|archive| archive.is_busy()) {
                    archive.phase = Phase::Cancelled;
                    self.announce(id, Milestone::Cancelled);
                }
            }
            Action::Closed(DEMO) => self.demo = None,
            Action::Closed(id) => {
                self.announce(id, Milestone::Closed);
                self.archives.retain(|archive| archive.id != id);
            }
            Action::Asked { id, text } => {
                if let Some(archive) = self.change(id) {
                    archive.trust = (!text.trim().is_empty()).then(|| Shared::new(Trusted { text, answers: None }));
                }
            }
        }
        self
    }

    fn hear(&mut self, event: Event, now: f64) {
        match event {
            Event::Opening { id, outer, done, total } => {
                if let Some(archive) = self.busy(id) {
                    archive.phase = Phase::Opening { outer, done, total };
                    archive.pace.observe(now, done);
                }
            }
            Event::Planned { id, plan, passes } => self.planned(id, plan.into(), passes, now),
            Event::LayerProgress { id, blob, stored } => {
                self.progress(id, now, blob, Blob::Reading(stored));
            }
            Event::LayerRead { id, blob, summary } => {
                self.progress(id, now, blob, Blob::Read(summary.into()));
            }
            Event::LayerFailed { id, blob, failure } => {
                self.progress(id, now, blob, Blob::Failed(Shared::new(failure)));
            }
            Event::Done { id, report } => {
                let Some(archive) = self.busy(id) else { return };
                archive.phase = Phase::Done;
                let checks = report.images.iter().flat_map(|image| &image.checks);
                let count = checks.filter(|check| check.verdict == layerlab_core::verify::Verdict::Mismatch).count();
                let layers = archive.blobs.len();
                archive.report = Some(report.into());
                let verified = count == 0;
                self.announce(
                    id,
                    if verified { Milestone::Verified { layers } } else { Milestone::Mismatches { count } },
                );
            }
            Event::Trust { id, answers } => {
                if let Some(trust) = self.change(id).and_then(|archive| archive.trust.as_mut()) {
                    trust.make_mut().answers = Some(answers);
                }
            }
            Event::Failed { id, failure } => {
                if let Some(archive) = self.busy(id) {
                    archive.phase = Phase::Failed(Shared::new(failure));
                    self.announce(id, Milestone::Failed);
                }
            }
            // The bytes go to the disk; nothing here depends on them.
            Event::Json { .. } => {}
        }
    }

    fn planned(&mut self, id: ArchiveId, plan: Shared<ImageArchive>, passes: Passes, now: f64) {
        let taken: Vec<String> = self.archives.iter().filter(|a| a.id != id).map(|a| a.key.clone()).collect();
        let Some(archive) = self.busy(id) else { return };
        archive.pace = Pace::default();
        archive.pace.observe(now, 0);
        let what = Milestone::Planned { images: plan.images.len(), layers: plan.blobs.len() };
        archive.plan(plan, passes);
        let key = archive.config_digest().map_or_else(|| unnamed_key(&archive.source), |d| d.short().to_owned());
        archive.key = if taken.contains(&key) { format!("{key}-{}", id.0) } else { key };
        self.announce(id, what);
    }

    fn progress(&mut self, id: ArchiveId, now: f64, blob: BlobId, state: Blob) {
        let Some(archive) = self.busy(id) else { return };
        let Tally { done: before, total } = archive.bytes;
        archive.record(blob, state);
        let done = archive.bytes.done;
        archive.pace.observe(now, done);
        // Small archives are over before a sentence about them can be heard.
        if total < ANNOUNCED_BYTES {
            return;
        }
        let quarter = |bytes: u64| bytes.saturating_mul(4) / total;
        if quarter(done) > quarter(before) && done < total {
            self.announce(id, Milestone::Percent(quarter(done) * 25));
        }
    }

    /// An archive that still listens: what arrives after Cancel or Close came too late.
    fn busy(&mut self, id: ArchiveId) -> Option<&mut Archive> {
        self.change(id).filter(|archive| archive.is_busy())
    }

    fn change(&mut self, id: ArchiveId) -> Option<&mut Archive> {
        let found = if id == DEMO { self.demo.as_mut() } else { self.archives.iter_mut().find(|a| a.id == id) };
        found.map(Shared::make_mut)
    }

    fn announce(&mut self, id: ArchiveId, what: Milestone) {
        if let Some(archive) = self.archives.iter().find(|archive| archive.id == id) {
            self.news = Some(News { id, name: archive.source.name.clone(), what });
        }
    }
}

impl yew::Reducible for State {
    type Action = Action;

    fn reduce(self: std::rc::Rc<Self>, action: Action) -> std::rc::Rc<Self> {
        let state = std::rc::Rc::unwrap_or_clone(self);
        state.after(action).into()
    }
}

/// Archives below this size pass without announcing their progress.
const ANNOUNCED_BYTES: u64 = 64 << 20;

/// A bare layer has no config: its name and size are all that can find it again.
fn unnamed_key(source: &SourceInfo) -> String {
    let text = format!("{}\n{}", source.name, source.size);
    format!("file-{}", &layerlab_core::digest::Digest::sha256(text.as_bytes()).short())
}

#[cfg(test)]
mod tests;
