//! Walking the picture by the arrow keys.

use super::{Item, Key, Look, Picture};
use crate::scene::PieceKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
    Left,
    Right,
}

impl Direction {
    /// Of the `key` of a keyboard event.
    pub fn of_key(key: &str) -> Option<Self> {
        match key {
            "ArrowUp" => Some(Self::Up),
            "ArrowDown" => Some(Self::Down),
            "ArrowLeft" => Some(Self::Left),
            "ArrowRight" => Some(Self::Right),
            _ => None,
        }
    }
}

impl Picture {
    /// The tile or lid that lies next in a direction; the first of the merged view where the walk begins.
    pub fn next(&self, from: Option<&Key>, direction: Direction) -> Option<Key> {
        let stops = || self.items.iter().filter(|item| is_stop(item));
        let Some(here) = from.and_then(|key| stops().find(|item| item.key == *key)) else {
            return stops()
                .min_by(|a, b| {
                    (a.rect.y, a.rect.x).partial_cmp(&(b.rect.y, b.rect.x)).unwrap_or(std::cmp::Ordering::Equal)
                })
                .map(|item| item.key.clone());
        };
        let (x, y) = (here.rect.center(), here.rect.y);
        let cost = |item: &Item| {
            let (dx, dy) = (item.rect.center() - x, item.rect.y - y);
            let (along, across) = match direction {
                Direction::Up => (-dy, dx),
                Direction::Down => (dy, dx),
                Direction::Left => (-dx, dy),
                Direction::Right => (dx, dy),
            };
            // What lies straight ahead is nearer than what is nearer by length.
            (along > 0.5).then_some(along + 3.0 * across.abs())
        };
        stops()
            .filter_map(|item| Some((cost(item)?, item)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, item)| item.key.clone())
    }
}

/// Whether it can be chosen.
pub fn is_stop(item: &Item) -> bool {
    match &item.look {
        Look::Seen { .. } => true,
        Look::Piece { kind, .. } => !matches!(kind, PieceKind::Tray),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use layerlab_core::overlay::{Inode, Layer, LayerNo, Mode, Overlay};

    use super::*;
    use crate::scene::{Backdrop, PieceKey, Scene};

    #[test]
    fn arrows_lead_along_a_column_and_along_a_slab() {
        let mut base = Layer::new();
        base.put(&"/a".into(), Inode::file(b"", 0o644));
        base.put(&"/b".into(), Inode::file(b"", 0o644));
        let overlay = Overlay::new(vec![Arc::new(base)], Mode::Default);
        let picture = Picture::of(&Scene::of(&overlay, &Backdrop::default()), 800.0);
        let (seen_a, seen_b) = (Key::Seen("/a".into()), Key::Seen("/b".into()));
        let piece_b = Key::Piece(PieceKey { layer: LayerNo(0), path: "/b".into() });
        assert_eq!(picture.next(None, Direction::Down), Some(seen_a.clone()));
        assert_eq!(picture.next(Some(&seen_a), Direction::Right), Some(seen_b.clone()));
        assert_eq!(picture.next(Some(&seen_b), Direction::Down), Some(piece_b.clone()));
        assert_eq!(picture.next(Some(&piece_b), Direction::Up), Some(seen_b.clone()));
        assert_eq!(picture.next(Some(&seen_b), Direction::Right), None);
    }
}
