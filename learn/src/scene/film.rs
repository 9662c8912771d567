//! Events as steps: each event is one movement between two scenes.

use layerlab_core::overlay::{CopyUp, CopyUpTo, Event, Found, LayerNo, MergedPath, Mode, Overlay, Upper, shell::Call};

use super::{Backdrop, Ray, Scene};

/// A piece by where it is. Also the identity by which pieces of two scenes are matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PieceKey {
    pub layer: LayerNo,
    pub path: MergedPath,
}

/// The steps of one command. Scenes are made when they are looked at: only the upperdirs are kept, which costs a
/// pointer for each of their inodes.
#[derive(Clone, Debug)]
pub struct Film {
    start: Overlay,
    /// As the mount is after the last step, where that is not what the events made of `start`.
    end: Option<(Overlay, Backdrop)>,
    backdrop: Backdrop,
    steps: Vec<Step>,
}

/// One event.
#[derive(Clone, Debug)]
pub struct Step {
    /// `None` where images or containers changed, which is no event of a file system.
    pub event: Option<Event>,
    /// What changed then: a key of the catalogue.
    pub effect: Option<&'static str>,
    pub movement: Movement,
    /// The upperdir after it.
    upper: Upper,
    ray: Option<(MergedPath, LayerNo, bool)>,
}

/// How the picture gets from one scene to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// The ray falls through a column to a layer.
    Ray { from: Place, to: Place },
    /// Bytes are read: the tile lights up.
    Glow(PieceKey),
    /// A copy rises from below; the original stays.
    Rise { from: PieceKey, to: PieceKey },
    /// Something new, or a lid, drops into the writable slab.
    Drop(PieceKey),
    /// Something leaves the writable slab.
    Leave(PieceKey),
    /// A piece, and all under it, moves to another column.
    Carry { from: PieceKey, to: PieceKey },
    /// Two pieces change places.
    Swap(PieceKey, PieceKey),
    /// Refused: the column shakes its head.
    Shake(MergedPath),
    /// Slabs come, go, or make room.
    Rebuild,
}

/// A point of the look-up ray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The eye above the merged view.
    Eye(MergedPath),
    Layer(MergedPath, LayerNo),
}

impl Film {
    /// Of a single moment.
    pub fn still(overlay: Overlay, backdrop: Backdrop) -> Self {
        Self { start: overlay, end: None, backdrop, steps: Vec::new() }
    }

    /// Of a machine that has nothing yet.
    pub fn empty() -> Self {
        let backdrop = Backdrop { only_image: true, ..Backdrop::default() };
        Self::still(Overlay::new(Vec::new(), Mode::Default), backdrop)
    }

    /// What the calls of a command did to `start`. The bookkeeping of OverlayFS is done, and not shown.
    pub fn of(start: Overlay, backdrop: Backdrop, calls: &[Call]) -> Self {
        let mut upper = start.upper().clone();
        let upper_no = start.upper_no();
        let mut steps = Vec::new();
        let mut ray: Option<(MergedPath, LayerNo, bool)> = None;
        let mut told = Told { everything: backdrop.every_look_up, look_ups: Vec::new() };
        let mut mounted: Option<&MergedPath> = None;
        for (call, at) in calls.iter().flat_map(|call| (0..call.events.len().max(1)).map(move |at| (call, at))) {
            // What went to a bind mount went by the union: its events are those of another file system.
            if let Some(place) = &call.mount {
                if call.wrote && mounted != Some(place) {
                    mounted = Some(place);
                    let movement = Movement::Shake(place.clone());
                    let effect = Some("bind-mounted");
                    steps.push(Step { event: None, effect, movement, upper: upper.clone(), ray: None });
                }
                continue;
            }
            let Some(event) = call.events.get(at) else { continue };
            upper.apply(event);
            if event.is_bookkeeping() || !told.is_worth(event, &call.events[at + 1..]) {
                continue;
            }
            let movement = movement(event, upper_no, ray.as_ref());
            ray = match event {
                Event::LookUp { path, layer, found } => Some((path.clone(), *layer, ends(found))),
                // What was found is read, or copied, while the ray still points at it.
                Event::Read { .. } | Event::CopyUp { .. } => ray,
                _ => None,
            };
            steps.push(Step {
                event: Some(event.clone()),
                effect: None,
                movement,
                upper: upper.clone(),
                ray: ray.clone(),
            });
        }
        Self { start, end: None, backdrop, steps }
    }

    /// As a further step, another stack: an image was committed, a container made or removed, or another one chosen.
    pub fn then(mut self, effect: Option<&'static str>, overlay: Overlay, backdrop: Backdrop) -> Self {
        let upper = self.steps.last().map_or_else(|| self.start.upper().clone(), |step| step.upper.clone());
        self.steps.push(Step { event: None, effect, movement: Movement::Rebuild, upper, ray: None });
        self.end = Some((overlay, backdrop));
        self
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The scene after `step` steps; the last one if there are fewer.
    pub fn scene(&self, step: usize) -> Scene {
        let step = step.min(self.steps.len());
        if let (Some((overlay, backdrop)), true) = (&self.end, step == self.steps.len()) {
            return Scene::of(overlay, backdrop);
        }
        let Some(done) = step.checked_sub(1).and_then(|at| self.steps.get(at)) else {
            return Scene::of(&self.start, &self.backdrop);
        };
        let overlay = Overlay::with_upper(self.start.lowers().to_vec(), done.upper.layer().clone(), self.start.mode());
        let mut scene = Scene::of(&overlay, &self.backdrop);
        scene.ray = done.ray.as_ref().and_then(|(path, layer, stops)| {
            let span = scene.span(path)?;
            Some(Ray { path: path.clone(), span, layer: *layer, stops: *stops })
        });
        scene
    }
}

impl Step {
    /// Milliseconds at the usual speed.
    pub fn duration(&self) -> f64 {
        match &self.movement {
            Movement::Ray { .. } => 220.0,
            Movement::Glow(_) => 260.0,
            Movement::Shake(_) => 420.0,
            Movement::Leave(_) => 360.0,
            Movement::Drop(_) => 420.0,
            Movement::Carry { .. } | Movement::Swap(..) => 520.0,
            Movement::Rise { .. } | Movement::Rebuild => 600.0,
        }
    }
}

/// What was told already.
struct Told<'a> {
    everything: bool,
    look_ups: Vec<&'a Event>,
}

impl<'a> Told<'a> {
    /// A command looks the same names up again for each system call, and every directory on the way: what is seen for
    /// the second time, or only on the way to something else, explains nothing.
    fn is_worth(&mut self, event: &'a Event, rest: &[Event]) -> bool {
        let Event::LookUp { path, .. } = event else { return true };
        if self.everything {
            return true;
        }
        let on_the_way =
            rest.iter().any(|later| matches!(later, Event::LookUp { path: to, .. } if path.is_ancestor_of(to)));
        if on_the_way || self.look_ups.contains(&event) {
            return false;
        }
        self.look_ups.push(event);
        true
    }
}

fn ends(found: &Found) -> bool {
    !matches!(found, Found::Nothing | Found::Directory | Found::Redirect { .. } | Found::MetadataOnly)
}

fn movement(event: &Event, upper: LayerNo, ray: Option<&(MergedPath, LayerNo, bool)>) -> Movement {
    let in_upper = |path: &MergedPath| PieceKey { layer: upper, path: path.clone() };
    match event {
        Event::LookUp { path, layer, .. } => {
            let from = match ray {
                Some((before, at, _)) if before == path && at >= layer => Place::Layer(path.clone(), *at),
                _ => Place::Eye(path.clone()),
            };
            Movement::Ray { from, to: Place::Layer(path.clone(), *layer) }
        }
        Event::Read { path, layer, .. } => Movement::Glow(PieceKey { layer: *layer, path: path.clone() }),
        Event::CopyUp { path, from, what, to, .. } => {
            let from = PieceKey { layer: *from, path: path.clone() };
            match (what, to) {
                // A copy in the index has no name yet: nothing rises into the slab.
                (_, CopyUpTo::Index(_)) => Movement::Glow(from),
                (CopyUp::Directory | CopyUp::Metadata | CopyUp::Data { .. } | CopyUp::Symlink | CopyUp::Node, _) => {
                    Movement::Rise { from, to: in_upper(path) }
                }
            }
        }
        Event::CopyUpData { path, from, .. } => {
            Movement::Rise { from: PieceKey { layer: *from, path: path.clone() }, to: in_upper(path) }
        }
        Event::Create { path, .. }
        | Event::Link { path, .. }
        | Event::Whiteout { path }
        | Event::Opaque { path, .. } => Movement::Drop(in_upper(path)),
        Event::Write { path, .. }
        | Event::SetMode { path, .. }
        | Event::SetOwner { path, .. }
        | Event::SetTime { path, .. }
        | Event::SetXattr { path, .. }
        | Event::RemoveXattr { path, .. }
        | Event::Redirect { path, .. }
        | Event::Impure { path, .. }
        | Event::UnionLinks { path, .. }
        | Event::Clear { path, .. } => Movement::Glow(in_upper(path)),
        Event::Unindex { origin } => Movement::Glow(PieceKey { layer: origin.layer, path: MergedPath::root() }),
        Event::Remove { path, .. } => Movement::Leave(in_upper(path)),
        Event::Move { from, to } => Movement::Carry { from: in_upper(from), to: in_upper(to) },
        Event::Exchange { a, b } => Movement::Swap(in_upper(a), in_upper(b)),
        Event::Refuse { path, .. } => Movement::Shake(path.clone()),
    }
}
