//! Where everything is, in pixels, for a given width. Registry and store are side by side, or, where there is no room,
//! one below the other.

use super::Forest;

/// A rectangle on the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Place {
    /// Position and size as a style.
    pub fn style(self) -> String {
        let Self { x, y, width, height } = self;
        format!("transform:translate({x:.1}px,{y:.1}px);width:{width:.1}px;height:{height:.1}px")
    }

    fn inset(self, by: f32) -> Self {
        Self { x: self.x + by, y: self.y, width: (self.width - 2.0 * by).max(0.0), height: self.height }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    pub height: f32,
    pub registry: Place,
    pub store: Place,
    /// Tag, manifest, config: at the registry, and where they come to.
    pub sheets_there: [Place; 3],
    pub sheets_here: [Place; 3],
    /// Boxes at the registry, base first: the base is lowest.
    pub boxes: Vec<Place>,
    /// The slabs of the forest, in its order.
    pub slabs: Vec<Place>,
}

/// Below this width the two sides do not fit beside each other.
const WIDE: f32 = 720.0;
const PADDING: f32 = 14.0;
const HEAD: f32 = 34.0;
const SHEET: f32 = 34.0;
const GAP: f32 = 6.0;

impl Geometry {
    /// `boxes`: layers of the image that is pulled.
    pub fn new(width: f32, boxes: usize, forest: &Forest) -> Self {
        let wide = width >= WIDE;
        let row = if wide { 46.0 } else { 34.0 };
        let rows = |count: usize| count as f32 * (row + GAP);
        let (above, labels) = (HEAD + SHEET + 2.0 * GAP, 22.0);
        let registry_height = above + rows(boxes) + PADDING;
        let store_height = above + labels + rows(forest.levels.max(1)) + PADDING;
        let (registry, store) = if wide {
            let height = registry_height.max(store_height);
            let flight = width * 0.1;
            let registry_width = (width * 0.32).min(420.0);
            let store_x = registry_width + flight;
            (
                Place { x: 0.0, y: 0.0, width: registry_width, height },
                Place { x: store_x, y: 0.0, width: width - store_x, height },
            )
        } else {
            let below = registry_height + 40.0;
            (
                Place { x: 0.0, y: 0.0, width, height: registry_height },
                Place { x: 0.0, y: below, width, height: store_height },
            )
        };
        let level = |side: Place, level: usize| {
            let bottom = side.y + side.height - PADDING;
            bottom - (level as f32 + 1.0) * (row + GAP) + GAP
        };
        let inner = registry.inset(PADDING);
        let boxes = (0..boxes).map(|layer| Place { y: level(registry, layer), height: row, ..inner });
        let columns = store.inset(PADDING);
        let column = columns.width / forest.columns.max(1) as f32;
        let slabs = forest.slabs.iter().map(|slab| {
            let x = columns.x + slab.from as f32 * column;
            let width = slab.span as f32 * column - if forest.columns > 1 { GAP } else { 0.0 };
            Place { x, y: level(store, slab.level), width, height: row }
        });
        Self {
            height: registry.height.max(store.y + store.height),
            sheets_there: sheets(registry),
            sheets_here: sheets(store),
            boxes: boxes.collect(),
            slabs: slabs.collect(),
            registry,
            store,
        }
    }
}

/// Three sheets of equal width below the head of a side.
fn sheets(side: Place) -> [Place; 3] {
    let inner = side.inset(PADDING);
    let width = ((inner.width - 2.0 * GAP) / 3.0).min(170.0);
    [0, 1, 2].map(|n| Place { x: inner.x + n as f32 * (width + GAP), y: side.y + HEAD + GAP, width, height: SHEET })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{picture::forest::Stack, testing::image};

    fn forest(images: &[&[&str]]) -> Forest {
        let stacks: Vec<Stack> = images
            .iter()
            .map(|layers| image(layers))
            .map(|record| Stack { id: record.id(), chains: record.chain_ids() })
            .collect();
        Forest::new(&stacks)
    }

    fn overlap(a: Place, b: Place) -> bool {
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_its_side_at_any_width() {
        let forest = forest(&[&["a", "b", "c", "1", "2", "3"], &["a", "b", "c", "4", "2", "5"], &["x", "y"]]);
        for width in [320.0, 390.0, 719.0, 720.0, 1440.0, 2560.0] {
            let geometry = Geometry::new(width, 6, &forest);
            let sides = [
                (geometry.registry, [&geometry.boxes[..], &geometry.sheets_there].concat()),
                (geometry.store, [&geometry.slabs[..], &geometry.sheets_here].concat()),
            ];
            assert!(!overlap(geometry.registry, geometry.store), "{width}");
            for (side, places) in sides {
                assert!(side.x >= 0.0 && side.x + side.width <= width + 0.5, "{width}: {side:?}");
                assert!(side.y + side.height <= geometry.height + 0.5, "{width}: {side:?}");
                for (n, place) in places.iter().enumerate() {
                    assert!(place.width >= 20.0 && place.height >= 24.0, "{width}: {place:?}");
                    assert!(place.x >= side.x && place.x + place.width <= side.x + side.width + 0.5, "{width}");
                    assert!(place.y >= side.y && place.y + place.height <= side.y + side.height + 0.5, "{width}");
                    assert!(places[..n].iter().all(|other| !overlap(*place, *other)), "{width}: {place:?}");
                }
            }
        }
    }

    #[test]
    fn a_shared_slab_is_as_wide_as_what_stands_on_it() {
        let forest = forest(&[&["a", "x"], &["a", "y"]]);
        let slabs = Geometry::new(1_000.0, 2, &forest).slabs;
        assert!(slabs[0].width > slabs[1].width + slabs[2].width);
        assert!(slabs[0].y > slabs[1].y, "the base is lowest");
    }

    #[test]
    fn an_empty_store_has_room() {
        let geometry = Geometry::new(390.0, 0, &Forest::default());
        assert!(geometry.slabs.is_empty() && geometry.height > 0.0);
    }
}
