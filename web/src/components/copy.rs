use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::i18n::text;

#[derive(Debug, PartialEq, Properties)]
pub struct CopyProps {
    pub value: AttrValue,
    /// What is copied, for a name of the button ("manifest digest").
    pub what: AttrValue,
}

/// Shows a value with a button that copies it. Where the browser has no clipboard (no secure context) the value is
/// selected instead, so that one keystroke copies it.
#[component(Copy)]
pub fn copy(props: &CopyProps) -> Html {
    let done = use_state_eq(|| None);
    let node = use_node_ref();
    let onclick = {
        let (value, node, done) = (props.value.clone(), node.clone(), done.setter());
        Callback::from(move |_| {
            let word = if write(&value) { "copy.copied" } else { "copy.selected" };
            if word == "copy.selected" {
                select(&node);
            }
            done.set(Some(word));
            let done = done.clone();
            Timeout::new(2_000, move || done.set(None)).forget();
        })
    };
    html! {
        <span class="copy">
            <code class="copy__value" ref={node}>{ props.value.clone() }</code>
            <button class="copy__button" {onclick} aria-label={format!("{} {}", text("copy.copy"), props.what)}>
                { text(done.unwrap_or("copy.copy")) }
            </button>
        </span>
    }
}

fn write(value: &str) -> bool {
    let Some(window) = web_sys::window().filter(|window| window.is_secure_context()) else { return false };
    let promise = window.navigator().clipboard().write_text(value);
    // A refusal is the browser's to explain; it must not become an unhandled rejection.
    wasm_bindgen_futures::spawn_local(async move { drop(wasm_bindgen_futures::JsFuture::from(promise).await) });
    true
}

fn select(node: &NodeRef) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let (Some(selection), Some(element)) = (selection, node.cast::<Element>()) {
        let _ = selection.select_all_children(element.unchecked_ref());
    }
}
