//! One errand: what it is about, how far it is, and how it ended.

use std::rc::Rc;

use layerlab_core::{
    display::{harmless_text, size},
    registry::pull::{
        error::{Problem, PullError, What},
        event::{Event, Why},
    },
    store::{ImageName, ImageRecord},
};
use yew::prelude::*;

use super::{
    Puller,
    state::{End, Errand, Kind},
};
use crate::{
    fill,
    protocol::{BlobProgress, Failure},
    text,
};

pub fn errand(errand: &Errand, puller: &Puller, on_picture: &Callback<(ImageName, Rc<ImageRecord>)>) -> Html {
    let id = errand.id;
    let running = errand.end.is_none();
    let state = match &errand.end {
        None => "running",
        Some(End::Done) => "done",
        Some(End::Cancelled) => "cancelled",
        Some(End::Failed(_)) => "failed",
    };
    let (cancel, forget) = (puller.clone(), puller.clone());
    html! {
        <article class={classes!("run", format!("run--{state}"))} key={id.0} data-testid="run" data-state={state}>
            <header class="run__head">
                <h3>{ kind_words(errand) }</h3>
                <span class="run__state">{ text(&format!("registry.state.{state}")) }</span>
                if running && errand.kind == Kind::Pull {
                    <button class="button button--small" data-testid="cancel" onclick={Callback::from(move |_| cancel.cancel(id))}>
                        { text("registry.cancel") }
                    </button>
                }
                if !running {
                    <button class="button button--small" onclick={Callback::from(move |_| forget.forget(id))}>
                        { text("registry.forget") }
                    </button>
                }
            </header>
            { waiting(errand) }
            { blobs(errand) }
            { sum(errand) }
            { end(errand) }
            { errand.record().map(|pulled| picture(pulled, on_picture)).unwrap_or_default() }
            { network(errand) }
        </article>
    }
}

fn picture((name, record): (ImageName, Rc<ImageRecord>), on_picture: &Callback<(ImageName, Rc<ImageRecord>)>) -> Html {
    let on_picture = on_picture.clone();
    let onclick = Callback::from(move |_| on_picture.emit((name.clone(), record.clone())));
    html! {
        <p><button class="button button--small" data-testid="show-picture" {onclick}>{ text("registry.picture") }</button></p>
    }
}

fn kind_words(errand: &Errand) -> AttrValue {
    let title = harmless_text(&errand.title);
    match errand.kind {
        Kind::Pull => fill("registry.kind_pull", &[("name", &title)]),
        Kind::Resolve => fill("registry.kind_resolve", &[("name", &title)]),
        Kind::Load => fill("registry.kind_load", &[("name", &title)]),
        Kind::Save => fill("registry.kind_save", &[("name", &title)]),
    }
}

/// Why nothing moves at the moment.
fn waiting(errand: &Errand) -> Html {
    match (errand.end.is_none(), errand.network.last()) {
        (true, Some(Event::Waiting { millis, why, .. })) => {
            let key = match why {
                Why::TooMany => "registry.waiting_too_many",
                Why::Busy => "registry.waiting_busy",
                Why::Dropped => "registry.waiting_dropped",
            };
            let seconds = format!("{:.1}", *millis as f64 / 1000.0);
            html! { <p class="run__waiting" role="status">{ fill(key, &[("seconds", &seconds)]) }</p> }
        }
        _ => Html::default(),
    }
}

fn blobs(errand: &Errand) -> Html {
    if errand.blobs.is_empty() {
        return Html::default();
    }
    let row = |(index, blob): (usize, &BlobProgress)| {
        let state = errand.blob_state(index);
        let shown = if state == "here" { blob.size } else { blob.received };
        let layers: Vec<String> = blob.layers.iter().map(|layer| (layer + 1).to_string()).collect();
        let layers = layers.join(", ");
        html! {
            <li class={classes!("blob", format!("blob--{state}"))} data-testid="blob" data-state={state}>
                <span class="blob__name">{ fill("registry.layer", &[("number", &layers)]) }</span>
                <progress max={blob.size.max(1).to_string()} value={shown.to_string()}
                    aria-label={fill("registry.layer", &[("number", &layers)])} />
                <span class="blob__size">{ size(blob.size) }</span>
                <span class="blob__state">{ text(&format!("registry.blob.{state}")) }</span>
            </li>
        }
    };
    html! { <ol class="run__blobs">{ for errand.blobs.iter().enumerate().map(row) }</ol> }
}

fn sum(errand: &Errand) -> Html {
    let (_, came, all) = errand.bytes();
    if all == 0 {
        return Html::default();
    }
    let here = size(all.saturating_sub(came));
    html! { <p class="run__sum" data-testid="sum" data-came={came.to_string()} data-all={all.to_string()}>
        { fill("registry.sum", &[("came", &size(came)), ("saved", &here)]) }
    </p> }
}

fn end(errand: &Errand) -> Html {
    match &errand.end {
        Some(End::Failed(Failure::Other(sentence))) => {
            html! { <p class="registry__error" role="alert" data-testid="failure">{ sentence.clone() }</p> }
        }
        Some(End::Failed(Failure::Crashed)) => {
            html! { <p class="registry__error" role="alert" data-testid="failure">{ text("registry.crashed") }</p> }
        }
        Some(End::Failed(Failure::Pull(error))) => failure(error, errand),
        Some(End::Done) if errand.kind == Kind::Pull => {
            html! { <p class="run__done">{ text("registry.verified") }</p> }
        }
        _ => Html::default(),
    }
}

/// The error with its address, its words, and the way to the doctor where the browser hides the cause.
pub fn failure(error: &PullError, errand: &Errand) -> Html {
    let what = match error.what {
        What::Layout => text("registry.what.layout"),
        What::Manifest => text("registry.what.manifest"),
        What::Config => text("registry.what.config"),
        What::Token => text("registry.what.token"),
        What::Blob(index) => {
            let layers = errand.blobs.get(index).map(|blob| blob.layers.clone()).unwrap_or_default();
            let number = layers.first().map_or(index + 1, |layer| layer + 1);
            fill("registry.what.blob", &[("number", &number)])
        }
    };
    let headline = text(&format!("registry.problem.{}", error.problem.key()));
    let doctor = error.problem.is_for_the_doctor().then(|| doctor_address(errand));
    html! {
        <div class="failure" role="alert" data-testid="failure" data-problem={error.problem.key()}>
            <p><strong>{ fill("registry.failed_at", &[("what", &what)]) }</strong>{ " " }{ headline }</p>
            if let Problem::Digest { expected, found } | Problem::DiffId { expected, found, .. } = &error.problem {
                <dl class="failure__pair">
                    <dt>{ text("registry.expected") }</dt><dd><code>{ expected.to_string() }</code></dd>
                    <dt>{ text("registry.found") }</dt><dd><code>{ found.to_string() }</code></dd>
                </dl>
            } else {
                <p class="failure__detail">{ error.problem.to_string() }</p>
            }
            if !error.address.is_empty() {
                <p class="failure__address"><code>{ harmless_text(&error.address) }</code></p>
            }
            <p class="failure__store">{ text("registry.nothing_false") }</p>
            if let Some(address) = doctor {
                <a class="button" href={address} data-testid="to-doctor">{ text("registry.to_doctor") }</a>
            }
        </div>
    }
}

/// Where the doctor examines this order.
fn doctor_address(errand: &Errand) -> String {
    let Some(order) = &errand.order else { return "#/pull/doctor".into() };
    let encode = layerlab_core::registry::address::encode_query;
    let reference = order.reference.to_string();
    format!("#/pull/doctor?ref={}&base={}", encode(&reference), encode(order.source.base()))
}

fn network(errand: &Errand) -> Html {
    if errand.network.is_empty() {
        return Html::default();
    }
    html! {
        <details class="run__network">
            <summary>{ text("registry.network") }</summary>
            <ol>{ for errand.network.iter().map(|event| html! { <li>{ line(event) }</li> }) }</ol>
        </details>
    }
}

/// One line of the log.
fn line(event: &Event) -> AttrValue {
    let number = |blob: &usize| blob + 1;
    match event {
        Event::Asked { what, address } => {
            fill("registry.log.asked", &[("what", what), ("address", &harmless_text(address))])
        }
        Event::Redirected { address, .. } => fill("registry.log.redirected", &[("address", &harmless_text(address))]),
        Event::TokenAsked { realm } => fill("registry.log.token_asked", &[("realm", &harmless_text(realm))]),
        Event::TokenGranted => text("registry.log.token_granted"),
        Event::Waiting { millis, .. } => fill("registry.log.waiting", &[("millis", millis)]),
        Event::Index { digest, platform, .. } => fill(
            "registry.log.index",
            &[("digest", &digest.short()), ("platform", &harmless_text(&platform.to_string()))],
        ),
        Event::Manifest { digest, layers } => {
            fill("registry.log.manifest", &[("digest", &digest.short()), ("layers", layers)])
        }
        Event::Config { image_id } => fill("registry.log.config", &[("id", &image_id.0.short())]),
        Event::AlreadyHere { blob } => fill("registry.log.here", &[("blob", &number(blob))]),
        Event::Fetching { blob, from: 0 } => fill("registry.log.fetching", &[("blob", &number(blob))]),
        Event::Fetching { blob, from } => {
            fill("registry.log.resuming", &[("blob", &number(blob)), ("from", &size(*from))])
        }
        Event::FromTheStart { blob } => fill("registry.log.from_the_start", &[("blob", &number(blob))]),
        Event::Verified { blob } => fill("registry.log.verified", &[("blob", &number(blob))]),
        Event::Opened { blob } => fill("registry.log.opened", &[("blob", &number(blob))]),
    }
}
