//! The stack of slabs: the picture of one image.

mod core_sample;
mod merged;
mod seal;
mod slab;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use crate::{
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::{
        slabs::{Slab, View},
        stack::{self, GAP, SLAB, WHOLE},
    },
};

use core_sample::core_sample;
use merged::merged_view;
use slab::SlabRow;

#[derive(Debug, PartialEq, Properties)]
pub struct StrataProps {
    pub archive: Shared<Archive>,
    pub image: usize,
    /// The chosen layer; 0 is the base.
    pub layer: Option<usize>,
    pub on_layer: Callback<Option<usize>>,
}

/// Base at the bottom, the merged view on top. Of a tall stack only the slabs in sight are drawn.
#[component(Strata)]
pub fn strata(props: &StrataProps) -> Html {
    let Some(view) = View::new(&props.archive, props.image) else { return Html::default() };
    let n = view.layers();
    let tall = n > WHOLE;
    let viewport = use_state_eq(|| (0.0, 900.0));
    let scroller = use_node_ref();
    {
        let (scroller, set) = (scroller.clone(), viewport.setter());
        use_effect_with((tall, n), move |(tall, _)| {
            let element = scroller.cast::<Element>().filter(|_| *tall);
            let listener = element.map(|element| {
                let read =
                    move |element: &Element| set.set((element.scroll_top() as f32, element.client_height() as f32));
                read(&element);
                let watched = element.clone();
                EventListener::new(&element, "scroll", move |_| read(&watched))
            });
            move || drop(listener)
        });
    }
    {
        let scroller = scroller.clone();
        let id = format!("slab-{}-{}", props.archive.id.0, props.layer.unwrap_or(0));
        use_effect_with((props.layer, n, tall), move |(layer, n, tall)| {
            if let Some(layer) = layer {
                reveal(&scroller, *n, *layer, *tall, &id);
            }
        });
    }
    let shown = if tall { stack::window(n, viewport.0, viewport.1) } else { 0..n };
    let slabs: Vec<Slab> = shown.rev().filter_map(|layer| view.slab(layer)).collect();
    let scale = view.scale();
    let sizes = use_memo((props.archive.plan.clone(), props.image), |_| view.sizes());
    let focusable = props.layer.unwrap_or(n.saturating_sub(1));
    let onkeydown = {
        let (layer, on_layer) = (props.layer, props.on_layer.clone());
        Callback::from(move |event: KeyboardEvent| {
            if let Some(next) = step(&event.key(), layer, n) {
                event.prevent_default();
                on_layer.emit(next);
            }
        })
    };
    html! {
        <div class={classes!("strata", tall.then_some("strata--tall"))} data-testid="strata">
            { merged_view(&props.archive, props.image) }
            <div class="strata__head" aria-hidden="true">
                <span>{ text("slab.layer") }</span>
                <span class="num">{ text("slab.stored") }</span>
                <span class="num">{ text("slab.contribution") }</span>
                <span class="num">{ text("slab.cumulative") }</span>
                <span class="num">{ text("slab.seal") }</span>
            </div>
            <div class="strata__scroll" ref={scroller}>
                { core_sample(&sizes, !tall, props.layer) }
                <ul
                    class="strata__slabs" role="listbox" tabindex={if n == 0 { "-1" } else { "0" }} {onkeydown}
                    aria-label={fill("strata.label", &[("n", &n)])}
                    aria-activedescendant={format!("slab-{}-{focusable}", props.archive.id.0)}
                    style={format!("height:{}px", stack::height(n))}
                >
                    { for slabs.iter().map(|slab| html! {
                        <SlabRow
                            key={slab.layer.to_string()} id={format!("slab-{}-{}", props.archive.id.0, slab.layer)}
                            top={stack::top(n, slab.layer)} total={n} chosen={props.layer == Some(slab.layer)}
                            {scale} slab={slab.clone()} on_layer={props.on_layer.clone()}
                        />
                    }) }
                </ul>
            </div>
        </div>
    }
}

/// What a key does: up is up the stack, towards newer layers. The inner `None` lets the layer go.
fn step(key: &str, layer: Option<usize>, n: usize) -> Option<Option<usize>> {
    let top = n.checked_sub(1)?;
    Some(match key {
        "ArrowUp" => Some(layer.map_or(0, |layer| (layer + 1).min(top))),
        "ArrowDown" => Some(layer.map_or(top, |layer| layer.saturating_sub(1))),
        "PageUp" => Some(layer.map_or(top, |layer| (layer + 10).min(top))),
        "PageDown" => Some(layer.map_or(0, |layer| layer.saturating_sub(10))),
        "Home" => Some(top),
        "End" => Some(0),
        "Enter" | " " => Some(layer.unwrap_or(top)),
        "Escape" => None,
        _ => return None,
    })
}

/// Scrolls as little as it takes to show the layer: a tall stack in its window, a short one in the page's.
fn reveal(scroller: &NodeRef, n: usize, layer: usize, tall: bool, id: &str) {
    if !tall {
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(slab) = document.and_then(|document| document.get_element_by_id(id)) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            slab.scroll_into_view_with_scroll_into_view_options(&options);
        }
        return;
    }
    let Some(element) = scroller.cast::<HtmlElement>() else { return };
    let (top, view) = (stack::top(n, layer), element.client_height() as f32);
    let scroll = element.scroll_top() as f32;
    let wanted = scroll.clamp((top + SLAB + GAP - view).max(0.0), top.max(0.0));
    if (wanted - scroll).abs() >= 1.0 {
        element.unchecked_ref::<Element>().set_scroll_top(wanted as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn arrows_walk_the_stack_as_it_is_drawn() {
        assert_eq!(step("ArrowUp", Some(1), 3), Some(Some(2)));
        assert_eq!(step("ArrowUp", Some(2), 3), Some(Some(2)));
        assert_eq!(step("ArrowDown", Some(0), 3), Some(Some(0)));
        assert_eq!(step("ArrowDown", None, 3), Some(Some(2)));
        assert_eq!(step("End", Some(2), 3), Some(Some(0)));
        assert_eq!(step("Escape", Some(2), 3), Some(None));
        assert_eq!(step("Tab", Some(2), 3), None);
        assert_eq!(step("ArrowUp", None, 0), None);
    }
}
