//! The module's state: a store, and the pull that is being looked at. Plain data, one [`Action`], one reducer.

use std::rc::Rc;

use layerlab_core::{
    digest::ImageId,
    store::{
        ImageName, ImageRecord, Policy, PolicyDifference, PullEvent, PullPlan, RemoveError, Removed, Store,
        differences, plan,
    },
};
use yew::Reducible;

use crate::{
    picture::{Line, pace},
    samples::Sample,
};

#[derive(Clone, Debug, PartialEq)]
pub struct Shop {
    pub samples: Samples,
    /// As it was before the pull that is shown.
    base: Store,
    pub pull: Option<Rc<Pull>>,
    pub policy: Policy,
    pub line: Line,
    /// Times as fast as a step is looked at by itself.
    pub speed: f64,
    /// What the last removal did or why it did not, in the store's view.
    pub removed: Option<Result<Removed, RemoveError>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    Coming,
    Failed(String),
    Here(Vec<Rc<Sample>>),
}

/// A pull, and how far it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Pull {
    pub record: Rc<ImageRecord>,
    pub plan: PullPlan,
    pub differences: Vec<PolicyDifference>,
    /// Events that are shown.
    pub at: usize,
    /// Of the fetch that is under way, in thousandths.
    pub fetched: u32,
    pub playing: bool,
    /// It really went so, and was not planned.
    pub real: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Samples(Result<Vec<Rc<Sample>>, String>),
    /// Pull an image under a name, and show it from the beginning.
    Pull {
        name: ImageName,
        record: Rc<ImageRecord>,
    },
    /// A pull that was really done, into a copy of the store as it was before.
    Replay {
        base: Box<Store>,
        name: ImageName,
        record: Rc<ImageRecord>,
        events: Vec<PullEvent>,
    },
    Policy(Policy),
    Line(Line),
    Speed(f64),
    Play(bool),
    /// Show so many events.
    To(usize),
    /// Some milliseconds went by.
    Tick(u32),
    /// An image that came by another way takes its place: a pull that is over, or an archive that was opened.
    Keep {
        name: Option<ImageName>,
        record: Rc<ImageRecord>,
    },
    Remove(String),
    Tag {
        id: ImageId,
        name: ImageName,
    },
    Empty,
}

impl Action {
    /// Shows what a client told of a pull, once it is over; `store` is the store after it. `None` for one that did not
    /// come to its end, or brought nothing.
    pub fn replay(store: &Store, told: &[PullEvent]) -> Option<Self> {
        let record = told.iter().find_map(|event| match event {
            PullEvent::ImageRegistered { record } => Some(record),
            _ => None,
        })?;
        let name = told.iter().find_map(|event| match event {
            PullEvent::Tagged { name, .. } => Some(name.clone()),
            _ => None,
        })?;
        let mut base = store.clone();
        // It may be gone by now.
        let _ = base.remove(&record.id().to_string(), true);
        Some(Self::Replay { base: Box::new(base), name, record: Rc::new((**record).clone()), events: told.to_vec() })
    }
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            samples: Samples::Coming,
            base: Store::new(),
            pull: None,
            policy: Policy::Classic,
            line: Line::Middling,
            speed: 1.0,
            removed: None,
        }
    }
}

impl Shop {
    /// The store at the moment that is shown: what is half pulled is half here.
    pub fn store(&self) -> Store {
        let mut store = self.base.clone();
        if let Some(pull) = &self.pull {
            pull.shown().iter().for_each(|event| store.apply(event));
        }
        store
    }

    /// The store before the pull that is shown.
    pub fn base(&self) -> &Store {
        &self.base
    }

    pub fn sample(&self, name: &ImageName) -> Option<&Rc<Sample>> {
        match &self.samples {
            Samples::Here(samples) => samples.iter().find(|sample| sample.name == *name),
            _ => None,
        }
    }

    fn begin(&mut self, name: &ImageName, record: Rc<ImageRecord>, playing: bool) {
        let plan = plan(&self.base, name, &record, self.policy);
        let differences = differences(&self.base, name, &record);
        self.pull = Some(Rc::new(Pull { record, plan, differences, at: 0, fetched: 0, playing, real: false }));
    }

    /// The pull that is shown becomes history, as far as it is shown.
    fn settle(&mut self) {
        self.base = self.store();
        self.pull = None;
    }

    fn with_pull(&mut self, change: impl FnOnce(&mut Pull)) {
        if let Some(pull) = &mut self.pull {
            change(Rc::make_mut(pull));
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Samples(Ok(samples)) => self.samples = Samples::Here(samples),
            Action::Samples(Err(why)) => self.samples = Samples::Failed(why),
            Action::Pull { name, record } => {
                self.settle();
                self.begin(&name, record, true);
            }
            Action::Replay { base, name, record, events } => {
                self.base = *base;
                self.policy = Policy::ByContent;
                self.begin(&name, record, true);
                self.with_pull(|pull| {
                    pull.plan.events = events;
                    pull.real = true;
                });
            }
            Action::Policy(policy) => {
                self.policy = policy;
                // The same pull again, as this engine would do it; what really happens is nobody's choice.
                if let Some(pull) = self.pull.take_if(|pull| !pull.real) {
                    self.begin(&pull.plan.name, pull.record.clone(), pull.playing);
                }
            }
            Action::Line(line) => self.line = line,
            Action::Speed(speed) => self.speed = speed,
            Action::Play(playing) => self.with_pull(|pull| {
                if playing && pull.is_over() {
                    pull.go_to(0);
                }
                pull.playing = playing;
            }),
            Action::To(at) => self.with_pull(|pull| {
                pull.go_to(at);
                pull.playing = false;
            }),
            Action::Tick(milliseconds) => {
                let (line, speed) = (self.line, self.speed);
                self.with_pull(|pull| pull.tick(f64::from(milliseconds) * speed, line));
            }
            Action::Keep { name, record } => {
                self.settle();
                let name = name.unwrap_or_else(|| ImageName::parse(record.id().0.short()));
                let plan = plan(&self.base, &name, &record, Policy::ByContent);
                plan.events.iter().for_each(|event| self.base.apply(event));
            }
            Action::Remove(name) => {
                self.settle();
                self.removed = Some(self.base.remove(&name, false));
            }
            Action::Tag { id, name } => {
                self.settle();
                self.base.tag(&id, name);
            }
            Action::Empty => {
                self.pull = None;
                self.removed = None;
                self.base = Store::new();
            }
        }
    }
}

impl Reducible for Shop {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        next.act(action);
        Rc::new(next)
    }
}

impl Pull {
    pub fn shown(&self) -> &[PullEvent] {
        self.plan.events.get(..self.at).unwrap_or(&self.plan.events)
    }

    pub fn last(&self) -> Option<&PullEvent> {
        self.shown().last()
    }

    pub fn is_over(&self) -> bool {
        self.at >= self.plan.events.len()
    }

    /// The layer that is being fetched, and how many of its bytes came.
    pub fn fetching(&self) -> Option<(usize, u64)> {
        match self.last() {
            Some(PullEvent::Fetch { layer, size, .. }) => Some((*layer, size * u64::from(self.fetched) / 1_000)),
            _ => None,
        }
    }

    fn go_to(&mut self, at: usize) {
        self.at = at.min(self.plan.events.len());
        self.fetched = 0;
    }

    /// Looks on for so long: a step ends when its time is over.
    fn tick(&mut self, milliseconds: f64, line: Line) {
        if !self.playing {
            return;
        }
        let pause = self.last().map_or(300, |event| pace::pause(event, line)).max(1);
        self.fetched += (milliseconds * 1_000.0 / f64::from(pause)) as u32;
        if self.fetched >= 1_000 {
            self.go_to(self.at + 1);
            self.playing = !self.is_over();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::image;

    fn after(actions: Vec<Action>) -> Rc<Shop> {
        actions.into_iter().fold(Rc::default(), Shop::reduce)
    }

    fn pull(name: &str, layers: &[&str]) -> Action {
        Action::Pull { name: ImageName::parse(name), record: Rc::new(image(layers)) }
    }

    #[test]
    fn a_pull_plays_to_its_end_and_stops_there() {
        let ticks = std::iter::repeat_n(Action::Tick(100_000), 100);
        let shop = after([pull("a:1", &["x", "y"])].into_iter().chain(ticks).collect());
        let shown = shop.pull.as_ref().unwrap();
        assert!(shown.is_over() && !shown.playing);
        assert_eq!(shop.store().images().len(), 1);
        assert_eq!(shop.base().images().len(), 0, "it can still be taken back");
    }

    #[test]
    fn a_fetch_takes_its_time() {
        let shop = after(vec![pull("a:1", &["x"])]);
        let at = shop.pull.as_ref().unwrap().plan.events.iter().position(|event| event.key() == "fetch").unwrap() + 1;
        let shop = [Action::To(at), Action::Play(true), Action::Tick(250)].into_iter().fold(shop, Shop::reduce);
        assert_eq!(shop.pull.as_ref().unwrap().fetching(), Some((0, 50)));
        let shop = Shop::reduce(shop, Action::Tick(250));
        assert_eq!(shop.pull.as_ref().unwrap().last().unwrap().key(), "blob-verified");
    }

    #[test]
    fn what_was_shown_of_a_pull_stays_when_another_begins() {
        let half = |shop: &Shop| shop.pull.as_ref().unwrap().plan.events.iter().position(|e| e.key() == "register");
        let shop = after(vec![pull("a:1", &["x", "y"])]);
        let at = half(&shop).unwrap() + 1;
        let shop = [Action::To(at), pull("b:1", &["x", "z"])].into_iter().fold(shop, Shop::reduce);
        assert_eq!((shop.base().layers().len(), shop.base().images().len()), (1, 0));
        assert_eq!(shop.pull.as_ref().unwrap().plan.bytes.saved, 100);
    }

    #[test]
    fn another_policy_plans_the_same_pull_anew() {
        let shop = after(vec![pull("a:1", &["x"]), Action::To(usize::MAX), Action::Policy(Policy::Containerd)]);
        let shown = shop.pull.as_ref().unwrap();
        assert_eq!((shown.at, shown.plan.policy), (0, Policy::Containerd));
        assert!(shown.plan.events.iter().any(|event| event.key() == "document-missing"));
    }

    #[test]
    fn a_real_pull_is_shown_from_the_store_before_it() {
        let (record, mut store) = (Rc::new(image(&["x", "y"])), Store::new());
        let events = plan(&store, &ImageName::parse("a:1"), &record, Policy::ByContent).events;
        events.iter().for_each(|event| store.apply(event));
        let shop = after(vec![Action::replay(&store, &events).unwrap()]);
        assert_eq!((shop.base().images().len(), shop.base().layers().len()), (0, 0));
        assert_eq!(shop.pull.as_ref().unwrap().plan.events, events);
        assert!(Action::replay(&store, &events[..events.len() - 2]).is_none());
    }

    #[test]
    fn removing_tells_what_stays() {
        let shop = after(vec![
            pull("a:1", &["x", "y"]),
            Action::To(usize::MAX),
            pull("b:1", &["x"]),
            Action::To(usize::MAX),
            Action::Remove("a:1".into()),
        ]);
        let removed = shop.removed.clone().unwrap().unwrap();
        assert_eq!((removed.layers.len(), removed.kept.len()), (1, 1));
        assert_eq!(after(vec![Action::Empty]).store(), Store::new());
    }
}
