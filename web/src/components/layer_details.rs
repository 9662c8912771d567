use yew::prelude::*;

use super::{chain::LinkRow, findings::FindingItem};
use crate::{
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::{
        chain, findings, format,
        slabs::{Slab, View},
    },
};

#[derive(Debug, PartialEq, Properties)]
pub struct LayerDetailsProps {
    pub archive: Shared<Archive>,
    pub image: usize,
    pub layer: usize,
    pub on_close: Callback<()>,
}

/// Everything about the chosen layer.
#[component(LayerDetails)]
pub fn layer_details(props: &LayerDetailsProps) -> Html {
    let Some(view) = View::new(&props.archive, props.image) else { return Html::default() };
    let Some(slab) = view.slab(props.layer) else { return Html::default() };
    let on_close = props.on_close.reform(|_| ());
    let on_key = {
        let close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    html! {
        <aside class="details" style={format!("--h:{}", slab.hue)} aria-labelledby="details" data-testid="layer-details" onkeydown={on_key}>
            <header class="details__head">
                <h2 id="details"><span class="details__number">{ props.layer + 1 }</span>{ fill("details.title", &[("n", &(props.layer + 1)), ("total", &view.layers())]) }</h2>
                <button class="card__button" onclick={on_close} aria-label={text("details.close")}>{ "×" }</button>
            </header>
            <p class="details__instruction"><code>{ slab.instruction.clone().unwrap_or_else(|| text("details.no-instruction").to_string()) }</code></p>
            <dl class="facts">{ facts(&view, &slab) }</dl>
            { for findings::of_layer(&view, props.layer).into_iter().map(|finding| html! { <FindingItem finding={finding.clone()} /> }) }
            <h3>{ text("details.digests") }</h3>
            { for chain::layer(&view, props.layer).into_iter().map(|link| html! { <LinkRow {link} /> }) }
        </aside>
    }
}

fn facts(view: &View<'_>, slab: &Slab) -> Html {
    let fact = |key: &str, value: Option<String>| {
        value.map(|value| html! { <div><dt>{ text(key) }</dt><dd>{ value }</dd></div> })
    };
    let report = view.report.and_then(|report| report.layers.get(slab.layer));
    let counts = slab.counts.unwrap_or_default();
    let count = |n: u64| (n > 0).then(|| format::count(n));
    html! {
        <>
            <div class="facts__long"><dt>{ text("details.path") }</dt><dd><code>{ &slab.path }</code></dd></div>
            { fact("details.media-type", view.image.layers.get(slab.layer).and_then(|layer| layer.media_type.as_deref()).map(layerlab_core::display::harmless_text)) }
            { fact("slab.stored", slab.stored.map(format::bytes)) }
            { fact("details.tar-size", slab.tar_size.map(format::bytes)) }
            { fact("slab.contribution", slab.contribution.map(format::signed_bytes)) }
            { fact("slab.cumulative", slab.cumulative.map(format::bytes)) }
            { fact("details.entries", report.and_then(|report| report.entries).map(format::count)) }
            { fact("counts.added", count(counts.added)) }
            { fact("counts.modified", count(counts.modified)) }
            { fact("counts.modified-content", count(counts.modified_content)) }
            { fact("counts.modified-meta", count(counts.modified_meta_only)) }
            { fact("counts.modified-type", count(counts.modified_type)) }
            { fact("counts.relisted", count(counts.relisted)) }
            { fact("counts.removed", count(counts.removed)) }
            { fact("counts.whiteouts", count(counts.whiteouts)) }
            { fact("counts.opaque-dirs", count(counts.opaque_dirs)) }
            { fact("counts.whiteouts-without-target", count(counts.whiteouts_without_target)) }
        </>
    }
}
