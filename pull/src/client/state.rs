//! What was asked of the puller and how far it is: plain data, one enum of changes, one reducer.

use std::rc::Rc;

use layerlab_core::{
    registry::pull::{Found, error::PullError, event::Event},
    store::{ImageName, ImageRecord, PullEvent, Store},
};
use yew::Reducible;

use crate::{
    opfs::Room,
    protocol::{BlobProgress, Failure, FromPuller, Order, OrderId, ToPuller},
};

/// Events of the network that are kept of one errand: enough to see what happened, and bounded.
const NETWORK_EVENTS: usize = 200;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// `None` until the puller has looked.
    pub store: Option<Rc<Store>>,
    pub room: Room,
    /// The newest first.
    pub errands: Vec<Rc<Errand>>,
}

/// Something that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Errand {
    pub id: OrderId,
    pub title: String,
    pub kind: Kind,
    /// For a pull and a look at documents.
    pub order: Option<Order>,
    pub told: Vec<PullEvent>,
    pub network: Vec<Event>,
    pub blobs: Vec<BlobProgress>,
    pub found: Option<Rc<Found>>,
    pub end: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pull,
    Resolve,
    Load,
    Save,
}

#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Done,
    Cancelled,
    Failed(Failure),
}

#[derive(Clone, Debug)]
pub enum Act {
    Asked { id: OrderId, title: String, ask: Box<ToPuller> },
    Cancelled(OrderId),
    Forget(OrderId),
    Heard(Box<FromPuller>),
}

impl Desk {
    pub fn errand(&self, id: OrderId) -> Option<&Rc<Errand>> {
        self.errands.iter().find(|errand| errand.id == id)
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Asked { id, title, ask } => {
                self.errands.extend(Errand::of(id, title, *ask).map(Rc::new));
                self.errands.sort_by_key(|errand| std::cmp::Reverse(errand.id));
            }
            Act::Cancelled(id) => self.with(id, |errand| errand.end = errand.end.take().or(Some(End::Cancelled))),
            Act::Forget(id) => self.errands.retain(|errand| errand.id != id),
            Act::Heard(message) => self.hear(*message),
        }
    }

    fn hear(&mut self, message: FromPuller) {
        match message {
            FromPuller::Ready => {}
            FromPuller::Store { store, room } => {
                self.store = Some(Rc::new(*store));
                self.room = room;
            }
            FromPuller::Told { id, event } => self.with(id, |errand| errand.told.push(event)),
            FromPuller::Network { id, event } => self.with(id, |errand| {
                if errand.network.len() < NETWORK_EVENTS {
                    errand.network.push(event);
                }
            }),
            FromPuller::Progress { id, blobs } => self.with(id, |errand| errand.blobs = blobs),
            FromPuller::Found { id, found } => self.with(id, |errand| {
                errand.found = Some(Rc::new(*found));
                errand.end = Some(End::Done);
            }),
            FromPuller::Done { id } | FromPuller::Saved { id, .. } => {
                self.with(id, |errand| errand.end = errand.end.take().or(Some(End::Done)));
            }
            FromPuller::Crashed => {
                for errand in self.errands.iter_mut().filter(|errand| errand.end.is_none()) {
                    Rc::make_mut(errand).end = Some(End::Failed(Failure::Crashed));
                }
            }
            FromPuller::Failed { id, failure } => self.with(id, |errand| {
                errand.end = errand.end.take().or(Some(End::Failed(failure)));
            }),
        }
    }

    fn with(&mut self, id: OrderId, change: impl FnOnce(&mut Errand)) {
        if let Some(errand) = self.errands.iter_mut().find(|errand| errand.id == id) {
            change(Rc::make_mut(errand));
        }
    }
}

impl Reducible for Desk {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut next = (*self).clone();
        next.act(act);
        Rc::new(next)
    }
}

impl Errand {
    /// `None` for what has no end of its own.
    fn of(id: OrderId, title: String, ask: ToPuller) -> Option<Self> {
        let (kind, order) = match ask {
            ToPuller::Pull { order, .. } => (Kind::Pull, Some(order)),
            ToPuller::Resolve { order, .. } => (Kind::Resolve, Some(order)),
            ToPuller::Load { .. } => (Kind::Load, None),
            ToPuller::Save { .. } => (Kind::Save, None),
            ToPuller::Look | ToPuller::Cancel { .. } | ToPuller::Remove { .. } | ToPuller::Empty => return None,
        };
        let (told, network, blobs) = (Vec::new(), Vec::new(), Vec::new());
        Some(Self { id, title, kind, order, told, network, blobs, found: None, end: None })
    }

    pub fn error(&self) -> Option<&PullError> {
        match &self.end {
            Some(End::Failed(Failure::Pull(error))) => Some(error),
            _ => None,
        }
    }

    /// The image that a pull brought, and its name.
    pub fn record(&self) -> Option<(ImageName, Rc<ImageRecord>)> {
        let name = self.told.iter().find_map(|event| match event {
            PullEvent::Tagged { name, .. } => Some(name.clone()),
            _ => None,
        });
        let record = self.told.iter().find_map(|event| match event {
            PullEvent::ImageRegistered { record } => Some(Rc::new((**record).clone())),
            _ => None,
        });
        name.zip(record)
    }

    /// Bytes of layers that are here, that came in this pull, and that there are to come.
    pub fn bytes(&self) -> (u64, u64, u64) {
        let sum = |part: fn(&BlobProgress) -> u64| self.blobs.iter().map(part).fold(0, u64::saturating_add);
        (sum(|blob| blob.received), sum(|blob| blob.fetched), sum(|blob| blob.size))
    }

    /// The place of a blob's state in the words `waiting`, `fetching`, `verified`, `opened`, `here`.
    pub fn blob_state(&self, blob: usize) -> &'static str {
        let last = self.network.iter().rev().find_map(|event| match event {
            Event::AlreadyHere { blob: of } if *of == blob => Some("here"),
            Event::Opened { blob: of } if *of == blob => Some("opened"),
            Event::Verified { blob: of } if *of == blob => Some("verified"),
            Event::Fetching { blob: of, .. } | Event::FromTheStart { blob: of } if *of == blob => Some("fetching"),
            _ => None,
        });
        last.unwrap_or("waiting")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::order::tests::order;

    fn desk(acts: Vec<Act>) -> Rc<Desk> {
        acts.into_iter().fold(Rc::default(), Desk::reduce)
    }

    fn asked(id: u32) -> Act {
        let id = OrderId(id);
        Act::Asked { id, title: "x".into(), ask: Box::new(ToPuller::Pull { id, order: order("x") }) }
    }

    fn heard(message: FromPuller) -> Act {
        Act::Heard(Box::new(message))
    }

    #[test]
    fn the_newest_errand_is_first() {
        let desk = desk(vec![asked(0), asked(1)]);
        assert_eq!(desk.errands.iter().map(|errand| errand.id.0).collect::<Vec<_>>(), [1, 0]);
    }

    #[test]
    fn what_ended_stays_ended() {
        let id = OrderId(0);
        let done = desk(vec![asked(0), Act::Cancelled(id), heard(FromPuller::Done { id })]);
        assert_eq!(done.errand(id).unwrap().end, Some(End::Cancelled));
        let late = heard(FromPuller::Failed { id, failure: Failure::Other("late".into()) });
        let done = desk(vec![asked(0), heard(FromPuller::Done { id }), late]);
        assert_eq!(done.errand(id).unwrap().end, Some(End::Done));
    }

    #[test]
    fn a_blob_is_where_its_last_event_says() {
        let id = OrderId(0);
        let told = |event| heard(FromPuller::Network { id, event });
        let desk = desk(vec![
            asked(0),
            told(Event::AlreadyHere { blob: 1 }),
            told(Event::Fetching { blob: 0, from: 0 }),
            told(Event::Verified { blob: 0 }),
        ]);
        let errand = desk.errand(id).unwrap();
        assert_eq!([0, 1, 2].map(|blob| errand.blob_state(blob)), ["verified", "here", "waiting"]);
    }
}
