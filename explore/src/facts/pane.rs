use layerlab_core::{
    facts::{
        config::statements,
        distribution::Distribution,
        dockerfile::{Dockerfile, recover},
        packages::Packages,
    },
    limits::Limits,
    spec::config::ImageConfig,
};
use layerlab_web::{
    i18n::Language,
    lazy::{Host, OpenArchive},
};
use yew::prelude::*;

use super::{STYLE, config::config, dockerfile::dockerfile, documents::Documents, packages::packages, view::Masks};
use crate::{
    facts::{FactsAnswer, FactsQuestion},
    fill,
    opened::{Opened, use_opened},
    question::{Asked, use_question},
    scanning::scanning,
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct FactsPaneProps {
    pub host: Host,
    pub archive: OpenArchive,
    pub image: usize,
    /// Words are global, so another language draws all anew.
    pub language: Language,
}

/// What the documents say is there at once; what files say comes when the layers have been looked through.
#[component(FactsPane)]
pub fn facts_pane(props: &FactsPaneProps) -> Html {
    match use_opened(&props.host, &props.archive, props.image) {
        Some(place) => html! { <FactsOf key={format!("{}-{}", props.language.tag(), props.image)} {place} /> },
        None => Html::default(),
    }
}

#[derive(Debug, PartialEq, Properties)]
struct FactsProps {
    place: Opened,
}

#[component(FactsOf)]
fn facts_of(props: &FactsProps) -> Html {
    let place = &props.place;
    let asking = use_question(&place.client, FactsQuestion::Facts { image: place.image });
    let revealed = use_state_eq(|| false);
    let Some(image) = place.listed() else { return Html::default() };
    let none = ImageConfig::default();
    let image_config = image.config.as_ref().map_or(&none, |config| &config.config);
    let scanned = match &asking.state {
        Asked::Answered(answer) => match &**answer {
            FactsAnswer::Facts(facts) => Some(facts),
            _ => None,
        },
        _ => None,
    };
    let secrets = Masks::of(image_config);
    let any_secret = !secrets.is_empty();
    let masks = if *revealed { Masks::default() } else { secrets };
    let early: Dockerfile;
    let recovered = match scanned {
        Some(facts) => &facts.dockerfile,
        None => {
            early = recover(image_config, image.layers.len(), None, &Limits::default());
            &early
        }
    };
    html! {
        <div class="facts-pane" data-testid="facts">
            <style>{ STYLE }</style>
            { scanning(&asking) }
            if let Some(facts) = scanned { { distribution(place, facts.distribution.as_ref(), &facts.packages) } }
            if any_secret { { mask_note(&revealed) } }
            { dockerfile(place, recovered, image_config, &masks) }
            { config(&statements(image_config), &masks) }
            if let Some(facts) = scanned { { packages(place, &facts.packages) } }
            <Documents place={place.clone()} />
        </div>
    }
}

/// Secrets of the config are masked here as they are among the hidden things.
fn mask_note(revealed: &UseStateHandle<bool>) -> Html {
    let onclick = {
        let revealed = revealed.clone();
        Callback::from(move |_| revealed.set(!*revealed))
    };
    html! {
        <p class="facts-warn" data-testid="masked">
            { text(if **revealed { "facts.unmasked" } else { "facts.masked" }) }
            { " " }
            <button class="plain-button" {onclick} aria-pressed={revealed.to_string()}>{ text(if **revealed { "hidden.mask" } else { "hidden.reveal" }) }</button>
        </p>
    }
}

/// One line on what system it is.
fn distribution(place: &Opened, found: Option<&Distribution>, packages: &Packages) -> Html {
    let title = found.and_then(Distribution::title);
    html! {
        <section class="facts-system" data-testid="distribution">
            <h2>{ text("facts.system") }</h2>
            if let (Some(title), Some(found)) = (title, found) {
                <p class="facts-system__name">{ title.to_owned() }</p>
                <p class="facts-note">
                    { crate::chip::layer_chip(place, found.layer as usize) }
                    <code>{ &found.path }</code>
                </p>
            } else {
                <p class="facts-note">{ text("facts.no-system") }</p>
            }
            if !packages.installed.is_empty() {
                <p class="facts-note">{ fill("facts.installed", &[("n", &packages.installed.len())]) }</p>
            }
        </section>
    }
}
