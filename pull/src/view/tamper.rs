//! The tamper lab: change one byte at the registry, pull, and see which check notices.

use std::rc::Rc;

use layerlab_core::{
    display::{harmless, harmless_text},
    limits::Limits,
    store::tamper::{Asked, Check, Checked, Consequence, Examined, Shelf, Target, Verdict, examine},
};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::{
    fill,
    samples::{Sample, Set},
    state::{Samples, Shop},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct TamperProps {
    pub shop: Shop,
}

/// Keeps what is tampered with.
#[component(Tamper)]
pub fn tamper(props: &TamperProps) -> Html {
    let target = use_state_eq(|| Target::Layer(3));
    let offset = use_state_eq(|| 200_usize);
    let asked = use_state_eq(|| Asked::ByTag);
    let Some((sample, other)) = pair(&props.shop) else {
        return html! { <p class="empty" role="status">{ text("picture.samples-coming") }</p> };
    };
    let bytes = bytes(&sample.shelf, *target);
    let at = (*offset).min(bytes.len().saturating_sub(1));
    let examined = examine(&sample.shelf, &other.shelf, *target, at, *asked, &Limits::default());
    let choose_target = {
        let target = target.clone();
        Callback::from(move |event: Event| {
            let word = event.target_unchecked_into::<HtmlSelectElement>().value();
            target.set(target_of(&word));
        })
    };
    let choose_offset = {
        let offset = offset.clone();
        Callback::from(move |event: InputEvent| {
            offset.set(event.target_unchecked_into::<HtmlInputElement>().value_as_number() as usize);
        })
    };
    let ask = |how: Asked, key: &str| {
        let asked = asked.clone();
        let chosen = *asked == how;
        html! {
            <button class="button" aria-pressed={chosen.to_string()} onclick={Callback::from(move |_| asked.set(how))}>
                { text(key) }
            </button>
        }
    };
    html! {
        <div class="tamper">
            <p>{ text("picture.tamper.about") }</p>
            <div class="tamper__choose">
                <label class="choice"><span>{ text("picture.tamper.target") }</span>
                    <select onchange={choose_target} data-testid="tamper-target">
                        { for targets(&sample.shelf).into_iter().map(|it| html! {
                            <option value={word_of(it)} selected={it == *target}>{ name_of(it) }</option>
                        }) }
                    </select>
                </label>
                <div class="tamper__asked" role="group" aria-label={text("picture.tamper.asked")}>
                    { ask(Asked::ByTag, "picture.tamper.by-tag") }
                    { ask(Asked::ByDigest, "picture.tamper.by-digest") }
                </div>
            </div>
            if !bytes.is_empty() {
                <label class="tamper__offset">
                    <span>{ fill("picture.tamper.byte", &[("at", &at), ("all", &bytes.len())]) }</span>
                    <input type="range" min="0" max={(bytes.len() - 1).to_string()} value={at.to_string()} oninput={choose_offset}
                        data-testid="tamper-offset" />
                </label>
                { byte(bytes, at, matches!(*target, Target::Layer(_))) }
            }
            { verdict(&examined) }
        </div>
    }
}

fn pair(shop: &Shop) -> Option<(Rc<Sample>, Rc<Sample>)> {
    let Samples::Here(samples) = &shop.samples else { return None };
    let mut redis = samples.iter().filter(|sample| matches!(sample.set, Set::Redis { .. }));
    Some((redis.next()?.clone(), redis.next()?.clone()))
}

fn bytes(shelf: &Shelf, target: Target) -> &[u8] {
    match target {
        Target::Tag => &[],
        Target::Manifest => &shelf.manifest,
        Target::Config => &shelf.config,
        Target::Layer(layer) => shelf.layers.get(layer).map(Vec::as_slice).unwrap_or_default(),
    }
}

fn targets(shelf: &Shelf) -> Vec<Target> {
    let layers = (0..shelf.layers.len()).map(Target::Layer);
    [Target::Tag, Target::Manifest, Target::Config].into_iter().chain(layers).collect()
}

fn word_of(target: Target) -> String {
    match target {
        Target::Tag => "tag".into(),
        Target::Manifest => "manifest".into(),
        Target::Config => "config".into(),
        Target::Layer(layer) => layer.to_string(),
    }
}

fn target_of(word: &str) -> Target {
    match word {
        "tag" => Target::Tag,
        "manifest" => Target::Manifest,
        "config" => Target::Config,
        layer => Target::Layer(layer.parse().unwrap_or(0)),
    }
}

fn name_of(target: Target) -> AttrValue {
    match target {
        Target::Tag => text("picture.tamper.tag"),
        Target::Manifest => text("picture.sheet.manifest"),
        Target::Config => text("picture.sheet.config"),
        Target::Layer(layer) => fill("picture.tamper.layer", &[("layer", &(layer + 1))]),
    }
}

/// The byte among its neighbours, before and after.
fn byte(bytes: &[u8], at: usize, as_hex: bool) -> Html {
    const AROUND: usize = 14;
    let show = |bytes: &[u8]| {
        if as_hex {
            bytes.iter().map(|byte| format!("{byte:02x} ")).collect()
        } else {
            harmless(bytes).replace("\\\"", "\"")
        }
    };
    let before = show(&bytes[at.saturating_sub(AROUND)..at]);
    let after = show(&bytes[at + 1..bytes.len().min(at + 1 + AROUND)]);
    let line = |key: &str, byte: u8| {
        html! {
            <p><span>{ text(key) }</span><code>{ before.clone() }<mark>{ show(&[byte]) }</mark>{ after.clone() }</code></p>
        }
    };
    html! { <div class="tamper__bytes">{ line("picture.tamper.was", bytes[at]) }{ line("picture.tamper.is", bytes[at] ^ 1) }</div> }
}

fn verdict(examined: &Examined) -> Html {
    html! {
        <div class="tamper__verdict" aria-live="polite">
            <section class={classes!("tamper__caught", examined.defences.is_empty().then_some("tamper__caught--not"))}>
                <h2>{ text("picture.tamper.caught") }</h2>
                if let Some(first) = examined.defences.first() {
                    { failed(first) }
                } else {
                    <p data-testid="tamper-caught">{ text("picture.tamper.nothing") }</p>
                }
                <details>
                    <summary>{ text("picture.tamper.checks") }</summary>
                    <ol class="checks">{ for examined.checks.iter().map(|checked| html! {
                        <li class={match checked.verdict {
                            Verdict::Holds => "checks__holds",
                            Verdict::NotChecked => "checks__none",
                            Verdict::Fails { .. } => "checks__fails",
                        }}>{ title(checked) }{ match checked.verdict {
                            Verdict::Holds => " ✓".into(),
                            Verdict::NotChecked => format!(" — {}", text("picture.tamper.not-checked")),
                            Verdict::Fails { .. } => " ✗".into(),
                        } }</li>
                    }) }</ol>
                </details>
            </section>
            if examined.defences.len() > 1 {
                <section>
                    <h2>{ text("picture.tamper.next") }</h2>
                    { for examined.defences[1..].iter().map(failed) }
                </section>
            }
            <section>
                <h2>{ text("picture.tamper.unchecked") }</h2>
                <ul class="unchecked">{ for examined.unchecked.iter().map(|told| html! { <li>{ consequence(told) }</li> }) }</ul>
            </section>
        </div>
    }
}

fn title(checked: &Checked) -> String {
    let check = text(&format!("picture.check.{}", checked.check.key()));
    match checked.layer {
        Some(layer) => format!("{}: {check}", fill("picture.tamper.layer", &[("layer", &(layer + 1))])),
        None => check.to_string(),
    }
}

/// Expected and found, one above the other, so that the eye finds the difference.
fn failed(checked: &Checked) -> Html {
    let Verdict::Fails { expected, found } = &checked.verdict else { return Html::default() };
    let key = checked.check.key();
    // What is no digest and no size is said in words.
    let expected = match checked.check {
        Check::ManifestReadable | Check::ConfigReadable | Check::LayerUnpacks => {
            text(&format!("picture.expected.{key}"))
        }
        _ => harmless_text(expected).into(),
    };
    let found = match checked.check {
        Check::ConfigPresent | Check::LayerPresent => text("picture.tamper.absent"),
        _ => harmless_text(found).into(),
    };
    html! {
        <div class="failed">
            <h3 data-testid="tamper-caught">{ title(checked) }</h3>
            <dl>
                <dt>{ text("picture.tamper.expected") }</dt><dd><code>{ expected }</code></dd>
                <dt>{ text("picture.tamper.found") }</dt><dd><code>{ found }</code></dd>
            </dl>
        </div>
    }
}

fn consequence(told: &Consequence) -> AttrValue {
    match told {
        Consequence::Nothing => text("picture.consequence.nothing"),
        Consequence::OtherImage { expected, found } => {
            fill("picture.consequence.other-image", &[("expected", &expected.short()), ("found", &found.short())])
        }
        Consequence::OtherConfig { key } => fill("picture.consequence.other-config", &[("key", key)]),
        Consequence::OtherFiles { layer, paths } => {
            fill("picture.consequence.other-files", &[("layer", &(layer + 1)), ("paths", &paths.join(", "))])
        }
        Consequence::Damaged { layer, sentence } => {
            fill("picture.consequence.damaged", &[("layer", &(layer + 1)), ("sentence", sentence)])
        }
        Consequence::SameFiles => text("picture.consequence.same-files"),
    }
}
