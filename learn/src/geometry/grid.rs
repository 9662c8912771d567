//! Rows and columns.

use std::ops::Range;

use super::Rect;
use crate::scene::Scene;

pub(super) const TILE: f64 = 36.0;
pub(super) const STAND: f64 = 44.0;
pub(super) const BRACKET: f64 = 8.0;
pub(super) const KERNEL: f64 = 44.0;
pub(super) const GROUP_GAP: f64 = 16.0;
/// Width of a letter of the names in tiles, which are set in a monospaced face of 12.5 px.
pub(super) const LETTER: f64 = 7.6;
/// The same of the smaller words over brackets.
pub(super) const SMALL_LETTER: f64 = 7.2;

/// From here on the names of the rows stand beside them; below it, in them.
const WIDE: f64 = 720.0;
/// Beside a lesson's text there is less room than on a page of its own.
const GUTTER: f64 = 190.0;
const NARROW_GUTTER: f64 = 150.0;
const ROOMY: f64 = 1000.0;
const MARGIN: f64 = 4.0;
const PAD: f64 = 12.0;
const WIDEST_TILE: f64 = 104.0;

pub(super) struct Grid {
    pub width: f64,
    pub height: f64,
    pub slab_height: f64,
    pub stands: Option<f64>,
    pub brackets: f64,
    pub merged: Option<f64>,
    /// Base first.
    pub slabs: Vec<f64>,
    pub kernel: Option<f64>,
    left: f64,
    /// From the top of a slab to its tiles.
    tile_top: f64,
    tile: f64,
    /// Left edges.
    columns: Vec<f64>,
}

impl Grid {
    pub fn of(scene: &Scene, width: f64) -> Self {
        let wide = width >= WIDE;
        let gutter = if width >= ROOMY { GUTTER } else { NARROW_GUTTER };
        let left = if wide { gutter } else { MARGIN };
        let (slab_height, tile_top) = if wide { (56.0, 10.0) } else { (70.0, 27.0) };
        let n = scene.columns.len();
        let groups = scene.brackets.len();
        let gap = if n > 60 || !wide { 4.0 } else { 6.0 };
        let gaps = groups.saturating_sub(1) as f64 * GROUP_GAP + n.saturating_sub(groups) as f64 * gap;
        let around = left + MARGIN + 2.0 * PAD + gaps;
        let tile = ((width - around) / n.max(1) as f64).floor().clamp(narrowest(n), WIDEST_TILE);
        let mut columns = Vec::with_capacity(n);
        let mut x = left + PAD;
        for at in 0..n {
            if at > 0 {
                let starts_group = scene.brackets.iter().any(|bracket| bracket.span.start == at);
                x += tile + if starts_group { GROUP_GAP } else { gap };
            }
            columns.push(x);
        }
        let mut grid = Self {
            width: width.max(around + n as f64 * tile),
            height: 0.0,
            slab_height,
            stands: None,
            brackets: 0.0,
            merged: None,
            slabs: Vec::new(),
            kernel: None,
            left,
            tile_top,
            tile,
            columns,
        };
        grid.place_rows(scene);
        grid
    }

    /// The room for the names beside the rows.
    pub fn gutter(&self) -> f64 {
        if self.left > MARGIN { self.left } else { 0.0 }
    }

    /// A whole row.
    pub fn row(&self, y: f64) -> Rect {
        Rect { x: self.left, y, w: self.width - self.left - MARGIN, h: self.slab_height }
    }

    /// From the left edge of the first to the right edge of the last column.
    pub fn over(&self, span: &Range<usize>) -> Rect {
        let at = |column: usize| self.columns.get(column).copied().unwrap_or(self.left + PAD);
        let x = at(span.start);
        let last = span.end.saturating_sub(1).max(span.start);
        Rect { x, y: 0.0, w: at(last) + self.tile - x, h: 0.0 }
    }

    pub fn tile(&self, span: &Range<usize>, row: f64) -> Rect {
        Rect { y: row + self.tile_top, h: TILE, ..self.over(span) }
    }

    /// A little larger than the tiles on it, so that its edge is seen.
    pub fn tray(&self, span: &Range<usize>, row: f64) -> Rect {
        let tile = self.tile(span, row);
        let edge = 4.0;
        Rect { x: tile.x - edge, y: tile.y - edge, w: tile.w + 2.0 * edge, h: tile.h + 2.0 * edge }
    }

    pub fn stand(&self, at: usize, count: usize, y: f64) -> Rect {
        let gap = 10.0;
        let whole = self.row(y).w.min(960.0);
        let w = ((whole - gap * (count.max(1) - 1) as f64) / count.max(1) as f64).floor().min(240.0);
        Rect { x: self.left + at as f64 * (w + gap), y, w, h: STAND }
    }

    fn place_rows(&mut self, scene: &Scene) {
        let mut y = 4.0;
        if !scene.stands.is_empty() {
            self.stands = Some(y);
            y += STAND + 14.0;
        }
        self.brackets = y + 20.0;
        y += 20.0 + BRACKET + 6.0;
        if scene.merged.is_some() {
            self.merged = Some(y);
            y += self.slab_height + 24.0;
        }
        self.slabs = vec![0.0; scene.slabs.len()];
        for slab in self.slabs.iter_mut().rev() {
            *slab = y;
            y += self.slab_height + 12.0;
        }
        if scene.kernel {
            // Outside the stack: it is the host's.
            y += 22.0;
            self.kernel = Some(y);
            y += KERNEL + 12.0;
        }
        self.height = y - 6.0;
    }
}

/// Few columns are wide enough for names; hundreds are strokes, of which the one that is looked at is named elsewhere.
fn narrowest(columns: usize) -> f64 {
    match columns {
        0..=24 => 42.0,
        25..=100 => (42.0 - (columns - 24) as f64 * (28.0 / 76.0)).floor(),
        _ => 14.0,
    }
}
