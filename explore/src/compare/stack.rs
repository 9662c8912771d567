//! The layers of an image as bytes, on their way from the explorer of one archive to that of another.

use layerlab_core::{
    layer::{LayerReading, changeset::Changeset},
    limits::Limits,
    tree::UnionTree,
};

/// Each layer's regular bytes and its changeset, base first.
pub fn encode(layers: &[&LayerReading]) -> Vec<u8> {
    let parts: Vec<(u64, Vec<u8>)> =
        layers.iter().map(|layer| (layer.summary.regular_bytes, layer.changeset.encode())).collect();
    postcard::to_stdvec(&parts).expect("bytes are what postcard takes")
}

/// The merged tree of what [`encode`] wrote; `None` for anything else.
pub fn merged_tree(bytes: &[u8]) -> Option<UnionTree> {
    let parts: Vec<(u64, Vec<u8>)> = postcard::from_bytes(bytes).ok()?;
    let mut tree = UnionTree::new(&Limits::default());
    for (regular_bytes, changeset) in parts {
        tree.apply(&Changeset::decode(&changeset).ok()?, regular_bytes);
    }
    Some(tree)
}
