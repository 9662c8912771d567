//! Where the tiles of the strata map are. The area of a tile is the bytes that one layer stores in one directory.

use layerlab_core::{
    cost::map::{Weight, Zoom},
    path::PathId,
};

/// Columns thinner than this cannot be hit or read: they are gathered.
const THINNEST: f64 = 0.012;
/// Columns wide enough for their name.
const NAMED: f64 = 0.05;
/// Slabs drawn; of more, those that store most here.
const SLABS: usize = 40;

/// The picture of one directory. Positions are shares of the whole width, heights of a slab's height.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Left to right, the widest first, the gathered ones last.
    pub columns: Vec<Column>,
    /// Top first, as the stack is drawn.
    pub slabs: Vec<Slab>,
    /// Layers that store something here and are not drawn.
    pub left_out: usize,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub what: What,
    pub x: f64,
    pub width: f64,
    pub bytes: u64,
    /// There is room for the name.
    pub named: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Path { path: PathId, name: String, divisible: bool },
    Others(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Slab {
    /// 0 is the base.
    pub layer: usize,
    pub weight: Weight,
    pub tiles: Vec<Tile>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tile {
    /// Index of the column.
    pub column: usize,
    /// Of the slab's height, from its bottom.
    pub height: f64,
    /// Of the tile's height, at its top: stored and not seen.
    pub hidden: f64,
    pub weight: Weight,
}

pub fn picture(zoom: &Zoom) -> Picture {
    let others = zoom.others.as_ref();
    let bytes = zoom.columns.iter().map(|column| column.bytes).chain(others.map(|others| others.bytes));
    let bytes = bytes.fold(0_u64, u64::saturating_add);
    let share = |part: u64| if bytes == 0 { 0.0 } else { part as f64 / bytes as f64 };
    let drawn = zoom.columns.iter().take_while(|column| share(column.bytes) >= THINNEST).count();
    // A single thin column gathered alone would be as thin, and nameless.
    let drawn = if drawn + 1 == zoom.columns.len() && others.is_none() { drawn + 1 } else { drawn };
    let (drawn, thin) = zoom.columns.split_at(drawn);
    let mut parts: Vec<(What, u64, Vec<Weight>)> = drawn
        .iter()
        .map(|column| {
            let what = What::Path { path: column.path, name: column.name.clone(), divisible: column.divisible };
            (what, column.bytes, column.tiles.clone())
        })
        .collect();
    if !thin.is_empty() || others.is_some() {
        parts.push(gathered(thin, zoom));
    }
    let mut x = 0.0;
    let columns = parts
        .iter()
        .map(|(what, bytes, _)| {
            let width = share(*bytes);
            let column = Column { what: what.clone(), x, width, bytes: *bytes, named: width >= NAMED };
            x += width;
            column
        })
        .collect();
    let mut layers: Vec<usize> = (0..zoom.layers.len()).filter(|&layer| zoom.layers[layer].stored > 0).collect();
    let left_out = layers.len().saturating_sub(SLABS);
    if left_out > 0 {
        layers.sort_by_key(|&layer| std::cmp::Reverse(zoom.layers[layer].stored));
        layers.truncate(SLABS);
        layers.sort_unstable();
    }
    let slabs = layers.into_iter().rev().map(|layer| slab(layer, zoom.layers[layer], &parts)).collect();
    Picture { columns, slabs, left_out, bytes }
}

fn gathered(thin: &[layerlab_core::cost::map::Column], zoom: &Zoom) -> (What, u64, Vec<Weight>) {
    let others = zoom.others.as_ref();
    let mut tiles = others.map_or_else(|| vec![Weight::default(); zoom.layers.len()], |others| others.tiles.clone());
    let mut bytes = others.map_or(0, |others| others.bytes);
    for column in thin {
        bytes = bytes.saturating_add(column.bytes);
        for (sum, tile) in tiles.iter_mut().zip(&column.tiles) {
            sum.stored = sum.stored.saturating_add(tile.stored);
            sum.visible = sum.visible.saturating_add(tile.visible);
        }
    }
    let count = others.map_or(0, |others| others.columns) + thin.len() as u64;
    (What::Others(count), bytes, tiles)
}

fn slab(layer: usize, weight: Weight, parts: &[(What, u64, Vec<Weight>)]) -> Slab {
    let tile = |(column, (_, bytes, tiles)): (usize, &(What, u64, Vec<Weight>))| {
        let weight = tiles.get(layer).copied().filter(|weight| weight.stored > 0)?;
        let hidden = weight.stored.saturating_sub(weight.visible) as f64 / weight.stored as f64;
        Some(Tile { column, height: weight.stored as f64 / *bytes as f64, hidden, weight })
    };
    Slab { layer, weight, tiles: parts.iter().enumerate().filter_map(tile).collect() }
}

#[cfg(test)]
mod tests {
    use layerlab_core::cost::map::{Column as Divided, Others};

    use super::*;

    fn weight(visible: u64, stored: u64) -> Weight {
        Weight { stored, visible }
    }

    fn divided(path: u32, tiles: &[Weight]) -> Divided {
        let bytes = tiles.iter().map(|tile| tile.stored).sum();
        Divided { path: PathId(path), name: format!("d{path}"), divisible: true, bytes, tiles: tiles.into() }
    }

    #[test]
    fn the_area_of_a_tile_is_its_bytes() {
        let zoom = Zoom {
            layers: vec![weight(30, 60), weight(40, 40)],
            columns: vec![divided(1, &[weight(20, 40), weight(40, 40)]), divided(2, &[weight(10, 20), weight(0, 0)])],
            others: None,
        };
        let picture = picture(&zoom);
        assert_eq!(picture.slabs.iter().map(|slab| slab.layer).collect::<Vec<_>>(), [1, 0]);
        for slab in &picture.slabs {
            for tile in &slab.tiles {
                let area = picture.columns[tile.column].width * tile.height * picture.bytes as f64;
                assert!((area - tile.weight.stored as f64).abs() < 1e-9, "{tile:?}");
            }
        }
        assert_eq!(picture.slabs[1].tiles[0].hidden, 0.5);
        assert_eq!((picture.columns[1].x, picture.columns[1].width), (0.8, 0.2));
    }

    #[test]
    fn what_is_too_thin_is_gathered_with_the_rest() {
        let one = |path, bytes| divided(path, &[weight(bytes, bytes)]);
        let zoom = Zoom {
            layers: vec![weight(1000, 1000)],
            columns: vec![one(1, 900), one(2, 80), one(3, 6), one(4, 4)],
            others: Some(Others { columns: 7, bytes: 10, tiles: vec![weight(10, 10)] }),
        };
        let picture = picture(&zoom);
        assert_eq!(picture.columns.len(), 3);
        assert_eq!((&picture.columns[2].what, picture.columns[2].bytes), (&What::Others(9), 20));
        assert_eq!(picture.slabs[0].tiles[2].weight, weight(20, 20));
        let width: f64 = picture.columns.iter().map(|column| column.width).sum();
        assert!((width - 1.0).abs() < 1e-9);
    }

    #[test]
    fn of_many_layers_those_are_drawn_that_store_most() {
        let tiles: Vec<Weight> = (0..100).map(|at| weight(at, at)).collect();
        let zoom = Zoom { layers: tiles.clone(), columns: vec![divided(1, &tiles)], others: None };
        let picture = picture(&zoom);
        assert_eq!((picture.slabs.len(), picture.left_out), (40, 59));
        assert_eq!((picture.slabs[0].layer, picture.slabs[39].layer), (99, 60));
    }

    #[test]
    fn an_empty_directory_is_an_empty_picture() {
        let picture = picture(&Zoom { layers: vec![weight(0, 0)], columns: vec![], others: None });
        assert!(picture.columns.is_empty() && picture.slabs.is_empty());
    }
}
