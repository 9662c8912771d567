//! Where the trunks and branches are drawn. A column is an image; a layer is as wide as the images that stand on it.

use layerlab_core::forest::{Bytes, Forest};

/// The picture of a forest. Columns are counted from the left, rows from the ground.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub blocks: Vec<Block>,
    pub crowns: Vec<Crown>,
    pub columns: usize,
    pub rows: usize,
}

/// Layers that stand on each other without an image or a branch between them: one slab.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Nodes of the forest, the lowest first.
    pub nodes: Vec<usize>,
    /// Index of the block below.
    pub below: Option<usize>,
    pub row: usize,
    pub column: usize,
    pub span: usize,
    pub bytes: Bytes,
}

/// The name of an image, above its topmost layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crown {
    /// Index in the forest's images.
    pub image: usize,
    pub column: usize,
    pub row: usize,
}

pub fn picture(forest: &Forest) -> Picture {
    let mut tops: Vec<Vec<usize>> = vec![Vec::new(); forest.nodes.len()];
    for (image, planted) in forest.images.iter().enumerate() {
        if let Some(tops) = planted.top.and_then(|top| tops.get_mut(top)) {
            tops.push(image);
        }
    }
    let mut picture = Picture::default();
    let roots = (0..forest.nodes.len()).filter(|&node| forest.nodes[node].parent.is_none());
    let mut todo: Vec<(usize, Option<usize>)> = roots.map(|root| (root, None)).collect();
    todo.reverse();
    // No recursion: ten thousand images may stand on each other.
    while let Some((lowest, below)) = todo.pop() {
        let nodes = run(forest, &tops, lowest);
        let highest = nodes.last().copied().unwrap_or(lowest);
        let row = below.map_or(0, |below| picture.blocks[below].row + 1);
        let index = picture.blocks.len();
        let bytes = nodes.iter().map(|&node| forest.nodes[node].bytes).fold(Bytes::default(), Bytes::plus);
        for &image in &tops[highest] {
            picture.crowns.push(Crown { image, column: picture.columns, row: row + 1 });
            picture.columns += 1;
        }
        let own = tops[highest].len();
        picture.blocks.push(Block { nodes, below, row, column: picture.columns - own, span: own, bytes });
        picture.rows = picture.rows.max(row + 1);
        todo.extend(forest.nodes[highest].children.iter().rev().map(|&child| (child, Some(index))));
    }
    // Blocks come before those that stand on them, so from the end every span is known when it is asked for.
    for index in (0..picture.blocks.len()).rev() {
        if let Some(below) = picture.blocks[index].below {
            picture.blocks[below].span += picture.blocks[index].span;
        }
    }
    picture
}

/// The layers from `lowest` up to the first at which an image ends or branches part.
fn run(forest: &Forest, tops: &[Vec<usize>], lowest: usize) -> Vec<usize> {
    let mut nodes = vec![lowest];
    let mut at = lowest;
    while let (true, &[child]) = (tops[at].is_empty(), forest.nodes[at].children.as_slice()) {
        nodes.push(child);
        at = child;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use layerlab_core::{
        digest::{ChainId, DiffId, Digest},
        forest::{Node, Planted},
    };

    use super::*;

    /// A forest of the parents of its nodes, and of the tops of its images.
    fn forest(parents: &[Option<usize>], tops: &[usize]) -> Forest {
        let diff_id = DiffId(Digest::sha256(b""));
        let node = |(index, &parent): (usize, &Option<usize>)| Node {
            chain_id: ChainId(diff_id.0.clone()),
            diff_id: diff_id.clone(),
            computed: true,
            parent,
            children: (0..parents.len()).filter(|&child| parents[child] == Some(index)).collect(),
            height: 0,
            images: Vec::new(),
            bytes: Bytes { stored: 1, unpacked: 10 },
            created_by: None,
            twin: false,
        };
        let image = |&top: &usize| Planted {
            listed: Vec::new(),
            tags: Vec::new(),
            config_digest: None,
            top: Some(top),
            whole: true,
            all: Bytes::default(),
            own: Bytes::default(),
        };
        Forest {
            nodes: parents.iter().enumerate().map(node).collect(),
            images: tops.iter().map(image).collect(),
            savings: Default::default(),
        }
    }

    fn drawn(picture: &Picture) -> Vec<String> {
        picture
            .blocks
            .iter()
            .map(|block| format!("{:?} row {} at {}+{}", block.nodes, block.row, block.column, block.span))
            .collect()
    }

    #[test]
    fn a_trunk_is_as_wide_as_the_images_on_it() {
        // Two images on a trunk of two layers, one of them two layers high, and another tree.
        let forest = forest(&[None, Some(0), Some(1), Some(2), Some(1), None], &[3, 4, 5]);
        let picture = picture(&forest);
        assert_eq!(
            drawn(&picture),
            ["[0, 1] row 0 at 0+2", "[2, 3] row 1 at 0+1", "[4] row 1 at 1+1", "[5] row 0 at 2+1"]
        );
        assert_eq!((picture.columns, picture.rows), (3, 2));
        assert_eq!(picture.blocks[0].bytes, Bytes { stored: 2, unpacked: 20 });
        let crowns: Vec<_> = picture.crowns.iter().map(|crown| (crown.image, crown.column, crown.row)).collect();
        assert_eq!(crowns, [(0, 0, 2), (1, 1, 2), (2, 2, 1)]);
    }

    #[test]
    fn an_image_inside_another_keeps_a_column_of_its_own() {
        let picture = picture(&forest(&[None, Some(0)], &[0, 1]));
        assert_eq!(drawn(&picture), ["[0] row 0 at 0+2", "[1] row 1 at 1+1"]);
    }

    #[test]
    fn ten_thousand_images_on_each_other_are_no_recursion() {
        let parents: Vec<Option<usize>> = (0..10_000_usize).map(|at| at.checked_sub(1)).collect();
        let mut forest = forest(&parents[..2], &[]);
        let node = forest.nodes[0].clone();
        forest.nodes = (0..10_000_usize)
            .map(|at| Node {
                parent: at.checked_sub(1),
                children: if at < 9_999 { vec![at + 1] } else { vec![] },
                ..node.clone()
            })
            .collect();
        assert_eq!(picture(&forest).blocks.len(), 1);
    }

    #[test]
    fn nothing_is_an_empty_picture() {
        assert_eq!(picture(&Forest::default()), Picture::default());
    }
}
