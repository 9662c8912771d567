//! An opened image held against its source.

use std::rc::Rc;

use layerlab_core::{
    display::harmless_text,
    limits::Limits,
    registry::against::{Other, Standing, compare},
    report::Report,
};
use layerlab_web::lazy::{Host, OpenPhase};
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::{
    client::{
        Puller,
        fields::{base, form_error, order_fields},
        order::{Form, FormError, From},
        runs::failure,
        state::End,
    },
    fill,
    protocol::{OrderId, ToPuller},
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AgainstPageProps {
    pub host: Host,
    pub puller: Puller,
    /// Grows whenever the page has told of a change.
    pub turn: u32,
}

/// Which of the opened images, as the picker names it: archive and image.
type Choice = (u32, usize);

/// Compares by index, manifest and config alone; where a page may not ask, by a pasted config.
#[component(AgainstPage)]
pub fn against_page(props: &AgainstPageProps) -> Html {
    let form = use_state(|| Form { from: From::Named, ..Form::default() });
    let choice = use_state_eq(|| None::<Choice>);
    let asked = use_state_eq(|| None::<OrderId>);
    let pasted = use_state_eq(String::new);
    let wrong = use_state_eq(|| None::<FormError>);
    let opened = opened(&props.host);
    let chosen = opened.iter().find(|open| Some(open.choice) == *choice).or(opened.first());
    let onsubmit = {
        let (form, wrong, asked, puller) = (form.clone(), wrong.clone(), asked.clone(), props.puller.clone());
        let platform = chosen.map(|open| open.platform());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            // The image that is here says which of an index's images it is to be held against.
            let form = Form { platform: platform.clone().unwrap_or_else(|| form.platform.clone()), ..(*form).clone() };
            match form.order(&base()) {
                Ok(order) => {
                    wrong.set(None);
                    let title = order.reference.familiar();
                    asked.set(Some(puller.ask(title, |id| ToPuller::Resolve { id, order }, Vec::new())));
                }
                Err(error) => wrong.set(Some(error)),
            }
        })
    };
    let errand = (*asked).and_then(|id| props.puller.desk.errand(id)).cloned();
    let other = match errand.as_ref().and_then(|errand| errand.found.as_ref()) {
        Some(found) => Some(Other::from(&**found)),
        None => Other::from_config(pasted.as_bytes(), &Limits::default()),
    };
    let standing = chosen.zip(other.as_ref()).map(|(open, other)| compare(open.image(), other));
    let onpaste = {
        let (pasted, asked) = (pasted.clone(), asked.clone());
        Callback::from(move |event: InputEvent| {
            asked.set(None);
            pasted.set(event.target_unchecked_into::<HtmlTextAreaElement>().value());
        })
    };
    html! {
        <div class="registry" data-testid="against-page">
            <section class="panel" aria-labelledby="against-title">
                <h2 id="against-title">{ text("against.title") }</h2>
                <p class="registry__lead">{ text("against.lead") }</p>
                if opened.is_empty() {
                    <p class="empty">{ text("against.none_open") }</p>
                } else {
                    { picker(&opened, chosen.map(|open| open.choice), &choice) }
                    <form class="registry__form" {onsubmit}>
                        { order_fields(&form) }
                        <button class="button button--first" data-testid="compare" type="submit">{ text("against.compare") }</button>
                    </form>
                    { wrong.as_ref().map(form_error).unwrap_or_default() }
                    <details class="paste">
                        <summary>{ text("against.paste") }</summary>
                        <p>{ text("against.paste_lead") }</p>
                        <textarea rows="6" spellcheck="false" aria-label={text("against.paste")} value={(*pasted).clone()} oninput={onpaste} />
                    </details>
                }
            </section>
            <div aria-live="polite">
                { match errand.as_ref().map(|errand| (errand, &errand.end)) {
                    Some((_, None)) => html! { <p class="empty" role="status">{ text("against.asking") }</p> },
                    Some((errand, Some(End::Failed(_)))) => errand.error().map(|error| failure(error, errand)).unwrap_or_default(),
                    _ => Html::default(),
                } }
                { standing.as_ref().map(verdict).unwrap_or_default() }
            </div>
        </div>
    }
}

/// An image of an open archive.
struct Open {
    choice: Choice,
    name: String,
    report: Rc<Report>,
}

impl Open {
    fn image(&self) -> &layerlab_core::report::ImageReport {
        &self.report.images[self.choice.1]
    }

    fn platform(&self) -> String {
        let image = self.image();
        let parts = [&image.os, &image.architecture, &image.variant];
        parts.into_iter().flatten().cloned().collect::<Vec<_>>().join("/")
    }
}

fn opened(host: &Host) -> Vec<Open> {
    let done = host.archives().into_iter().filter(|archive| archive.phase == OpenPhase::Done);
    let images = done.filter_map(|archive| Some((archive.clone(), Rc::new(host.report(archive.id)?))));
    images
        .flat_map(|(archive, report)| {
            let file = harmless_text(&archive.source.name);
            let images = report.images.iter().enumerate().filter(|(_, image)| image.config_digest.is_some());
            let named = images.map(|(index, image)| {
                let tag = image.tags.first().map_or_else(|| format!("{}", index + 1), |tag| harmless_text(tag));
                Open { choice: (archive.id.0, index), name: format!("{tag} · {file}"), report: report.clone() }
            });
            named.collect::<Vec<_>>()
        })
        .collect()
}

fn picker(opened: &[Open], chosen: Option<Choice>, choice: &UseStateHandle<Option<Choice>>) -> Html {
    let choices: Vec<Choice> = opened.iter().map(|open| open.choice).collect();
    let choice = choice.clone();
    let onchange = Callback::from(move |event: Event| {
        let index = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
        choice.set(usize::try_from(index).ok().and_then(|index| choices.get(index).copied()));
    });
    html! {
        <label class="field field--wide">
            <span>{ text("against.image") }</span>
            <select {onchange}>
                { for opened.iter().map(|open| html! {
                    <option selected={Some(open.choice) == chosen}>{ open.name.clone() }</option>
                }) }
            </select>
        </label>
    }
}

fn verdict(standing: &Standing) -> Html {
    let (word, sentence) = match standing {
        Standing::Same { manifest: true } => ("same", text("against.same_manifest")),
        Standing::Same { manifest: false } => ("same", text("against.same_config")),
        Standing::Contradicts { layer: Some(layer), .. } => {
            ("contradicts", fill("against.contradicts_layer", &[("number", &(layer + 1))]))
        }
        Standing::Contradicts { layer: None, .. } => ("contradicts", text("against.contradicts_document")),
        Standing::OtherPlatform { here, there, listed } => {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("here", &harmless_text(&here.to_string())), ("there", &harmless_text(&there.to_string()))];
            let key = if *listed { "against.platform_listed" } else { "against.platform_not_listed" };
            ("platform", fill(key, &values))
        }
        Standing::OtherBuild { shared, here, there } => {
            ("build", fill("against.build", &[("shared", shared), ("here", here), ("there", there)]))
        }
        Standing::Undecidable => ("undecidable", text("against.undecidable")),
    };
    html! {
        <section class={classes!("panel", "verdict-card", format!("verdict-card--{word}"))} data-testid="standing" data-standing={word}>
            <h2>{ text(&format!("against.verdict.{word}")) }</h2>
            <p>{ sentence }</p>
            if let Standing::Contradicts { expected, found, .. } = standing {
                <dl class="failure__pair">
                    <dt>{ text("registry.expected") }</dt><dd><code>{ expected.clone() }</code></dd>
                    <dt>{ text("registry.found") }</dt><dd><code>{ found.clone() }</code></dd>
                </dl>
            }
        </section>
    }
}
