use layerlab_core::{path::PathId, report::Report};
use layerlab_web::{
    i18n::Language,
    state::Shared,
    view_model::{format, stack},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::{
    geometry::{self, Column, Picture, Slab, What},
    protocol::{CostAnswer, CostQuestion, MapPage},
    words,
};
use crate::{
    ask::use_answer,
    client::Client,
    fill, plural,
    protocol::{Answer, Question},
    text,
};

/// Columns asked for; the thin ones are gathered.
const COLUMNS: usize = 40;

#[derive(Debug, PartialEq, Properties)]
pub struct StrataMapProps {
    pub client: Client,
    pub report: Shared<Report>,
    pub image: usize,
    pub language: Language,
}

/// The strata picture at the scale of the whole image: every slab divided by directory, a click goes in.
#[component(StrataMap)]
pub fn strata_map(props: &StrataMapProps) -> Html {
    let path = use_state_eq(|| PathId::ROOT);
    let question = CostQuestion::Map { image: props.image, path: *path, columns: COLUMNS };
    let heard = use_answer(Some(&props.client), Some(Question::Cost(question)));
    let (frame, gone) = (use_node_ref(), use_mut_ref(|| false));
    let go = {
        let (path, gone) = (path.setter(), gone.clone());
        use_callback((), move |to, ()| {
            *gone.borrow_mut() = true;
            path.set(to);
        })
    };
    let answer = heard.map(|answered| answered.heard.answer);
    {
        // The column that was entered is not there any more: without this the focus would be nowhere.
        let frame = frame.clone();
        use_effect_with(answer.as_ref().map(shown), move |_| {
            if let (true, Some(frame)) = (std::mem::take(&mut *gone.borrow_mut()), frame.cast::<HtmlElement>()) {
                let _ = frame.focus();
            }
        });
    }
    let content = match answer {
        None => html! { <p class="empty" role="status">{ text("cost.map.wait") }</p> },
        Some(Answer::Cost(CostAnswer::Map(Some(page)))) => drawn(&page, props, &frame, &go),
        Some(_) => html! { <p class="empty">{ text("cost.absent") }</p> },
    };
    html! {
        <section class="map" aria-labelledby="map-title" data-testid="map">
            <h2 id="map-title">{ text("cost.map.title") }</h2>
            <p class="map__about">{ text("cost.map.about") }</p>
            { content }
        </section>
    }
}

/// The directory that an answer is about.
fn shown(answer: &Answer) -> Option<PathId> {
    match answer {
        Answer::Cost(CostAnswer::Map(Some(page))) => Some(page.path),
        _ => None,
    }
}

fn drawn(page: &MapPage, props: &StrataMapProps, frame: &NodeRef, go: &Callback<PathId>) -> Html {
    let picture = geometry::picture(&page.zoom);
    let names: Vec<&str> = page.way.iter().map(|step| step.1.as_str()).collect();
    let here =
        fill("cost.map.here", &[("path", &format!("/{}", names.join("/"))), ("bytes", &format::bytes(picture.bytes))]);
    let up = page.way.len().checked_sub(2).and_then(|at| page.way.get(at)).map_or(PathId::ROOT, |step| step.0);
    let onkeydown = {
        let (go, at_root) = (go.clone(), page.path == PathId::ROOT);
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" | "Backspace" if !at_root => {
                event.prevent_default();
                go.emit(up);
            }
            key @ ("ArrowLeft" | "ArrowRight") => step(&event, key == "ArrowRight"),
            _ => {}
        })
    };
    html! {
        <div class="map__body" ref={frame.clone()} tabindex="-1" role="group" aria-label={here} {onkeydown}>
            { way(page, go) }
            if picture.columns.is_empty() {
                <p class="empty">{ text("cost.map.empty") }</p>
            } else {
                <div class="map__frame">
                    <div class="map__names" aria-hidden="true">
                        { for picture.slabs.iter().map(|slab| name(slab, props)) }
                    </div>
                    // Keyed by the directory, so that another one comes in anew.
                    <div class="map__field" key={page.path.0} style={format!("--slabs:{}", picture.slabs.len())}>
                        { for picture.slabs.iter().enumerate().map(|(row, slab)| slab_row(row, slab, &picture)) }
                        { for picture.columns.iter().map(|one| column(one, picture.bytes, go)) }
                    </div>
                </div>
                { legend() }
                if picture.left_out > 0 { <p class="map__about">{ plural("cost.map.left-out", picture.left_out as u64) }</p> }
                { table(&picture, page) }
            }
        </div>
    }
}

fn way(page: &MapPage, go: &Callback<PathId>) -> Html {
    let to = |path: PathId| go.reform(move |_: MouseEvent| path);
    let last = page.way.len();
    let crumb = |here: bool, path: PathId, name: &str| {
        if here {
            html! { <li aria-current="location"><code>{ name }</code></li> }
        } else {
            html! { <li><button class="crumb" onclick={to(path)}><code>{ name }</code></button></li> }
        }
    };
    html! {
        <nav class="crumbs" aria-label={text("cost.map.way")}>
            <ol>
                { crumb(last == 0, PathId::ROOT, "/") }
                { for page.way.iter().enumerate().map(|(at, (path, name))| crumb(at + 1 == last, *path, name)) }
            </ol>
        </nav>
    }
}

/// The slab's number and instruction, left of the field.
fn name(slab: &Slab, props: &StrataMapProps) -> Html {
    let made_by = props.report.images.get(props.image).and_then(|image| words::made_by(image, slab.layer as u64));
    html! {
        <div class="map__name" style={format!("--h:{}", stack::hue(slab.layer))} title={made_by.clone()}>
            <b>{ slab.layer + 1 }</b>
            <span>{ made_by.unwrap_or_default() }</span>
            <small>{ format::bytes(slab.weight.stored) }</small>
        </div>
    }
}

fn slab_row(row: usize, slab: &Slab, picture: &Picture) -> Html {
    html! {
        <div class="map__slab" aria-hidden="true" style={format!("--h:{};--row:{row}", stack::hue(slab.layer))}>
            { for slab.tiles.iter().filter_map(|tile| {
                let Column { x, width, .. } = picture.columns.get(tile.column)?;
                Some(html! {
                    <i class="map__tile" style={format!("--x:{x:.5};--w:{width:.5};--t:{:.4};--hidden:{:.4}", tile.height, tile.hidden)} />
                })
            }) }
        </div>
    }
}

/// A column is a button over all the slabs: going into its directory.
fn column(column: &Column, all: u64, go: &Callback<PathId>) -> Html {
    let style = format!("--x:{:.5};--w:{:.5}", column.x, column.width);
    let share = format::percent(column.bytes as f64 / all.max(1) as f64);
    let bytes = format::bytes(column.bytes);
    match &column.what {
        What::Others(count) => {
            let label = plural("cost.map.others", *count);
            html! {
                <span class="map__column map__column--others" {style} title={format!("{label}: {bytes} ({share})")}>
                    if column.named { <span class="map__label">{ label.clone() }</span> }
                </span>
            }
        }
        What::Path { path, name, divisible } => {
            let path = *path;
            let slash = if *divisible { "/" } else { "" };
            let label =
                fill("cost.map.column", &[("name", &format!("{name}{slash}")), ("bytes", &bytes), ("share", &share)]);
            let inside = html! { if column.named { <span class="map__label"><code>{ name }{ slash }</code></span> } };
            if *divisible {
                let onclick = go.reform(move |_: MouseEvent| path);
                html! {
                    <button class="map__column" data-testid="map-column" {style} {onclick} title={label.clone()} aria-label={label}>{ inside }</button>
                }
            } else {
                html! { <span class="map__column" {style} title={label}>{ inside }</span> }
            }
        }
    }
}

fn legend() -> Html {
    html! {
        <ul class="map__legend">
            <li><i class="map__key" aria-hidden="true" />{ text("cost.map.seen") }</li>
            <li><i class="map__key map__key--hidden" aria-hidden="true" />{ text("cost.map.hidden") }</li>
            <li>{ text("cost.map.keys") }</li>
        </ul>
    }
}

/// The same as the picture says, for reading.
fn table(picture: &Picture, page: &MapPage) -> Html {
    let rows = page.zoom.columns.iter().map(|column| (column.name.clone(), column.bytes, &column.tiles));
    let others = page.zoom.others.as_ref();
    let rows = rows.chain(
        others.map(|others| (plural("cost.map.others", others.columns).to_string(), others.bytes, &others.tiles)),
    );
    html! {
        <details class="equal">
            <summary>{ text("cost.as-table") }</summary>
            <div class="sheet"><table>
                <thead><tr>
                    <th scope="col">{ text("cost.map.directory") }</th>
                    <th scope="col" class="num">{ text("cost.bytes") }</th>
                    <th scope="col" class="num">{ text("cost.map.seen") }</th>
                    <th scope="col" class="num">{ text("cost.map.hidden") }</th>
                    <th scope="col">{ text("cost.map.by-layer") }</th>
                </tr></thead>
                <tbody>
                    { for rows.map(|(name, bytes, tiles)| {
                        let seen = tiles.iter().fold(0_u64, |sum, tile| sum.saturating_add(tile.visible));
                        let by_layer: Vec<String> = tiles
                            .iter()
                            .enumerate()
                            .filter(|(_, tile)| tile.stored > 0)
                            .map(|(layer, tile)| format!("{}: {}", layer + 1, format::bytes(tile.stored)))
                            .collect();
                        html! {
                            <tr>
                                <th scope="row"><code>{ name }</code></th>
                                <td class="num">{ format::bytes(bytes) }</td>
                                <td class="num">{ format::bytes(seen) }</td>
                                <td class="num">{ format::bytes(bytes.saturating_sub(seen)) }</td>
                                <td>{ by_layer.join(" · ") }</td>
                            </tr>
                        }
                    }) }
                </tbody>
                <tfoot><tr><th scope="row">{ text("cost.sum") }</th><td class="num">{ format::bytes(picture.bytes) }</td></tr></tfoot>
            </table></div>
        </details>
    }
}

/// Moves the focus to the neighbouring column, from outside the columns to the first.
fn step(event: &KeyboardEvent, forward: bool) {
    let Some(here) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    if !here.class_list().contains("map__column") {
        let first = here.query_selector("button.map__column").ok().flatten();
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            event.prevent_default();
            let _ = first.focus();
        }
        return;
    }
    let mut next = Some(here);
    while let Some(at) = next {
        next = if forward { at.next_element_sibling() } else { at.previous_element_sibling() };
        let button = next.as_ref().filter(|at| at.tag_name() == "BUTTON");
        if let Some(button) = button.and_then(|at| at.dyn_ref::<HtmlElement>()) {
            event.prevent_default();
            let _ = button.focus();
            return;
        }
    }
}
