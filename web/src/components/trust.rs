use layerlab_core::{
    display::harmless_text,
    verify::{Answer, Trust as Said},
};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::{findings::compared, icons};
use crate::{
    hooks::Commands,
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::words,
};

#[derive(Debug, PartialEq, Properties)]
pub struct TrustProps {
    pub archive: Shared<Archive>,
    pub image: usize,
}

/// "Is this the image I was told?": a field for what the visitor trusts, and one of three answers.
#[component(Trust)]
pub fn trust(props: &TrustProps) -> Html {
    let commands = use_context::<Commands>();
    let field = use_node_ref();
    let id = props.archive.id;
    let onsubmit = {
        let (field, commands) = (field.clone(), commands.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let (Some(field), Some(commands)) = (field.cast::<HtmlTextAreaElement>(), &commands) {
                commands.ask(id, field.value());
            }
        })
    };
    let trusted = props.archive.trust.as_ref();
    let views = props.archive.offer.views(props.image);
    let shown = |answer: &&Answer| views.iter().any(|view| *view as u64 == answer.image);
    html! {
        <section class="trust" aria-labelledby="trust">
            <h2 id="trust">{ text("trust.question") }</h2>
            <p>{ text("trust.about") }</p>
            <form {onsubmit}>
                <textarea
                    ref={field} rows="3" spellcheck="false" autocomplete="off" data-testid="trust-input" aria-labelledby="trust"
                    placeholder="sha256:… | registry/name@sha256:…" defaultvalue={trusted.map(|trusted| trusted.text.clone())}
                />
                <button class="button button--first" data-testid="trust-ask" disabled={props.archive.is_busy()}>{ text("trust.ask") }</button>
                if props.archive.is_busy() { <p class="trust__wait">{ text("trust.wait") }</p> }
            </form>
            <div aria-live="polite">
                { for trusted.and_then(|trusted| trusted.answers.as_ref()).map(|answers| html! {
                    <>
                        if answers.is_empty() { <p class="answer answer--undecided">{ icons::verdict(None) }{ text("trust.not-understood") }</p> }
                        { for answers.iter().filter(shown).map(answer) }
                    </>
                }) }
            </div>
        </section>
    }
}

fn answer(answer: &Answer) -> Html {
    let given = text(words::given(answer.given));
    let (class, matches, sentence) = match answer.trust {
        Said::Equals(matched) => {
            ("equals", Some(true), fill("trust.equals", &[("given", &given), ("what", &text(words::matched(matched)))]))
        }
        Said::Contradicts(matched) => (
            "contradicts",
            Some(false),
            fill("trust.contradicts", &[("given", &given), ("what", &text(words::matched(matched)))]),
        ),
        Said::Undecidable(because) => (
            "undecided",
            None,
            fill("trust.undecided", &[("given", &given), ("because", &text(words::because(because)))]),
        ),
    };
    html! {
        <div class={classes!("answer", format!("answer--{class}"))} data-testid="trust-answer" data-answer={class}>
            <p>{ icons::verdict(matches) }{ sentence }</p>
            if let Some(found) = &answer.found {
                if matches == Some(true) {
                    <code>{ harmless_text(found) }</code>
                } else {
                    { compared(&answer.expected, found) }
                }
            } else {
                <code>{ harmless_text(&answer.expected) }</code>
            }
        </div>
    }
}
