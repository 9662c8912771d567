use yew::prelude::*;

use super::{chain::link_row, findings::finding_item};
use crate::{
    i18n::{fill, text},
    state::Archive,
    view_model::{
        chain, findings, format,
        slabs::{Slab, View},
    },
};

/// Everything about the chosen layer.
pub fn layer_details(archive: &Archive, image: usize, layer: usize, on_close: &Callback<()>) -> Html {
    let Some(view) = View::new(archive, image) else { return Html::default() };
    let Some(slab) = view.slab(layer) else { return Html::default() };
    let close_clicked = on_close.reform(|_: MouseEvent| ());
    let on_key = {
        let close = on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    html! {
        <aside class="details" style={format!("--h:{}", slab.hue)} aria-labelledby="details" data-testid="layer-details" onkeydown={on_key}>
            <header class="details__head">
                <h2 id="details"><span class="details__number">{ layer + 1 }</span>{ fill("details.title", &[("n", &(layer + 1)), ("total", &view.layers())]) }</h2>
                <button class="card__button" onclick={close_clicked} aria-label={text("details.close")}>{ "×" }</button>
            </header>
            <p class="details__instruction"><code>{ slab.instruction.clone().unwrap_or_else(|| text("details.no-instruction").to_string()) }</code></p>
            <dl class="facts">{ facts(&view, &slab) }</dl>
            { for findings::of_layer(&view, layer).into_iter().map(|finding| finding_item(None, finding)) }
            <h3>{ text("details.digests") }</h3>
            { for chain::layer(&view, layer).into_iter().map(|link| link_row(&link)) }
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
