//! How each kind of item looks: its parts, its classes, its hue.

use layerlab_core::overlay::FileType;
use layerlab_web::view_model::stack;
use web_sys::Element;

use super::names::number;

use crate::{geometry::Look, scene::PieceKind};

/// The parts of an item. Only these words ever become markup; names are written as text.
pub fn inside(look: &Look) -> &'static str {
    match look {
        Look::Slab { .. } | Look::Merged => r#"<rect data-part="box" rx="12"/>"#,
        Look::Kernel => r#"<rect data-part="box" rx="10"/>"#,
        Look::Stand { .. } => r#"<rect data-part="box" rx="10"/><text data-part="label"></text>"#,
        Look::Bracket => r#"<title></title><path data-part="bracket"/><text data-part="over" y="-7"></text>"#,
        Look::Piece { kind: PieceKind::Tray, .. } => r#"<rect data-part="box" rx="10"/>"#,
        Look::Piece { kind: PieceKind::OpaqueTray, .. } => r#"<title></title><rect data-part="box" rx="10"/>"#,
        Look::Piece { kind: PieceKind::Lid, .. } => {
            r#"<title></title><rect data-part="box" rx="7"/><path data-part="middle" class="cross" d="M-5-5l10 10m0-10l-10 10"/>"#
        }
        Look::Piece { kind: PieceKind::Tile(FileType::Symlink), .. } => {
            r#"<title></title><rect data-part="box" rx="7"/><path data-part="corner" class="link" d="M-13 6h7v7m0-7l-7 7"/><text data-part="label"></text>"#
        }
        Look::Piece { notch: true, .. } => {
            r#"<title></title><rect data-part="box" rx="7"/><path data-part="corner" class="notch" d="M-15 0l15 15v-8a7 7 0 0 0-7-7z"/><text data-part="label"></text>"#
        }
        Look::Piece { .. } => r#"<title></title><rect data-part="box" rx="7"/><text data-part="label"></text>"#,
        Look::Seen { .. } => {
            r#"<title></title><rect data-part="box" rx="7"/><text data-part="label"></text><text data-part="corner" class="tag" x="-5" y="10"></text>"#
        }
        Look::Ray { .. } => r#"<path data-part="line"/><circle data-part="end" r="4.5"/>"#,
        Look::Arrow => r#"<path data-part="curve" marker-end="url(#rise)"/>"#,
    }
}

pub fn class(look: &Look) -> String {
    let mut class = String::new();
    let mut add = |word: &str, when: bool| {
        if when {
            if !class.is_empty() {
                class.push(' ');
            }
            class.push_str(word);
        }
    };
    match look {
        Look::Slab { writable, .. } => {
            add("st-slab", true);
            add("st-slab--open", *writable);
        }
        Look::Merged => add("st-merged", true),
        Look::Kernel => add("st-kernel", true),
        Look::Stand { running, chosen } => {
            add("st-stand", true);
            add("st-stand--chosen", *chosen);
            add("st-stand--stopped", !running);
        }
        Look::Bracket => add("st-bracket", true),
        Look::Piece { kind, hidden, writable, .. } => {
            add("st-tray", matches!(kind, PieceKind::Tray));
            add("st-opaque", matches!(kind, PieceKind::OpaqueTray));
            add("st-lid", matches!(kind, PieceKind::Lid));
            add("st-tile", matches!(kind, PieceKind::Tile(_) | PieceKind::Folded(_)));
            add("st-tile--folded", matches!(kind, PieceKind::Folded(_)));
            add("is-hidden", *hidden);
            add("is-writable", *writable);
        }
        Look::Seen { writable, .. } => {
            add("st-tile st-seen", true);
            add("is-writable", *writable);
        }
        Look::Ray { stops } => {
            add("st-ray", true);
            add("st-ray--stops", *stops);
        }
        Look::Arrow => add("st-arrow", true),
    }
    class
}

/// The hue of the layer.
pub fn style(look: &Look) -> String {
    match look {
        Look::Slab { layer, .. } | Look::Piece { layer, .. } | Look::Seen { layer, .. } => {
            format!("--h:{};", stack::hue(layer.0 as usize))
        }
        _ => String::new(),
    }
}

/// The number of the layer beside the hue.
pub fn dress(element: &Element, look: &Look) {
    let Look::Seen { layer, data, .. } = look else { return };
    let Ok(Some(tag)) = element.query_selector(".tag") else { return };
    let tag_text =
        if layer == data { number(*layer).to_string() } else { format!("{}+{}", number(*layer), number(*data)) };
    tag.set_text_content(Some(&tag_text));
}
