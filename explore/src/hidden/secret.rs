use layerlab_core::{
    display::harmless,
    facts::{
        hidden::{Found, Place},
        proof::Proof,
    },
};
use yew::prelude::*;

use super::view::{fate_words, masked_line};
use crate::{
    chip::layer_chip,
    facts::{FactsAnswer, FactsQuestion},
    fill,
    opened::Opened,
    question::{Asked, use_question},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct SecretProps {
    pub place: Opened,
    pub found: Found,
}

/// One secret: what, where, what became of it; its value on demand, and the layer opened to prove it.
#[component(SecretRow)]
pub fn secret_row(props: &SecretProps) -> Html {
    let SecretProps { place, found } = props;
    let revealed = use_state_eq(|| false);
    let proving = use_state_eq(|| false);
    let secret = &found.secret;
    let toggle = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |_| state.set(!*state))
    };
    let (key, layer) = fate_words(found);
    let words = match layer {
        Some(layer) => fill(key, &[("layer", &(layer + 1))]),
        None => text(key),
    };
    let rule = text(&format!("rule.{}", secret.rule.key()));
    html! {
        <li class={classes!("secret", found.is_gone().then_some("secret--gone"))} data-testid="secret">
            <p class="secret__head">
                <strong>{ rule.clone() }</strong>
                if let Some(name) = &secret.name { <code>{ name }</code> }
                <span class="secret__fate">{ words }</span>
            </p>
            <p class="secret__where">{ whereabouts(place, found) }</p>
            <div class="secret__value">
                <code data-testid="secret-value">{ if *revealed { secret.value.reveal() } else { secret.masked() } }</code>
                if !secret.value.is_empty() {
                    <button class="plain-button" onclick={toggle(&revealed)} aria-pressed={revealed.to_string()}>
                        { text(if *revealed { "hidden.mask" } else { "hidden.reveal" }) }
                    </button>
                }
                if matches!(found.place, Place::File { .. }) {
                    <button class="plain-button" onclick={toggle(&proving)} aria-expanded={proving.to_string()}>{ text("hidden.prove") }</button>
                }
            </div>
            if *proving { <ProofOf place={place.clone()} found={found.clone()} revealed={*revealed} /> }
        </li>
    }
}

fn whereabouts(place: &Opened, found: &Found) -> Html {
    match &found.place {
        Place::File { path, layers, .. } => html! {
            <>
                { for layers.iter().map(|layer| layer_chip(place, *layer as usize)) }
                <code>{ harmless(path) }</code>
                <span>{ fill("hidden.line", &[("n", &found.secret.line)]) }</span>
            </>
        },
        Place::Config(part) => {
            use layerlab_core::facts::hidden::ConfigPart;
            let entry = if let ConfigPart::History(entry) = part { entry + 1 } else { 0 };
            let key = match part {
                ConfigPart::Env => "hidden.config.env",
                ConfigPart::Label => "hidden.config.label",
                ConfigPart::Command => "hidden.config.command",
                ConfigPart::History(_) => "hidden.config.history",
            };
            html! { <span>{ fill(key, &[("n", &entry)]) }</span> }
        }
    }
}

#[derive(Debug, PartialEq, Properties)]
struct ProofProps {
    place: Opened,
    found: Found,
    revealed: bool,
}

/// The lines around it, read again from the layer.
#[component(ProofOf)]
fn proof_of(props: &ProofProps) -> Html {
    let ProofProps { place, found, revealed } = props;
    let (path, layer, data_offset) = match &found.place {
        Place::File { path, layers, data_offset, .. } => {
            (path.clone(), layers.last().copied().unwrap_or(0) as usize, *data_offset)
        }
        Place::Config(_) => (Vec::new(), 0, 0),
    };
    let line = found.secret.line;
    let asking =
        use_question(&place.client, FactsQuestion::Prove { image: place.image, layer, path, data_offset, line });
    let proof = match &asking.state {
        Asked::Answered(answer) => match &**answer {
            FactsAnswer::Proof(proof) => proof.as_ref(),
            _ => None,
        },
        Asked::Failed(why) => return html! { <p class="facts-warn" role="alert">{ why }</p> },
        _ => return html! { <p class="facts-note" role="status">{ text("facts.opening") }</p> },
    };
    match proof {
        Some(proof) => html! {
            <figure class="proof" data-testid="proof">
                <figcaption>{ fill("hidden.proof", &[("layer", &(layer + 1)), ("offset", &data_offset)]) }</figcaption>
                <pre tabindex="0">{ for lines(proof, found, *revealed) }</pre>
            </figure>
        },
        None => html! { <p class="facts-warn">{ text("hidden.no-proof") }</p> },
    }
}

fn lines(proof: &Proof, found: &Found, revealed: bool) -> Vec<Html> {
    let value = found.secret.value.reveal();
    let row = |(number, line): &(u32, String)| {
        let shown = if revealed { line.clone() } else { masked_line(line, &value, *number, found.secret.line) };
        html! {
            <span class={classes!("proof__line", (*number == found.secret.line).then_some("proof__line--hit"))}>
                <span class="proof__number" aria-hidden="true">{ number }</span>{ shown }{ "\n" }
            </span>
        }
    };
    proof.lines.iter().map(row).collect()
}
