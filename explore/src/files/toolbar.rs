//! The buttons above the tree, and the totals below it.

use layerlab_core::{
    explore::{Change, Column, Filter, Reading, Sort, row::Member},
    path::PathId,
};
use layerlab_web::view_model::format;
use yew::prelude::*;

use super::{reading, rows, take::Take};
use crate::{
    client::Client,
    fill, plural,
    protocol::tree::{Act, Page},
    text,
};

/// Changes to be shown or not, folding, largest first, and the tar of the whole tree.
pub fn toolbar(page: &Page, client: &Client, image: u32, on_act: &Callback<Act>) -> Html {
    let act = |act: Act| on_act.reform(move |_: MouseEvent| act.clone());
    let count = |change: Change| page.summary.changes.iter().find(|(of, _)| *of == change).map_or(0, |(_, n)| *n);
    html! {
        <div class="toolbar">
            <div class="toolbar__group" role="group" aria-label={text("tree.files.changes")}>
                { for Change::ALL.iter().map(|&change| {
                    let on = page.filter.changes.contains(change);
                    let filter = Filter { changes: page.filter.changes.toggled(change), ..page.filter.clone() };
                    html! {
                        <button
                            class={classes!("change", format!("change--{}", change.word()), (!on).then_some("change--off"))}
                            aria-pressed={on.to_string()} data-testid={format!("change-{}", change.word())}
                            onclick={act(Act::Filter(filter))}
                        >
                            <span class="change__sign" aria-hidden="true">{ sign(change) }</span>
                            { text(&rows::change(change)) }
                            <span class="count">{ format::count(count(change)) }</span>
                        </button>
                    }
                }) }
            </div>
            <div class="toolbar__group">
                <button class="tool tool--word" aria-keyshortcuts="*" data-testid="expand-changes" onclick={act(Act::ExpandToChanges)}>{ text("tree.files.expand-changes") }<kbd>{ "*" }</kbd></button>
                <button class="tool tool--word" data-testid="expand-all" onclick={act(Act::ExpandAll)}>{ text("tree.files.expand-all") }</button>
                <button class="tool tool--word" data-testid="collapse-all" onclick={act(Act::CollapseAll)}>{ text("tree.files.collapse-all") }</button>
                <button
                    class={classes!("tool", "tool--word", page.flat.then_some("tool--on"))} aria-pressed={page.flat.to_string()}
                    aria-keyshortcuts="#" data-testid="largest-first"
                    onclick={let (on_act, acts) = (on_act.clone(), largest_first(page)); move |_| acts.iter().cloned().for_each(|act| on_act.emit(act))}
                >{ text("tree.files.largest") }<kbd>{ "#" }</kbd></button>
                if !matches!(page.reading, Reading::Range { .. }) {
                    <Take client={client.clone()} {image} path={PathId::ROOT} height={reading::layer(page.reading) + 1} tar=true label={text("tree.take.tree")} />
                }
            </div>
        </div>
    }
}

/// Into the flat list of all files, the largest first, or back to the tree.
pub fn largest_first(page: &Page) -> Vec<Act> {
    if page.flat {
        return vec![Act::Sort(Sort::default()), Act::Flat(false)];
    }
    vec![Act::Sort(Sort { by: Column::Size, descending: true }), Act::Flat(true)]
}

/// What all of it comes to.
pub fn totals(page: &Page) -> Html {
    let summary = &page.summary;
    html! {
        <p class="files__totals" data-testid="totals">
            <span>{ plural("tree.count.paths", summary.matched) }</span>
            <span>{ format::bytes(summary.matched_bytes) }</span>
            <span>{ fill("tree.files.contributes", &[("bytes", &format::signed_bytes(summary.matched_contribution))]) }</span>
            if page.filter.is_narrow() { <span>{ fill("tree.files.of-all", &[("bytes", &format::bytes(summary.bytes))]) }</span> }
        </p>
    }
}

/// A change's sign, never empty.
pub fn sign(change: Change) -> &'static str {
    match change {
        Change::Added => "+",
        Change::Content => "M",
        Change::Metadata => "m",
        Change::Type => "T",
        Change::Removed => "−",
        Change::Relisted => "·",
        Change::Unmodified => "=",
    }
}
