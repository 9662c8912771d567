use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use layerlab_core::{
    explore::{Column, Kind, Row, Sort, row::permissions},
    path::PathId,
};
use layerlab_web::view_model::{format, stack};
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::{rows, scroll::Scroll, toolbar::sign};
use crate::{
    fill,
    protocol::tree::{Act, Page},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct TableProps {
    pub page: Rc<Page>,
    /// The row that the keyboard is at.
    pub focus: u32,
    pub chosen: Option<PathId>,
    pub on_act: Callback<Act>,
    pub on_window: Callback<(u32, u32)>,
    pub on_focus: Callback<u32>,
    pub on_choose: Callback<Option<PathId>>,
}

const COLUMNS: [(Column, &str); 8] = [
    (Column::Name, "tree.column.name"),
    (Column::Change, "tree.column.change"),
    (Column::Size, "tree.column.size"),
    (Column::Contribution, "tree.column.contribution"),
    (Column::Kind, "tree.column.kind"),
    (Column::Mode, "tree.column.mode"),
    (Column::Owner, "tree.column.owner"),
    (Column::Layer, "tree.column.layer"),
];

/// Milliseconds within which typed letters belong to one name.
const TYPING: u32 = 700;

/// The tree, of which the rows in sight are drawn.
#[component(Table)]
pub fn table(props: &TableProps) -> Html {
    let page = &props.page;
    let scroller = use_node_ref();
    let place = use_state_eq(|| (0.0_f64, 480.0_f64));
    let typed = use_mut_ref(|| (String::new(), None::<Timeout>));
    {
        let (scroller, place) = (scroller.clone(), place.setter());
        use_effect_with((), move |()| {
            let listeners = scroller.cast::<Element>().map(|element| {
                let read = move |element: &Element| {
                    place.set((f64::from(element.scroll_top()), f64::from(element.client_height())));
                };
                read(&element);
                let (watched, resized, read_again) = (element.clone(), element.clone(), read.clone());
                let scrolled = EventListener::new(&element, "scroll", move |_| read(&watched));
                let window = web_sys::window()
                    .map(|window| EventListener::new(&window, "resize", move |_| read_again(&resized)));
                (scrolled, window)
            });
            move || drop(listeners)
        });
    }
    let scroll = Scroll { rows: page.len, top: place.0, view: place.1 };
    {
        let (on_window, held) = (props.on_window.clone(), (page.start, page.rows.len() as u32));
        use_effect_with((scroll.wanted(), page.len, held), move |(wanted, ..)| {
            if !scroll.is_filled(held.0, held.1) {
                on_window.emit(*wanted);
            }
        });
    }
    {
        let scroller = scroller.clone();
        use_effect_with((props.focus, page.hit, page.len), move |(focus, ..)| {
            if let Some(element) = scroller.cast::<Element>() {
                let now =
                    Scroll { top: f64::from(element.scroll_top()), view: f64::from(element.client_height()), ..scroll };
                let top = now.reveal(*focus);
                if (top - now.top).abs() >= 1.0 {
                    element.set_scroll_top(top as i32);
                }
            }
        });
    }
    let focus = props.focus.min(page.len.saturating_sub(1));
    let fitting = scroll.fitting();
    let onkeydown = {
        let (page, on_act, on_focus, on_choose) =
            (page.clone(), props.on_act.clone(), props.on_focus.clone(), props.on_choose.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let key = event.key();
            let row = rows::row_at(&page, focus);
            let last = page.len.saturating_sub(1);
            let to = |row: u32| on_focus.emit(row.min(last));
            match (key.as_str(), row) {
                ("ArrowDown", _) => to(focus + 1),
                ("ArrowUp", _) => to(focus.saturating_sub(1)),
                ("PageDown", _) => to(focus + fitting),
                ("PageUp", _) => to(focus.saturating_sub(fitting)),
                ("Home", _) => to(0),
                ("End", _) => to(last),
                ("ArrowRight", Some(row)) if row.expandable && !row.expanded => {
                    on_act.emit(Act::Expand(row.path, true))
                }
                ("ArrowRight", Some(row)) if row.expandable => to(focus + 1),
                ("ArrowLeft", Some(row)) if row.expanded => on_act.emit(Act::Expand(row.path, false)),
                ("ArrowLeft", Some(row)) => {
                    if let Some(parent) = parent(&page, focus, row) {
                        to(parent);
                    }
                }
                ("Enter" | " ", Some(row)) => on_choose.emit(Some(row.path)),
                ("Escape", _) => on_choose.emit(None),
                (letter, _) if is_letter(letter) => {
                    let forget = typed.clone();
                    let mut typed = typed.borrow_mut();
                    typed.0.push_str(letter);
                    // The first letter goes on from here; more letters may stay here.
                    let from = focus + u32::from(typed.0.chars().count() == 1);
                    typed.1 = Some(Timeout::new(TYPING, move || forget.borrow_mut().0.clear()));
                    on_act.emit(Act::TypeAhead { from, prefix: typed.0.clone() });
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let (first, hidden) = scroll.first();
    let shown = (first..(first + fitting + 2).min(page.len)).filter_map(|row| Some((row, rows::row_at(page, row)?)));
    html! {
        <div
            class="tree" role="treegrid" tabindex="0" aria-label={text("tree.files.tree")} data-testid="tree" {onkeydown}
            aria-rowcount={(page.len + 1).to_string()} aria-colcount={COLUMNS.len().to_string()}
            aria-activedescendant={format!("row-{focus}")}
        >
            <div class="tree__head tree__row" role="row" aria-rowindex="1">
                { for COLUMNS.into_iter().map(|(column, key)| heading(page, column, key, &props.on_act)) }
            </div>
            <div class="tree__scroll" ref={scroller} tabindex="-1" data-testid="tree-scroll">
                <div class="tree__space" style={format!("height:{}px", scroll.height())} role="presentation">
                    <div class="tree__window" style={format!("transform:translateY({}px)", place.0 - hidden)} role="presentation">
                        { for shown.map(|(number, row)| drawn(props, number, row, number == focus)) }
                    </div>
                </div>
            </div>
            if page.len == 0 { <p class="tree__empty">{ text("tree.files.no-rows") }</p> }
        </div>
    }
}

fn heading(page: &Page, column: Column, key: &str, on_act: &Callback<Act>) -> Html {
    let sorted = page.sort.by == column;
    // Sizes and changes of size are looked at from the largest on.
    let largest = matches!(column, Column::Size | Column::Contribution);
    let descending = if sorted { !page.sort.descending } else { largest };
    let order = match (sorted, page.sort.descending) {
        (false, _) => "none",
        (true, true) => "descending",
        (true, false) => "ascending",
    };
    let arrow = match (sorted, page.sort.descending) {
        (false, _) => "",
        (true, true) => "▼",
        (true, false) => "▲",
    };
    html! {
        <span class={classes!("cell", class(column))} role="columnheader" aria-sort={order}>
            <button
                class="tree__sort" data-testid={format!("sort-{key}")}
                onclick={on_act.reform(move |_| Act::Sort(Sort { by: column, descending }))}
            >{ text(key) }<span class="tree__arrow" aria-hidden="true">{ arrow }</span></button>
        </span>
    }
}

fn drawn(props: &TableProps, number: u32, row: &Row, focused: bool) -> Html {
    let chosen = props.chosen == Some(row.path);
    let toggle = {
        let (on_act, path, expanded) = (props.on_act.clone(), row.path, row.expanded);
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            on_act.emit(Act::Expand(path, !expanded));
        })
    };
    let onclick = {
        let (on_focus, on_choose, path) = (props.on_focus.clone(), props.on_choose.clone(), row.path);
        Callback::from(move |_: MouseEvent| {
            on_focus.emit(number);
            on_choose.emit(Some(path));
        })
    };
    let ondblclick = {
        let (on_act, path, expanded) = (props.on_act.clone(), row.path, row.expanded);
        Callback::from(move |_: MouseEvent| on_act.emit(Act::Expand(path, !expanded)))
    };
    let size = if rows::has_size(row.kind) { format::bytes(row.size) } else { String::new() };
    let contribution = if row.contribution == 0 { String::new() } else { format::signed_bytes(row.contribution) };
    html! {
        <div
            key={number} id={format!("row-{number}")} role="row" data-testid="row" data-name={row.name.clone()}
            aria-rowindex={(number + 2).to_string()} aria-level={(row.depth + 1).to_string()}
            aria-expanded={row.expandable.then(|| row.expanded.to_string())} aria-selected={chosen.to_string()}
            class={classes!(
                "tree__row", format!("change--{}", row.change.word()), focused.then_some("tree__row--focus"),
                chosen.then_some("tree__row--chosen"), row.context.then_some("tree__row--context"),
                row.hit.then_some("tree__row--hit"),
            )}
            style={format!("--depth:{};--h:{}", row.depth.min(24), stack::hue(row.layer as usize))} {onclick} {ondblclick}
        >
            <span class="cell cell--name" role="gridcell">
                if row.expandable {
                    <button class={classes!("twisty", row.expanded.then_some("twisty--open"))} tabindex="-1" aria-hidden="true" onclick={toggle} data-testid="twisty">{ "▸" }</button>
                } else {
                    <span class="twisty" aria-hidden="true">{ if row.kind == Kind::Directory { "" } else { rows::glyph(row) } }</span>
                }
                <span class="cell__name">{ &row.name }{ if row.expandable || row.kind == Kind::Directory { "/" } else { "" } }</span>
                if let Some(target) = &row.target { <span class="cell__target">{ "→ " }{ target }</span> }
            </span>
            <span class="cell cell--change" role="gridcell"><span class="change__sign" aria-hidden="true">{ sign(row.change) }</span>{ text(&rows::change(row.change)) }</span>
            <span class="cell cell--size num" role="gridcell">{ size }</span>
            <span class="cell cell--contribution num" role="gridcell">{ contribution }</span>
            <span class="cell cell--kind" role="gridcell">{ text(&rows::kind(row.kind)) }</span>
            <span class="cell cell--mode" role="gridcell">{ permissions(row.metadata.mode) }</span>
            <span class="cell cell--owner num" role="gridcell">{ format!("{}:{}", row.metadata.uid, row.metadata.gid) }</span>
            <span class="cell cell--layer" role="gridcell" title={fill("tree.files.layer", &[("n", &(row.layer + 1))])}><span class="swatch">{ row.layer + 1 }</span></span>
        </div>
    }
}

fn class(column: Column) -> &'static str {
    match column {
        Column::Name => "cell--name",
        Column::Change => "cell--change",
        Column::Size => "cell--size num",
        Column::Contribution => "cell--contribution num",
        Column::Kind => "cell--kind",
        Column::Mode => "cell--mode",
        Column::Owner => "cell--owner num",
        Column::Layer => "cell--layer",
    }
}

/// The row of the directory above, where the page has it.
fn parent(page: &Page, focus: u32, row: &Row) -> Option<u32> {
    let above = page.rows.get(..focus.checked_sub(page.start)? as usize)?;
    above.iter().rposition(|other| other.depth < row.depth).map(|at| page.start + at as u32)
}

/// Signs that are keys of the pane do not begin names.
fn is_letter(key: &str) -> bool {
    let mut chars = key.chars();
    let one = chars.next().filter(|_| chars.next().is_none());
    one.is_some_and(|c| !c.is_control() && !matches!(c, ' ' | '/' | '=' | '[' | ']' | '*' | '#'))
}
