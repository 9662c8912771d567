//! What is in the picture, in words.

use layerlab_core::{
    display::harmless,
    overlay::{FileType, LayerNo},
};
use layerlab_web::view_model::format;
use yew::prelude::*;

use crate::{
    fill,
    geometry::{Item, Key, Row, RowLabel},
    plural,
    scene::{Piece, PieceKind, Scene, Seen},
    text,
};

/// `layer 2`, or the name of the writable one.
pub fn layer_name(layer: LayerNo, scene: &Scene) -> AttrValue {
    match scene.slabs.iter().find(|slab| slab.layer == layer) {
        Some(slab) if slab.writable => text("row.container"),
        Some(slab) if slab.init => text("row.init"),
        _ => fill("row.layer", &[("n", &number(layer))]),
    }
}

/// Layers are numbered from 0, the base, as in the words of the lessons and in the classic picture of images.
pub fn number(layer: LayerNo) -> u32 {
    layer.0
}

/// What a layer has at a path.
pub fn piece_words(piece: &Piece) -> AttrValue {
    let what = match piece.kind {
        PieceKind::Lid => text("piece.whiteout"),
        PieceKind::OpaqueTray => text("piece.opaque"),
        PieceKind::Tray => text("piece.directory"),
        PieceKind::Folded(count) => plural("piece.folded", count as u64),
        PieceKind::Tile(_) if piece.notch => text("piece.metadata"),
        PieceKind::Tile(file_type) => type_word(file_type),
    };
    if piece.hidden { fill("piece.hidden", &[("what", &what)]) } else { what }
}

fn type_word(file_type: FileType) -> AttrValue {
    match file_type {
        FileType::File => text("piece.file"),
        FileType::Directory => text("piece.directory"),
        FileType::Symlink => text("piece.link"),
        FileType::CharDevice | FileType::BlockDevice | FileType::Fifo | FileType::Socket => text("piece.node"),
    }
}

/// Where a process finds what it sees.
pub fn seen_words(seen: &Seen, scene: &Scene) -> AttrValue {
    fill("piece.seen", &[("what", &type_word(seen.file_type)), ("layer", &layer_name(seen.layer, scene))])
}

/// A chosen item, for those who cannot see it.
pub fn item_words(item: &Item, scene: &Scene) -> AttrValue {
    match &item.key {
        Key::Piece(key) => {
            let what = scene.piece(key).map(piece_words).unwrap_or_default();
            let layer = layer_name(key.layer, scene);
            fill("piece.chosen", &[("path", &key.path), ("what", &what), ("layer", &layer)])
        }
        Key::Seen(path) => {
            let seen = scene.merged.iter().flatten().find(|seen| seen.path == *path);
            let what = seen.map(|seen| seen_words(seen, scene)).unwrap_or_default();
            fill("piece.chosen-seen", &[("path", path), ("what", &what)])
        }
        _ => AttrValue::default(),
    }
}

/// The name beside a row, or in it where there is no room beside.
pub fn row_name(row: &RowLabel, scene: &Scene) -> Html {
    let (class, name, about) = match row.row {
        Row::Stands => ("row--stands", text("row.stands"), AttrValue::default()),
        Row::Merged => ("row--merged", text("row.merged"), text("row.merged-about")),
        Row::Kernel => ("row--kernel", text("row.kernel"), text("row.kernel-about")),
        Row::Slab(at) => {
            let Some(slab) = scene.slabs.get(at) else { return Html::default() };
            let size = format::bytes(slab.bytes);
            let made_by = slab.made_by.as_ref().map(|text| harmless(text.as_bytes()));
            if slab.writable {
                ("row--writable", text("row.container"), fill("row.writable", &[("size", &size)]))
            } else {
                let about = made_by.map_or_else(|| size.clone(), |made_by| format!("{size} · {made_by}"));
                ("row--read-only", layer_name(slab.layer, scene), about.into())
            }
        }
    };
    let style = format!("top:{:.0}px;height:{:.0}px", row.y, row.height);
    html! {
        <div class={classes!("row", class)} {style}>
            <span class="row__name">
                if class == "row--read-only" { { lock() } }
                { name }
            </span>
            <span class="row__about" title={about.clone()}>{ about }</span>
        </div>
    }
}

fn lock() -> Html {
    html! {
        <svg class="icon icon--lock" viewBox="0 0 14 18" width="9" height="12" aria-hidden="true">
            <rect y="7" width="14" height="11" rx="2" />
            <path d="M3 7V4a4 4 0 0 1 8 0v3" />
        </svg>
    }
}
