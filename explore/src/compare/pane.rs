use std::collections::{BTreeMap, btree_map::Entry};

use js_sys::Uint8Array;
use layerlab_core::{
    compare::{DiffDocument, How},
    report::Report,
};
use layerlab_web::{
    i18n::Language,
    lazy::{Host, OpenArchive, OpenPhase},
    pages::{Pane, Route},
    protocol::ArchiveId,
    state::Shared,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;
use yew_router::Routable;

use super::{
    config::config,
    layers::layers,
    paths::Paths,
    picker::{self, Choice},
    protocol::{CompareAnswer, CompareQuestion, Other},
    verdict::verdict,
};
use crate::{
    ask::{use_answer_of, use_client, use_report},
    client::{Client, Heard},
    protocol::{Answer, Question},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct ComparePaneProps {
    pub host: Host,
    pub archive: OpenArchive,
    pub image: usize,
    pub language: Language,
    /// Grows with every change of what is open.
    pub turn: u32,
    /// The other image, as an address names it.
    pub with: Option<AttrValue>,
    pub semantic: bool,
}

/// The shown image against any other of the open archives.
#[component(ComparePane)]
pub fn compare_pane(props: &ComparePaneProps) -> Html {
    let ComparePaneProps { host, archive, image, with, semantic, .. } = props;
    let report = use_report(host, archive);
    let open = use_open(host, props.turn);
    let choices = picker::choices(&open, &archive.key, *image);
    let other = picker::chosen(&choices, with.as_deref(), report.as_deref(), *image).cloned();
    let how = if *semantic { How::Semantic } else { How::Strict };
    let compared = use_comparison(host, archive, *image, how, other.as_ref());
    let go = {
        let host = host.clone();
        let side = Route::Image { key: archive.key.clone(), image: *image, pane: Pane::Compare };
        let (with, semantic) = (other.as_ref().map(Choice::address), *semantic);
        move |chosen: Option<String>, how: Option<bool>| {
            let with = chosen.or_else(|| with.clone()).map(|with| format!("&with={with}")).unwrap_or_default();
            let how = if how.unwrap_or(semantic) { "semantic" } else { "strict" };
            host.go(&format!("{}?how={how}{with}", side.to_path()), true);
        }
    };
    if archive.phase != OpenPhase::Done {
        return html! { <p class="empty" role="status">{ text("cost.wait") }</p> };
    }
    let Some(other) = other else { return html! { <p class="empty">{ text("compare.alone") }</p> } };
    let on_choice = {
        let (go, choices) = (go.clone(), choices.clone());
        Callback::from(move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let index = select.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(choice) = index.and_then(|index| choices.get(index)) {
                go(Some(choice.address()), None);
            }
        })
    };
    let on_how = |semantic: bool| {
        let go = go.clone();
        Callback::from(move |_: MouseEvent| go(None, Some(semantic)))
    };
    let names = [report.as_ref().and_then(|report| report.images.get(*image)), other.report.images.get(other.image)];
    html! {
        <div class="compare" data-testid="compare">
            <div class="compare__bar">
                <label class="field">
                    <span>{ text("compare.with") }</span>
                    <select data-testid="compare-with" onchange={on_choice}>
                        { for choices.iter().map(|choice| html! {
                            <option selected={*choice == other}>{ &choice.name }</option>
                        }) }
                    </select>
                </label>
                <div class="segments" role="group" aria-label={text("compare.how.label")}>
                    <button aria-pressed={semantic.to_string()} data-testid="compare-semantic" onclick={on_how(true)} title={text("compare.how.semantic-note")}>{ text("compare.how.semantic") }</button>
                    <button aria-pressed={(!semantic).to_string()} data-testid="compare-strict" onclick={on_how(false)} title={text("compare.how.strict-note")}>{ text("compare.how.strict") }</button>
                </div>
                <p class="compare__note">{ text(if *semantic { "compare.how.semantic-note" } else { "compare.how.strict-note" }) }</p>
            </div>
            {
                match (&compared.document, names) {
                    (Some(document), [Some(a), Some(b)]) => html! {
                        <>
                            { verdict(document) }
                            { layers(document, a, b) }
                            { config(&document.config) }
                            if let (Some(client), Some(counts)) = (compared.client.clone(), document.counts) {
                                <Paths key={compared.number} {client} {counts} number={compared.number} language={props.language} />
                            }
                        </>
                    },
                    _ if compared.failed => html! { <p class="empty" role="alert">{ text("compare.failed") }</p> },
                    _ => html! { <p class="empty" role="status">{ text("compare.wait") }</p> },
                }
            }
        </div>
    }
}

/// Every archive that is read, with its report.
#[hook]
fn use_open(host: &Host, turn: u32) -> Vec<(OpenArchive, Shared<Report>)> {
    let known = use_mut_ref(BTreeMap::<ArchiveId, Shared<Report>>::new);
    (*use_memo((host.clone(), turn), |(host, _)| {
        let mut known = known.borrow_mut();
        let done = host.archives().into_iter().filter(|archive| archive.phase == OpenPhase::Done);
        // Decoding a report takes a while: each is decoded once.
        done.filter_map(|archive| {
            let report = match known.entry(archive.id) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(place) => place.insert(Shared::new(host.report(archive.id)?)).clone(),
            };
            Some((archive, report))
        })
        .collect::<Vec<_>>()
    }))
    .clone()
}

/// How far a comparison is.
struct Compared {
    document: Option<Shared<DiffDocument>>,
    client: Option<Client>,
    failed: bool,
    /// Another one with every comparison: whose rows are asked for.
    number: u32,
}

/// Fetches the other stack where it is another archive's, and has the shown archive's explorer compare.
#[hook]
fn use_comparison(host: &Host, archive: &OpenArchive, image: usize, how: How, other: Option<&Choice>) -> Compared {
    let done = archive.phase == OpenPhase::Done;
    let here = use_client(host, done.then_some(archive.id));
    let elsewhere = other.filter(|other| other.archive.id != archive.id);
    let there = use_client(host, elsewhere.map(|other| other.archive.id));
    let asked = use_memo(elsewhere.map(|other| (other.archive.id, other.image)), |elsewhere| {
        elsewhere.map(|(_, image)| Shared::new(Question::Compare(CompareQuestion::Stack { image })))
    });
    let stack = use_answer_of(there.as_ref(), (*asked).as_ref());
    // An answer about another image may still be there.
    let stack = stack.filter(|stack| Some(&stack.question) == (*asked).as_ref());
    let heard_of = stack.as_ref().map(|stack| stack.question.clone());
    let named = other.map(|other| (other.archive.id, other.image));
    let question = use_memo((image, how, named, heard_of), |_| {
        let other = other?;
        let of_other = match &elsewhere {
            None => Other::Here(other.image),
            Some(other) => elsewhere_of(host, other, &stack.as_ref()?.heard)?,
        };
        let compare = CompareQuestion::Compare { image, how, other: Box::new(of_other) };
        Some(Shared::new(Question::Compare(compare)))
    });
    let answered = use_answer_of(here.as_ref(), (*question).as_ref());
    let number = use_mut_ref(|| 0);
    let document = use_memo(answered.as_ref().map(|answered| answered.question.clone()), |_| {
        *number.borrow_mut() += 1;
        match answered.as_ref().map(|answered| &answered.heard.answer) {
            Some(Answer::Compare(CompareAnswer::Compared(document))) => {
                Some(document.as_ref().map(|document| Shared::new((**document).clone())))
            }
            _ => None,
        }
    });
    let number = *number.borrow();
    Compared { document: (*document).clone().flatten(), failed: matches!(*document, Some(None)), client: here, number }
}

/// All that the explorer of one archive needs of an image of another.
fn elsewhere_of(host: &Host, other: &Choice, stack: &Heard) -> Option<Other> {
    let config = host.plan(other.archive.id)?.images.get(other.image).and_then(|image| image.config.clone());
    Some(Other::Elsewhere {
        report: Box::new(other.report.images.get(other.image)?.clone()),
        config: config.map(|config| Box::new(config.config)),
        stack: stack.buffer.as_ref().map(|buffer| Uint8Array::new(buffer).to_vec()).unwrap_or_default(),
    })
}
