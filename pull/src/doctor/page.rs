use layerlab_core::registry::{
    doctor::{Cause, Diagnosis, Examination, Outcome, curl, diagnose, fixes, ways_round},
    reference::Reference,
};
use layerlab_web::components::Copy;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::probe::{can_examine, examine};
use crate::{
    client::{
        fields::{base, form_error, order_fields},
        order::{Form, FormError, From},
    },
    fill, text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct DoctorPageProps {
    /// Path and query behind the `#`: `ref` and `base` name what could not be pulled.
    pub address: AttrValue,
}

/// How far an examination is.
#[derive(Clone, Debug, PartialEq)]
enum Visit {
    Waiting,
    Probing,
    Over { reference: Box<Reference>, examination: Box<Examination> },
}

/// Why a registry cannot be read from this page, and what helps.
#[component(DoctorPage)]
pub fn doctor_page(props: &DoctorPageProps) -> Html {
    let form = {
        let address = props.address.clone();
        use_state(move || from_address(&address))
    };
    let visit = use_state(|| Visit::Waiting);
    let wrong = use_state_eq(|| None::<FormError>);
    let begin = {
        let (form, visit, wrong) = (form.clone(), visit.clone(), wrong.clone());
        move || match form.order(&base()) {
            Err(error) => wrong.set(Some(error)),
            Ok(order) if !can_examine(&order.source) => wrong.set(Some(FormError::Address(form.address.clone()))),
            Ok(order) => {
                wrong.set(None);
                visit.set(Visit::Probing);
                let visit = visit.clone();
                spawn_local(async move {
                    let examination = examine(&order.reference, &order.source, None).await;
                    visit.set(Visit::Over { reference: Box::new(order.reference), examination: Box::new(examination) });
                });
            }
        }
    };
    {
        // Who comes from a failed pull has named everything already.
        let (begin, address) = (begin.clone(), props.address.clone());
        use_effect_with((), move |()| {
            if address.contains('?') {
                begin();
            }
        });
    }
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        begin();
    });
    html! {
        <div class="registry" data-testid="doctor-page">
            <section class="panel" aria-labelledby="doctor-title">
                <h2 id="doctor-title">{ text("doctor.title") }</h2>
                <p class="registry__lead">{ text("doctor.lead") }</p>
                <form class="registry__form" {onsubmit}>
                    { order_fields(&form) }
                    <button class="button button--first" data-testid="examine" type="submit" disabled={*visit == Visit::Probing}>
                        { text("doctor.examine") }
                    </button>
                </form>
                { wrong.as_ref().map(form_error).unwrap_or_default() }
            </section>
            { match &*visit {
                Visit::Waiting => Html::default(),
                Visit::Probing => html! { <p class="empty" role="status">{ text("doctor.probing") }</p> },
                Visit::Over { reference, examination } => report(reference, examination),
            } }
        </div>
    }
}

/// `?ref=…&base=…`, or an empty form.
fn from_address(address: &str) -> Form {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let value = |name: &str| {
        let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        let decoded = pair.and_then(|(_, value)| js_sys::decode_uri_component(value).ok());
        decoded.and_then(|value| value.as_string()).unwrap_or_default()
    };
    let (reference, address) = (value("ref"), value("base"));
    let from = if address.is_empty() { From::Named } else { From::Address };
    Form { reference, from, address, ..Form::default() }
}

fn report(reference: &Reference, examination: &Examination) -> Html {
    let diagnosis = diagnose(examination);
    let decided = matches!(diagnosis, Diagnosis::Is(_));
    let codes: Vec<&str> = diagnosis.causes().iter().map(|cause| cause.key()).collect();
    html! {
        <section class="panel diagnosis" aria-labelledby="diagnosis" aria-live="polite" data-testid="diagnosis" data-causes={codes.join(" ")}>
            <h2 id="diagnosis">{ text(if decided { "doctor.decided" } else { "doctor.candidates" }) }</h2>
            { for diagnosis.causes().iter().map(|cause| cause_card(*cause, examination)) }
            { probes(examination) }
            <h3>{ text("doctor.way_round") }</h3>
            <p>{ text("doctor.way_round_lead") }</p>
            { for ways_round(reference).into_iter().map(command) }
        </section>
    }
}

fn cause_card(cause: Cause, examination: &Examination) -> Html {
    let key = cause.key();
    html! {
        <article class="diagnosed" key={key}>
            <h3>{ text(&format!("doctor.cause.{key}")) }</h3>
            <p>{ text(&format!("doctor.help.{key}")) }</p>
            if let Some(line) = curl(cause, examination) {
                <p>{ text("doctor.curl") }</p>
                { command(line) }
            }
            { for fixes(cause, examination).into_iter().map(|fix| html! {
                <details class="fix">
                    <summary>{ fill("doctor.fix", &[("server", &fix.server.name())]) }</summary>
                    <pre tabindex="0">{ fix.text.clone() }</pre>
                </details>
            }) }
        </article>
    }
}

/// A line for a terminal.
fn command(line: String) -> Html {
    html! { <div class="command"><Copy value={line} what={text("doctor.command")} /></div> }
}

fn probes(examination: &Examination) -> Html {
    let outcome = |outcome: &Outcome| match outcome {
        Outcome::Answered { status, .. } => fill("doctor.outcome.answered", &[("status", status)]),
        Outcome::Opaque => text("doctor.outcome.opaque"),
        Outcome::Redirect => text("doctor.outcome.redirect"),
        Outcome::Failed => text("doctor.outcome.failed"),
        Outcome::Silent => text("doctor.outcome.silent"),
    };
    html! {
        <details class="probes">
            <summary>{ text("doctor.probes") }</summary>
            <dl>
                { for examination.probes.iter().map(|(probe, seen)| html! {
                    <><dt>{ text(&format!("doctor.probe.{}", probe.key())) }</dt><dd>{ outcome(seen) }</dd></>
                }) }
            </dl>
        </details>
    }
}
