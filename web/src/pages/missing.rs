use layerlab_core::display::harmless_text;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::{
    components::pickers,
    hooks::{Opened, kept, recall, reopen},
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::format,
};

#[derive(Debug, PartialEq, Properties)]
pub struct MissingProps {
    /// What the link calls the archive.
    pub address: AttrValue,
    pub archives: Vec<Shared<Archive>>,
    pub on_open: Callback<Vec<Opened>>,
}

/// The link needs an archive that is not open: which one, and the way to give it.
#[component(Missing)]
pub fn missing(props: &MissingProps) -> Html {
    let known = use_memo(props.address.clone(), |address| recall(address));
    let handle = use_handle(&props.address);
    let reopen = {
        let (handle, on_open) = (handle.clone(), props.on_open.clone());
        Callback::from(move |_| {
            let (handle, on_open) = (handle.clone(), on_open.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(handle) = handle
                    && let Some(file) = reopen(handle.clone()).await
                {
                    on_open.emit(vec![Opened { handle: Some(handle), ..Opened::file(file) }]);
                }
            });
        })
    };
    let others = props.archives.iter().filter(|archive| archive.plan.is_some());
    html! {
        <section class="missing" data-testid="missing">
            <h1>{ text("missing.title") }</h1>
            if let Some(known) = known.as_ref() {
                <p>{ text("missing.known") }</p>
                <dl class="facts">
                    <div><dt>{ text("missing.name") }</dt><dd>{ harmless_text(&known.name) }</dd></div>
                    <div><dt>{ text("missing.size") }</dt><dd>{ format::bytes(known.size) }{ " (" }{ format::count(known.size) }{ " B)" }</dd></div>
                    if let Some(config) = &known.config {
                        <div><dt>{ text("missing.config") }</dt><dd><code>{ harmless_text(config) }</code></dd></div>
                    }
                </dl>
            } else {
                <p>{ fill("missing.unknown", &[("key", &harmless_text(&props.address))]) }</p>
            }
            if let Some(known) = known.as_ref().as_ref().filter(|_| handle.is_some()) {
                <button class="button button--first" data-testid="reopen" onclick={reopen}>
                    { fill("missing.reopen", &[("name", &harmless_text(&known.name))]) }
                </button>
            }
            { pickers(&props.on_open) }
            <p>{ text("missing.why") }</p>
            { for others.map(|archive| html! {
                <p class="missing__other">{ fill("missing.other", &[("name", &harmless_text(&archive.source.name))]) }</p>
            }) }
        </section>
    }
}

/// The handle that the browser keeps of the archive, once it has been looked up.
#[hook]
fn use_handle(address: &AttrValue) -> Option<JsValue> {
    let handle = use_state_eq(|| None);
    let set = handle.setter();
    use_effect_with(address.clone(), move |address| {
        let address = address.clone();
        wasm_bindgen_futures::spawn_local(async move { set.set(kept(&address).await) });
    });
    (*handle).clone()
}
