//! Where everything is drawn: a pure function of a scene and a width. All lengths are CSS pixels, y grows downward.

mod between;
mod grid;
mod label;
mod walk;

use layerlab_core::overlay::{FileType, LayerNo, MergedPath};

use self::grid::Grid;
pub use self::{
    between::between,
    label::{shorten_end, shorten_start},
    walk::Direction,
};
use crate::scene::{Movement, Piece, PieceKey, PieceKind, Scene};

/// A still picture: everything with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// At least the width that was asked for; more if the columns need it, and then it is scrolled.
    pub width: f64,
    pub height: f64,
    /// What is drawn first comes first.
    pub items: Vec<Item>,
    /// The names of the rows, which stay in sight when the columns are scrolled.
    pub rows: Vec<RowLabel>,
    /// The room for them beside the rows; 0 where they stand in the rows.
    pub gutter: f64,
}

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub key: Key,
    pub look: Look,
    pub rect: Rect,
    pub opacity: f64,
    /// How brightly it is lit, from 0 to 1.
    pub glow: f64,
    /// Fits its rectangle.
    pub label: String,
}

/// What an item is, in all pictures: by this the items of two pictures are matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Stand(usize),
    Bracket(MergedPath),
    Merged,
    Slab(LayerNo),
    Piece(PieceKey),
    Seen(MergedPath),
    Kernel,
    Ray,
    Arrow,
}

/// How an item is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    Stand {
        running: bool,
        chosen: bool,
    },
    Bracket,
    Merged,
    Slab {
        layer: LayerNo,
        writable: bool,
    },
    Piece {
        layer: LayerNo,
        writable: bool,
        kind: PieceKind,
        hidden: bool,
        notch: bool,
    },
    /// In the merged view: `data` has the bytes.
    Seen {
        layer: LayerNo,
        data: LayerNo,
        writable: bool,
        file_type: FileType,
    },
    Kernel,
    Ray {
        stops: bool,
    },
    Arrow,
}

impl Look {
    /// How many kinds of things are drawn over each other.
    pub const DEPTHS: usize = 5;

    /// What is drawn first: slabs, trays on them, tiles, lids, and the ray over all.
    pub fn depth(&self) -> usize {
        match self {
            Self::Stand { .. } | Self::Bracket | Self::Merged | Self::Slab { .. } | Self::Kernel => 0,
            Self::Piece { kind: PieceKind::Tray | PieceKind::OpaqueTray, .. } => 1,
            Self::Piece { kind: PieceKind::Lid, .. } => 3,
            Self::Piece { .. } | Self::Seen { .. } => 2,
            Self::Ray { .. } | Self::Arrow => 4,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

/// The place of a row's name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowLabel {
    pub row: Row,
    pub y: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Stands,
    Merged,
    /// By its place in [`Scene::slabs`].
    Slab(usize),
    Kernel,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    pub fn center(&self) -> f64 {
        self.x + self.w / 2.0
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    pub fn contains(&self, other: &Self) -> bool {
        self.x <= other.x && self.y <= other.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }
}

impl Picture {
    pub fn of(scene: &Scene, width: f64) -> Self {
        let grid = Grid::of(scene, width);
        let mut items = Vec::new();
        stands(scene, &grid, &mut items);
        for bracket in &scene.brackets {
            let mut rect = grid.over(&bracket.span);
            (rect.y, rect.h) = (grid.brackets, grid::BRACKET);
            let label = shorten_start(&bracket.path.to_string(), rect.w + grid::GROUP_GAP - 6.0, grid::SMALL_LETTER);
            items.push(item(Key::Bracket(bracket.path.clone()), Look::Bracket, rect, label));
        }
        if let Some(y) = grid.merged {
            items.push(item(Key::Merged, Look::Merged, grid.row(y), String::new()));
        }
        for (slab, y) in scene.slabs.iter().zip(&grid.slabs) {
            let look = Look::Slab { layer: slab.layer, writable: slab.writable };
            items.push(item(Key::Slab(slab.layer), look, grid.row(*y), String::new()));
        }
        pieces(scene, &grid, &mut items);
        if let Some(y) = grid.kernel {
            let rect = Rect { h: grid::KERNEL, ..grid.row(y) };
            items.push(item(Key::Kernel, Look::Kernel, rect, String::new()));
        }
        ray(scene, &grid, &mut items);
        Self { width: grid.width, height: grid.height, items, rows: rows(scene, &grid), gutter: grid.gutter() }
    }

    /// From where to where, from left to right, a movement happens.
    pub fn watched(&self, movement: &Movement) -> Option<(f64, f64)> {
        let span = |key: &Key| self.item(key).map(|item| (item.rect.x, item.rect.right()));
        let piece = |piece: &PieceKey| span(&Key::Piece(piece.clone()));
        match movement {
            Movement::Ray { .. } => span(&Key::Ray),
            Movement::Rise { to, .. } | Movement::Carry { to, .. } => piece(to),
            Movement::Glow(key) | Movement::Drop(key) | Movement::Leave(key) | Movement::Swap(key, _) => piece(key),
            Movement::Shake(path) => span(&Key::Seen(path.clone())),
            Movement::Rebuild => None,
        }
    }

    pub fn item(&self, key: &Key) -> Option<&Item> {
        self.items.iter().find(|item| item.key == *key)
    }
}

fn item(key: Key, look: Look, rect: Rect, label: String) -> Item {
    Item { key, look, rect, opacity: 1.0, glow: 0.0, label }
}

fn stands(scene: &Scene, grid: &Grid, items: &mut Vec<Item>) {
    let (Some(y), count) = (grid.stands, scene.stands.len()) else { return };
    for (at, stand) in scene.stands.iter().enumerate() {
        let rect = grid.stand(at, count, y);
        let look = Look::Stand { running: stand.running, chosen: stand.chosen };
        let label = shorten_end(&stand.name, rect.w - 24.0, grid::SMALL_LETTER);
        items.push(item(Key::Stand(at), look, rect, label));
    }
}

/// Trays lie under tiles, and lids on them.
fn pieces(scene: &Scene, grid: &Grid, items: &mut Vec<Item>) {
    let mut tiles = Vec::new();
    let mut lids = Vec::new();
    for piece in &scene.pieces {
        let Some(at) = scene.slabs.iter().position(|slab| slab.layer == piece.key.layer) else { continue };
        let Some(y) = grid.slabs.get(at) else { continue };
        let rect = if piece.kind == PieceKind::Tray { grid.tray(&piece.span, *y) } else { grid.tile(&piece.span, *y) };
        let look = Look::Piece {
            layer: piece.key.layer,
            writable: scene.slabs[at].writable,
            kind: piece.kind,
            hidden: piece.hidden,
            notch: piece.notch,
        };
        let made = item(Key::Piece(piece.key.clone()), look, rect, piece_label(scene, piece, rect.w));
        match piece.kind {
            PieceKind::Tray => items.push(made),
            PieceKind::OpaqueTray => {
                let tray = grid.tray(&piece.span, *y);
                items.push(Item { rect: tray, ..made });
            }
            PieceKind::Lid => lids.push(made),
            PieceKind::Tile(_) | PieceKind::Folded(_) => tiles.push(made),
        }
    }
    for seen in scene.merged.iter().flatten() {
        let Some(y) = grid.merged else { continue };
        let rect = grid.tile(&(seen.column..seen.column + 1), y);
        let look = Look::Seen {
            layer: seen.layer,
            data: seen.data,
            writable: scene.slabs.iter().any(|slab| slab.writable && slab.layer == seen.layer),
            file_type: seen.file_type,
        };
        let name = scene.columns.get(seen.column).map_or("", |column| &column.name);
        tiles.push(item(Key::Seen(seen.path.clone()), look, rect, shorten_end(name, rect.w - 10.0, grid::LETTER)));
    }
    items.append(&mut tiles);
    items.append(&mut lids);
}

fn piece_label(scene: &Scene, piece: &Piece, width: f64) -> String {
    let name = match scene.columns.get(piece.span.start) {
        Some(column) if column.path == piece.key.path => column.name.clone(),
        _ => layerlab_core::display::harmless(&piece.key.path.name()),
    };
    match piece.kind {
        PieceKind::Tray | PieceKind::OpaqueTray => String::new(),
        // The cross of a lid stands in the middle: the name would be under it.
        PieceKind::Lid => String::new(),
        PieceKind::Folded(count) => shorten_end(&format!("{name}·{count}"), width - 10.0, grid::LETTER),
        PieceKind::Tile(_) => shorten_end(&name, width - 10.0, grid::LETTER),
    }
}

fn ray(scene: &Scene, grid: &Grid, items: &mut Vec<Item>) {
    let (Some(ray), Some(merged)) = (&scene.ray, grid.merged) else { return };
    let Some(at) = scene.slabs.iter().position(|slab| slab.layer == ray.layer) else { return };
    let Some(y) = grid.slabs.get(at) else { return };
    let over = grid.tile(&ray.span, *y);
    let top = merged + grid.slab_height;
    // It stops at the edge of what it hits, and goes half through what it passes.
    let end = if ray.stops { over.y } else { over.y + over.h / 2.0 };
    let rect = Rect { x: over.center(), y: top, w: 0.0, h: end - top };
    items.push(item(Key::Ray, Look::Ray { stops: ray.stops }, rect, String::new()));
}

fn rows(scene: &Scene, grid: &Grid) -> Vec<RowLabel> {
    let mut rows = Vec::new();
    let height = grid.slab_height;
    rows.extend(grid.stands.map(|y| RowLabel { row: Row::Stands, y, height: grid::STAND }));
    rows.extend(grid.merged.map(|y| RowLabel { row: Row::Merged, y, height }));
    for (at, y) in grid.slabs.iter().enumerate().rev().filter(|(at, _)| *at < scene.slabs.len()) {
        rows.push(RowLabel { row: Row::Slab(at), y: *y, height });
    }
    rows.extend(grid.kernel.map(|y| RowLabel { row: Row::Kernel, y, height: grid::KERNEL }));
    rows
}

#[cfg(test)]
mod tests;
