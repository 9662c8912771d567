use layerlab_core::facts::image::{Hidden, Searched};
use layerlab_web::view_model::format;
use layerlab_web::{
    i18n::Language,
    lazy::{Host, OpenArchive},
};
use yew::prelude::*;

use super::{permission::permissions, secret::SecretRow, view::groups};
use crate::{
    facts::STYLE,
    facts::{FactsAnswer, FactsQuestion},
    fill,
    opened::{Opened, use_opened},
    question::{Asked, use_question},
    scanning::scanning,
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct HiddenPaneProps {
    pub host: Host,
    pub archive: OpenArchive,
    pub image: usize,
    /// Words are global, so another language draws all anew.
    pub language: Language,
}

/// Findings, what is gone from the image and still stored first.
#[component(HiddenPane)]
pub fn hidden_pane(props: &HiddenPaneProps) -> Html {
    match use_opened(&props.host, &props.archive, props.image) {
        Some(place) => html! { <HiddenOf key={format!("{}-{}", props.language.tag(), props.image)} {place} /> },
        None => Html::default(),
    }
}

#[derive(Debug, PartialEq, Properties)]
struct HiddenProps {
    place: Opened,
}

#[component(HiddenOf)]
fn hidden_of(props: &HiddenProps) -> Html {
    let place = &props.place;
    let asking = use_question(&place.client, FactsQuestion::Hidden { image: place.image });
    let found = match &asking.state {
        Asked::Answered(answer) => match &**answer {
            FactsAnswer::Hidden(hidden) => Some(hidden),
            _ => None,
        },
        _ => None,
    };
    html! {
        <div class="facts-pane" data-testid="hidden">
            <style>{ STYLE }</style>
            { scanning(&asking) }
            if let Some(hidden) = found {
                { secrets(place, hidden) }
                { permissions(place, &hidden.permissions) }
            }
        </div>
    }
}

fn secrets(place: &Opened, hidden: &Hidden) -> Html {
    html! {
        <section data-testid="secrets">
            <h2>{ text("hidden.secrets") }</h2>
            <p class="facts-note">{ text("hidden.about") }</p>
            if hidden.secrets.is_empty() { <p class="hidden-clear" role="status">{ text("hidden.none") }</p> }
            { for groups(&hidden.secrets).into_iter().map(|group| html! {
                <div class={classes!("hidden-group", format!("hidden-group--{}", group.key))} data-testid={format!("secrets-{}", group.key)}>
                    <h3>{ text(&format!("hidden.group.{}", group.key)) }<span class="count">{ group.found.len() + group.left_out }</span></h3>
                    <ul class="secrets">
                        { for group.found.iter().map(|found| html! { <SecretRow place={place.clone()} found={(*found).clone()} /> }) }
                    </ul>
                    if group.left_out > 0 { <p class="facts-note">{ fill("hidden.more", &[("n", &group.left_out)]) }</p> }
                </div>
            }) }
            { searched(&hidden.searched) }
        </section>
    }
}

/// How much was seen, so that "nothing found" can be weighed.
fn searched(searched: &Searched) -> Html {
    let (files, bytes) = (format::count(searched.files), format::bytes(searched.bytes));
    html! {
        <p class="facts-note" data-testid="searched">
            { fill("hidden.searched", &[("files", &files), ("bytes", &bytes)]) }
            if searched.too_large > 0 { { " " }{ fill("hidden.too-large", &[("n", &format::count(searched.too_large))]) } }
            if searched.more > 0 { { " " }{ fill("hidden.beyond", &[("n", &format::count(searched.more))]) } }
            if !searched.absent.is_empty() {
                { " " }{ fill("hidden.absent", &[("layers", &searched.absent.iter().map(|layer| (layer + 1).to_string()).collect::<Vec<_>>().join(", "))]) }
            }
        </p>
    }
}
