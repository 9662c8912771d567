use layerlab_core::display::harmless_text;
use yew::prelude::*;

use crate::{
    components::Pickers,
    hooks::{Opened, recall},
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
            <Pickers on_open={props.on_open.clone()} />
            <p>{ text("missing.why") }</p>
            { for others.map(|archive| html! {
                <p class="missing__other">{ fill("missing.other", &[("name", &harmless_text(&archive.source.name))]) }</p>
            }) }
        </section>
    }
}
