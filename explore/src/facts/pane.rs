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
use yew::prelude::*;

use super::{STYLE, config::config, dockerfile::dockerfile, documents::Documents, packages::packages};
use crate::{
    fill,
    place::Place,
    protocol::{Answer, Question},
    question::{Asked, use_question},
    scanning::scanning,
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct FactsProps {
    pub place: Place,
}

/// What the documents say is there at once; what files say comes when the layers have been looked through.
#[component(FactsPane)]
pub fn facts_pane(props: &FactsProps) -> Html {
    let place = &props.place;
    let asking = use_question(&place.client, Question::Facts { image: place.image });
    let Some(image) = place.listed() else { return Html::default() };
    let none = ImageConfig::default();
    let image_config = image.config.as_ref().map_or(&none, |config| &config.config);
    let scanned = match &asking.state {
        Asked::Answered(answer) => match &**answer {
            Answer::Facts(facts) => Some(facts),
            _ => None,
        },
        _ => None,
    };
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
            { dockerfile(place, recovered, image_config) }
            { config(&statements(image_config)) }
            if let Some(facts) = scanned { { packages(place, &facts.packages) } }
            <Documents place={place.clone()} />
        </div>
    }
}

/// One line on what system it is.
fn distribution(place: &Place, found: Option<&Distribution>, packages: &Packages) -> Html {
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
