use yew::prelude::*;

use crate::{
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::{
        format,
        slabs::{Slab, View},
    },
};

#[derive(Debug, PartialEq, Properties)]
pub struct LayerTableProps {
    pub archive: Shared<Archive>,
    pub image: usize,
}

/// Rows that are added at a time.
const PAGE: usize = 200;

/// All that the picture says, as a table.
#[component(LayerTable)]
pub fn layer_table(props: &LayerTableProps) -> Html {
    let shown = use_state_eq(|| PAGE);
    let Some(view) = View::new(&props.archive, props.image) else { return Html::default() };
    let more = {
        let shown = shown.clone();
        Callback::from(move |_| shown.set(*shown + PAGE))
    };
    let head = [
        "number",
        "instruction",
        "stored",
        "tar",
        "contribution",
        "cumulative",
        "added",
        "modified",
        "removed",
        "seal",
    ];
    html! {
        <div class="table" data-testid="layer-table">
            <table>
                <caption>{ text("table.caption") }</caption>
                <thead><tr>{ for head.map(|column| html! { <th scope="col">{ text(&format!("table.{column}")) }</th> }) }</tr></thead>
                <tbody>{ for (0..view.layers().min(*shown)).filter_map(|layer| view.slab(layer)).map(|slab| row(&slab)) }</tbody>
            </table>
            if view.layers() > *shown {
                <button class="button" onclick={more}>{ fill("table.more", &[("n", &(view.layers() - *shown))]) }</button>
            }
        </div>
    }
}

fn row(slab: &Slab) -> Html {
    let size = |n: Option<u64>| n.map_or_else(|| "—".to_owned(), format::bytes);
    let count = |n: fn(&layerlab_core::report::Counts) -> u64| {
        slab.counts.as_ref().map_or_else(|| "—".to_owned(), |counts| format::count(n(counts)))
    };
    html! {
        <tr key={slab.layer}>
            <th scope="row">{ slab.layer + 1 }</th>
            <td class="table__text">{ slab.instruction.clone().unwrap_or_else(|| slab.path.clone()) }</td>
            <td>{ size(slab.stored) }</td>
            <td>{ size(slab.tar_size) }</td>
            <td>{ slab.contribution.map_or_else(|| "—".to_owned(), format::signed_bytes) }</td>
            <td>{ size(slab.cumulative) }</td>
            <td>{ count(|counts| counts.added) }</td>
            <td>{ count(|counts| counts.modified) }</td>
            <td>{ count(|counts| counts.removed) }</td>
            <td>{ text(&format!("seal.{}", slab.seal.word())) }</td>
        </tr>
    }
}
