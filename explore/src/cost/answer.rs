//! The explorer's answers to the cost pane.

use std::cell::RefCell;

use js_sys::Uint8Array;
use layerlab_core::{
    cost::map::StrataMap,
    display::harmless,
    export::csv,
    path::{PathId, PathTable},
    report,
    tree::UnionTree,
};

use super::protocol::{CostAnswer, CostQuestion, MapPage};
use crate::{
    explorer::{self, Explored, Line},
    protocol::Answer,
};

/// The map that was asked for last: a person zooms in one image.
struct Kept {
    image: usize,
    paths: PathTable,
    map: StrataMap,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

pub fn answer(line: &Line, question: CostQuestion) {
    match question {
        CostQuestion::Map { image, path, columns } => {
            line.finish(Answer::Cost(CostAnswer::Map(map(image, path, columns))));
        }
        CostQuestion::Tree { image } => match explorer::explored(|explored| explored.merged_tree(image)).flatten() {
            Some(tree) => {
                let bytes = csv::tree(&tree);
                line.finish_with(Answer::Cost(CostAnswer::Tree(true)), Uint8Array::from(bytes.as_slice()).buffer());
            }
            None => line.finish(Answer::Cost(CostAnswer::Tree(false))),
        },
    }
}

fn map(image: usize, path: PathId, columns: usize) -> Option<MapPage> {
    KEPT.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|kept| kept.image != image) {
            *kept = explorer::explored(|explored| Kept::new(explored, image)).flatten();
        }
        kept.as_ref().filter(|kept| path.index() < kept.paths.len()).map(|kept| kept.page(path, columns))
    })
}

impl Kept {
    fn new(explored: &Explored, image: usize) -> Option<Self> {
        let tree: UnionTree = explored.merged_tree(image)?;
        let layers = report::layers(explored.plan.images.get(image)?, &explored.readings)?;
        let map = StrataMap::new(&tree, layers.iter().map(|layer| &layer.changeset));
        Some(Self { image, paths: tree.paths().clone(), map })
    }

    fn page(&self, path: PathId, columns: usize) -> MapPage {
        let up = |&at: &PathId| Some(self.paths.parent(at));
        let mut way: Vec<(PathId, String)> = std::iter::successors(Some(path), up)
            .take_while(|&at| at != PathId::ROOT)
            .map(|at| (at, harmless(self.paths.name(at))))
            .collect();
        way.reverse();
        MapPage { path, way, zoom: self.map.zoom(&self.paths, path, columns) }
    }
}
