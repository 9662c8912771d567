use layerlab_core::{
    archive::Document,
    facts::documents::{Command, Prints, commands},
};
use layerlab_web::{components::Copy, view_model::format};
use yew::prelude::*;

use super::view::{documents_of, readable};
use crate::{
    facts::{FactsAnswer, FactsQuestion},
    opened::Opened,
    question::{Asked, use_question},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct DocumentsProps {
    pub place: Opened,
}

/// The raw documents of the image, each to be opened in place, with the commands that print the same.
#[component(Documents)]
pub fn documents(props: &DocumentsProps) -> Html {
    let place = &props.place;
    let open = use_state_eq(|| None::<usize>);
    html! {
        <section data-testid="raw-documents">
            <h2>{ text("facts.documents") }</h2>
            <ul class="raw">
                { for documents_of(&place.plan, place.image).into_iter().map(|(index, document)| {
                    let is_open = *open == Some(index);
                    let onclick = {
                        let open = open.setter();
                        Callback::from(move |_| open.set((!is_open).then_some(index)))
                    };
                    html! {
                        <li class="raw__item" key={index}>
                            <button class="raw__head" {onclick} aria-expanded={is_open.to_string()}>
                                <span class="raw__role">{ text(&format!("facts.role.{}", role(document))) }</span>
                                <code>{ &document.path }</code>
                                <span class="num">{ format::bytes(document.location.size) }</span>
                            </button>
                            if is_open { <Raw place={place.clone()} {index} /> }
                        </li>
                    }
                }) }
            </ul>
        </section>
    }
}

fn role(document: &Document) -> &'static str {
    use layerlab_core::archive::DocumentRole as Role;
    match document.role {
        Role::DockerManifest => "docker-manifest",
        Role::Repositories => "repositories",
        Role::OciLayout => "oci-layout",
        Role::Index => "index",
        Role::Manifest => "manifest",
        Role::Config => "config",
        Role::V1Json => "v1-json",
        Role::Artifact => "artifact",
    }
}

#[derive(Debug, PartialEq, Properties)]
struct RawProps {
    place: Opened,
    index: usize,
}

#[component(Raw)]
fn raw(props: &RawProps) -> Html {
    let RawProps { place, index } = props;
    let document = place.plan.documents.get(*index);
    let location = document.map(|document| document.location).unwrap_or_else(|| layerlab_core::archive::Location {
        volume: 0,
        offset: 0,
        size: 0,
    });
    let asking = use_question(&place.client, FactsQuestion::Document { location });
    let Some(document) = document else { return Html::default() };
    let lines = commands(document, &place.file, place.plan.kind, place.listed());
    html! {
        <div class="raw__body">
            <ul class="commands">{ for lines.iter().map(command) }</ul>
            { match &asking.state {
                Asked::Answered(answer) => match &**answer {
                    FactsAnswer::Document(bytes) => {
                        let shown = readable(bytes);
                        html! { <pre class="raw__text" tabindex="0" data-testid="raw-text"><code>{ shown }</code></pre> }
                    }
                    _ => Html::default(),
                },
                Asked::Failed(why) => html! { <p class="facts-warn" role="alert">{ why }</p> },
                _ => html! { <p class="facts-note" role="status">{ text("facts.opening") }</p> },
            } }
        </div>
    }
}

fn command(command: &Command) -> Html {
    let about = match command.prints {
        Prints::Same => "facts.prints.same",
        Prints::FromRegistry => "facts.prints.registry",
        Prints::DockerForm => "facts.prints.docker",
    };
    html! {
        <li>
            <Copy value={command.line.clone()} what={text("facts.command")} />
            <span class="facts-note">{ text(about) }</span>
        </li>
    }
}
