use layerlab_core::{finding::Severity, layer::Compression, report::Counts};
use yew::prelude::*;

use super::seal::seal_mark;
use crate::{
    components::icons,
    i18n::{fill, text},
    view_model::{
        format,
        seal::Seal,
        slabs::Slab,
        stack::{Bar, Scale},
        words,
    },
};

#[derive(Debug, PartialEq, Properties)]
pub struct SlabRowProps {
    pub id: AttrValue,
    pub slab: Slab,
    pub top: f32,
    pub total: usize,
    pub scale: Scale,
    pub chosen: bool,
    pub on_layer: Callback<Option<usize>>,
}

/// One layer, read-only: solid, with a lock, its number and its hue. It fills as its bytes are read.
#[component(SlabRow)]
pub fn slab_row(props: &SlabRowProps) -> Html {
    let slab = &props.slab;
    let (layer, chosen) = (slab.layer, props.chosen);
    let onclick = props.on_layer.reform(move |_| (!chosen).then_some(layer));
    let filled = match slab.seal {
        Seal::Checking(share) => share,
        Seal::NotChecked if slab.tar_size.is_none() => 0.0,
        _ => 1.0,
    };
    let title = slab.instruction.clone().unwrap_or_else(|| slab.path.clone());
    let stored = slab.stored.map_or_else(|| "—".to_owned(), format::bytes);
    let label = fill(
        "slab.label",
        &[
            ("n", &(layer + 1)),
            ("total", &props.total),
            ("title", &title),
            ("stored", &stored),
            ("seal", &text(&format!("seal.{}", slab.seal.word()))),
        ],
    );
    let class = classes!(
        "slab",
        chosen.then_some("slab--chosen"),
        slab.absent.then_some("slab--absent"),
        (slab.seal == Seal::Mismatch).then_some("slab--mismatch")
    );
    html! {
        <li
            id={props.id.clone()} {class} role="option" aria-selected={chosen.to_string()} aria-label={label} {onclick}
            data-testid="slab" style={format!("--h:{};--filled:{filled:.3};top:{}px", slab.hue, props.top)}
        >
            <span class="slab__number">{ icons::lock() }{ layer + 1 }</span>
            <span class="slab__what">
                <span class="slab__title" title={title.clone()}>{ title.clone() }</span>
                <span class="slab__notes">{ notes(slab) }</span>
            </span>
            <span class="slab__figure slab__stored">
                { stored }
                if let Some(word) = slab.compression.and_then(compressed) {
                    <small class="slab__box">{ icons::strapped_box() }{ word }</small>
                }
            </span>
            <span class="slab__figure slab__contribution">
                { slab.contribution.map_or_else(|| "—".to_owned(), format::signed_bytes) }
                { slab.contribution.map(|value| bar(props.scale, value)) }
            </span>
            <span class="slab__figure slab__cumulative">{ slab.cumulative.map_or_else(|| "—".to_owned(), format::bytes) }</span>
            { seal_mark(slab.seal, slab.digest.as_deref()) }
        </li>
    }
}

/// A bar from the zero line that all slabs share.
fn bar(scale: Scale, value: i64) -> Html {
    let Bar { start, length } = scale.bar(value);
    html! {
        <span class={classes!("bar", (value < 0).then_some("bar--negative"))} aria-hidden="true" style={format!("--start:{start:.4};--length:{length:.4};--zero:{:.4}", scale.zero())} />
    }
}

/// Below the title: the worst finding, and what the layer does to the tree.
fn notes(slab: &Slab) -> Html {
    if slab.absent {
        return html! { <span class="note note--absent">{ text("slab.absent") }</span> };
    }
    let worst = slab.worst.filter(|severity| *severity > Severity::Note);
    html! {
        <>
            if let Some(severity) = worst {
                <span class={classes!("note", format!("note--{}", words::name(words::severity(severity))))}>{ text(words::severity(severity)) }</span>
            }
            { slab.counts.as_ref().map(chips) }
        </>
    }
}

fn chips(counts: &Counts) -> Html {
    let chip = |icon: Html, n: u64, key: &str| {
        (n > 0).then(|| html! { <span class="chip" title={text(key)}>{ icon }{ format::count(n) }<span class="unseen">{ text(key) }</span></span> })
    };
    html! {
        <>
            { chip(icons::tile(), counts.added, "counts.added") }
            { chip(icons::notched_tile(), counts.modified, "counts.modified") }
            { chip(icons::lid(), counts.removed, "counts.removed") }
            { chip(icons::wide_lid(), counts.opaque_dirs, "counts.opaque-dirs") }
        </>
    }
}

fn compressed(compression: Compression) -> Option<&'static str> {
    match compression {
        Compression::None => None,
        Compression::Gzip => Some("gzip"),
        Compression::Zstd => Some("zstd"),
        Compression::Bzip2 => Some("bzip2"),
        Compression::Xz => Some("xz"),
    }
}
