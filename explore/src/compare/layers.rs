//! The two stacks in one picture: the trunk that they share, and what each has above it.

use layerlab_core::{
    compare::{DiffDocument, LayerRow},
    report::ImageReport,
};
use layerlab_web::view_model::{format, stack};
use yew::prelude::*;

use crate::{cost, fill, plural, text};

/// One slab of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slab {
    /// Index in its image; the trunk's are the same in both.
    pub layer: u64,
    /// Where the same content stands in the other image, above other layers.
    pub twin: Option<u64>,
}

/// Slabs of each part, top first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub a: Vec<Slab>,
    pub b: Vec<Slab>,
    pub trunk: Vec<Slab>,
}

/// Divides the rows of a comparison into the trunk and the two branches.
pub fn parts(rows: &[LayerRow], trunk: u64) -> Parts {
    let mut parts = Parts::default();
    for row in rows {
        match *row {
            LayerRow::Shared { a, b, .. } if a < trunk && a == b => parts.trunk.push(Slab { layer: a, twin: None }),
            LayerRow::Shared { a, b, .. } => {
                parts.a.push(Slab { layer: a, twin: Some(b) });
                parts.b.push(Slab { layer: b, twin: Some(a) });
            }
            LayerRow::OnlyA(layer) => parts.a.push(Slab { layer, twin: None }),
            LayerRow::OnlyB(layer) => parts.b.push(Slab { layer, twin: None }),
        }
    }
    for part in [&mut parts.a, &mut parts.b, &mut parts.trunk] {
        part.sort_by_key(|slab| std::cmp::Reverse(slab.layer));
    }
    parts
}

/// Slabs drawn of one part: of more, the ends.
const DRAWN: usize = 24;

pub fn layers(document: &DiffDocument, a: &ImageReport, b: &ImageReport) -> Html {
    let parts = parts(&document.layers.rows, document.layers.trunk);
    let name = |image: &ImageReport, tags: &[String]| {
        let short = image.config_digest.as_ref().map(|id| id.0.short().to_owned());
        tags.first().cloned().or(short).unwrap_or_default()
    };
    let branch = |side: &str, slabs: &[Slab], image: &ImageReport, tags: &[String]| {
        html! {
            <div class="branch" data-testid={format!("branch-{side}")}>
                <h3><b>{ side.to_uppercase() }</b><code>{ name(image, tags) }</code></h3>
                { slab_list(slabs, image) }
                if slabs.is_empty() { <p class="branch__none">{ text("compare.no-more") }</p> }
            </div>
        }
    };
    html! {
        <section class="stacks" aria-labelledby="stacks-title">
            <h2 id="stacks-title">{ text("compare.layers") }</h2>
            <div class="stacks__branches">
                { branch("a", &parts.a, a, &document.a.tags) }
                { branch("b", &parts.b, b, &document.b.tags) }
            </div>
            <div class="stacks__trunk" data-testid="trunk">
                <h3>{ plural("compare.trunk", document.layers.trunk) }</h3>
                { slab_list(&parts.trunk, a) }
            </div>
        </section>
    }
}

fn slab_list(slabs: &[Slab], image: &ImageReport) -> Html {
    let left_out = slabs.len().saturating_sub(DRAWN);
    let (top, bottom) =
        if left_out == 0 { (slabs, &[][..]) } else { (&slabs[..DRAWN / 2], &slabs[slabs.len() - DRAWN / 2..]) };
    html! {
        <ol class="minislabs" reversed={true}>
            { for top.iter().map(|one| slab(one, image)) }
            if left_out > 0 { <li class="minislabs__more">{ plural("compare.more-layers", left_out as u64) }</li> }
            { for bottom.iter().map(|one| slab(one, image)) }
        </ol>
    }
}

fn slab(slab: &Slab, image: &ImageReport) -> Html {
    let index = usize::try_from(slab.layer).unwrap_or_default();
    let layer = image.layers.get(index);
    let stored = layer.and_then(|layer| layer.blob_size).map_or_else(|| "—".to_owned(), format::bytes);
    html! {
        <li class="minislab" style={format!("--h:{}", stack::hue(index))}>
            <b>{ index + 1 }</b>
            <code>{ cost::made_by(image, slab.layer).unwrap_or_default() }</code>
            if let Some(twin) = slab.twin { <small class="minislab__twin">{ fill("compare.twin", &[("layer", &(twin + 1))]) }</small> }
            <span>{ stored }</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_layer_above_other_layers_is_in_both_branches() {
        let rows = [
            LayerRow::Shared { a: 0, b: 0, same_blob: true },
            LayerRow::OnlyA(1),
            LayerRow::Shared { a: 2, b: 1, same_blob: true },
            LayerRow::OnlyB(2),
        ];
        let slab = |layer, twin| Slab { layer, twin };
        let parts = parts(&rows, 1);
        assert_eq!(parts.trunk, [slab(0, None)]);
        assert_eq!(parts.a, [slab(2, Some(1)), slab(1, None)]);
        assert_eq!(parts.b, [slab(2, None), slab(1, Some(2))]);
    }
}
