//! The picture at a moment between two scenes.

use std::{collections::BTreeMap, f64::consts::PI};

use layerlab_core::overlay::MergedPath;

use super::{Item, Key, Look, Picture, Rect};
use crate::scene::{Movement, PieceKey, Place};

/// The picture at `t` of the way from `a` to `b`, 0 is exactly `a` and 1 exactly `b`. Pieces that are in both go
/// straight from place to place: as neither picture has an overlap in a row, no moment between has one.
pub fn between(a: &Picture, b: &Picture, movement: &Movement, t: f64) -> Picture {
    if t <= 0.0 {
        return a.clone();
    }
    if t >= 1.0 {
        return b.clone();
    }
    let e = ease(t);
    let before: BTreeMap<&Key, &Item> = a.items.iter().map(|item| (&item.key, item)).collect();
    let mut taken = Vec::new();
    let mut items = Vec::with_capacity(b.items.len() + 1);
    for item in &b.items {
        let came_from = carried_from(&item.key, movement).filter(|key| before.contains_key(key));
        let start = match came_from.as_ref().or(Some(&item.key)).and_then(|key| before.get(key)) {
            Some(start) if !starts_anew(item, movement) => {
                taken.push(start.key.clone());
                (*start).clone()
            }
            _ => entrance(item, &before, movement),
        };
        items.push(blend(&start, item, t, e, movement));
    }
    for item in a.items.iter().filter(|item| !taken.contains(&item.key) && b.item(&item.key).is_none()) {
        let lifted = if leaves(&item.key, movement) { -28.0 * e } else { 0.0 };
        let rect = Rect { y: item.rect.y + lifted, ..item.rect };
        items.push(Item { rect, opacity: item.opacity * (1.0 - e), ..item.clone() });
    }
    items.extend(arrow(a, b, movement, t));
    items.sort_by_key(|item| item.look.depth());
    Picture {
        width: mix(a.width, b.width, e),
        height: mix(a.height, b.height, e),
        items,
        rows: if t < 0.5 { a.rows.clone() } else { b.rows.clone() },
        gutter: b.gutter,
    }
}

fn blend(start: &Item, end: &Item, t: f64, e: f64, movement: &Movement) -> Item {
    let mut rect = Rect {
        x: mix(start.rect.x, end.rect.x, e),
        y: mix(start.rect.y, end.rect.y, e),
        w: mix(start.rect.w, end.rect.w, e),
        h: mix(start.rect.h, end.rect.h, e),
    };
    let mut glow = 0.0;
    match movement {
        Movement::Glow(key) if is_of(&end.key, key) => glow = (PI * t).sin(),
        Movement::Shake(path) if path_of(&end.key) == Some(path) => {
            rect.x += 5.0 * (1.0 - t) * (6.0 * PI * t).sin();
        }
        _ => {}
    }
    // The look changes halfway: a copy is a copy from the start, and what it covers turns pale under way.
    let look = if t < 0.5 { start.look.clone() } else { end.look.clone() };
    let label = if t < 0.5 { start.label.clone() } else { end.label.clone() };
    Item { key: end.key.clone(), look, rect, opacity: mix(start.opacity, end.opacity, e), glow, label }
}

/// Where something begins that was not in the picture.
fn entrance(item: &Item, before: &BTreeMap<&Key, &Item>, movement: &Movement) -> Item {
    let lifted = |by: f64| Item { rect: Rect { y: item.rect.y - by, ..item.rect }, opacity: 0.0, ..item.clone() };
    match (movement, &item.key) {
        (Movement::Rise { from, to }, Key::Piece(key)) if key == to => match before.get(&Key::Piece(from.clone())) {
            Some(original) => Item { rect: original.rect, ..item.clone() },
            None => lifted(-28.0),
        },
        (Movement::Drop(key), Key::Piece(piece)) if piece == key => lifted(44.0),
        (Movement::Ray { .. }, Key::Ray) => Item { rect: Rect { h: 0.0, ..item.rect }, ..item.clone() },
        (Movement::Rebuild, Key::Slab(_) | Key::Stand(_)) => lifted(32.0),
        _ => Item { opacity: 0.0, ..item.clone() },
    }
}

/// A ray that falls from the eye again does not swing over from another column.
fn starts_anew(item: &Item, movement: &Movement) -> bool {
    item.key == Key::Ray && matches!(movement, Movement::Ray { from: Place::Eye(_), .. })
}

/// The key, before the movement, of what has this key after it.
fn carried_from(key: &Key, movement: &Movement) -> Option<Key> {
    let Key::Piece(piece) = key else { return None };
    let moved = |from: &PieceKey, to: &PieceKey| {
        if piece.layer != to.layer {
            return None;
        }
        let path = under(&piece.path, &to.path, &from.path)?;
        Some(Key::Piece(PieceKey { layer: from.layer, path }))
    };
    match movement {
        Movement::Carry { from, to } => moved(from, to),
        Movement::Swap(a, b) => moved(a, b).or_else(|| moved(b, a)),
        _ => None,
    }
}

/// `path`, which is `old` or under it, as it is under `new`.
fn under(path: &MergedPath, old: &MergedPath, new: &MergedPath) -> Option<MergedPath> {
    if path == old {
        return Some(new.clone());
    }
    let rest = path.components().skip(old.components().count());
    old.is_ancestor_of(path).then(|| rest.fold(new.clone(), |at, name| at.join(name)))
}

fn leaves(key: &Key, movement: &Movement) -> bool {
    match (movement, key) {
        (Movement::Leave(gone), Key::Piece(piece)) => gone == piece,
        (Movement::Rebuild, Key::Slab(_) | Key::Stand(_)) => true,
        _ => false,
    }
}

fn is_of(key: &Key, piece: &PieceKey) -> bool {
    matches!(key, Key::Piece(of) if of == piece)
}

fn path_of(key: &Key) -> Option<&MergedPath> {
    match key {
        Key::Piece(piece) => Some(&piece.path),
        Key::Seen(path) => Some(path),
        _ => None,
    }
}

/// Beside a rising copy, from the original to its place.
fn arrow(a: &Picture, b: &Picture, movement: &Movement, t: f64) -> Option<Item> {
    let Movement::Rise { from, to } = movement else { return None };
    let original = a.item(&Key::Piece(from.clone()))?.rect;
    let copy = b.item(&Key::Piece(to.clone()))?.rect;
    let rect = Rect { x: copy.x + 14.0, y: copy.bottom(), w: 0.0, h: original.y - copy.bottom() };
    let opacity = (4.0 * t).min(1.0) * (4.0 * (1.0 - t)).min(1.0);
    Some(Item { key: Key::Arrow, look: Look::Arrow, rect, opacity, glow: 0.0, label: String::new() })
}

/// Slow at both ends.
fn ease(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

fn mix(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}
