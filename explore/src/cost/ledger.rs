use layerlab_core::{
    cost::bill::{By, Key, Line, bill, holds},
    report::{Efficiency, ImageReport, LedgerEntry, Report},
};
use layerlab_web::{
    i18n,
    i18n::Language,
    state::Shared,
    view_model::{format, stack, words as app_words},
};
use yew::prelude::*;

use super::words;
use crate::{fill, plural, text};

/// Losses shown of one line.
const LOSSES: usize = 40;
/// Lines shown before the rest is only counted.
const LINES: usize = 40;

#[derive(Debug, PartialEq, Properties)]
pub struct LedgerProps {
    pub report: Shared<Report>,
    pub image: usize,
    pub language: Language,
}

/// Every byte that is stored and not seen, added up as is asked; each line opens to its losses.
#[component(Ledger)]
pub fn ledger(props: &LedgerProps) -> Html {
    let by = use_state_eq(|| By::Cause);
    let open = use_state_eq(|| None::<Key>);
    let Some(image) = props.report.images.get(props.image) else { return Html::default() };
    let Some(efficiency) = &image.efficiency else { return Html::default() };
    let hidden = image.shadowed_bytes.unwrap_or_default();
    let choose = {
        let (by, open) = (by.setter(), open.setter());
        Callback::from(move |chosen: By| {
            by.set(chosen);
            open.set(None);
        })
    };
    let toggle = {
        let (set, current) = (open.setter(), (*open).clone());
        Callback::from(move |key: Key| set.set((current.as_ref() != Some(&key)).then_some(key)))
    };
    let lines = bill(efficiency, &by);
    html! {
        <section class="ledger" aria-labelledby="ledger-title" data-testid="ledger">
            <h2 id="ledger-title">{ fill("cost.ledger.title", &[("bytes", &format::bytes(hidden))]) }</h2>
            if hidden == 0 {
                <p class="empty">{ text("cost.ledger.none") }</p>
            } else {
                { ways(&by, &choose) }
                if let By::Directory(directory) = &*by { { crumbs(directory, &choose) } }
                <ul class="lines">
                    { for lines.iter().take(LINES).map(|line| {
                        let opened = *open == Some(line.key.clone());
                        shown(line, hidden, image, &by, opened, &choose, &toggle, efficiency)
                    }) }
                </ul>
                if lines.len() > LINES { <p class="map__about">{ plural("cost.ledger.more-lines", (lines.len() - LINES) as u64) }</p> }
                <p class="ledger__sum">{ fill("cost.ledger.sum", &[("bytes", &format::bytes(hidden))]) }</p>
            }
        </section>
    }
}

fn ways(current: &By, choose: &Callback<By>) -> Html {
    let ways = [
        (By::Cause, "cost.by.cause"),
        (By::Layer, "cost.by.layer"),
        (By::Directory(String::new()), "cost.by.path"),
        (By::Instruction, "cost.by.instruction"),
        (By::Fix, "cost.by.fix"),
    ];
    html! {
        <div class="segments" role="group" aria-label={text("cost.by.label")}>
            { for ways.into_iter().map(|(way, key)| {
                let chosen = std::mem::discriminant(&way) == std::mem::discriminant(current);
                html! {
                    <button aria-pressed={chosen.to_string()} data-testid={key.replace('.', "-")} onclick={choose.reform(move |_| way.clone())}>
                        { text(key) }
                    </button>
                }
            }) }
        </div>
    }
}

fn crumbs(directory: &str, choose: &Callback<By>) -> Html {
    let parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    let to = |depth: usize| {
        let path = parts[..depth].join("/");
        choose.reform(move |_: MouseEvent| By::Directory(path.clone()))
    };
    html! {
        <nav class="crumbs" aria-label={text("cost.map.way")}>
            <ol>
                <li><button class="crumb" onclick={to(0)}><code>{ "/" }</code></button></li>
                { for parts.iter().enumerate().map(|(at, part)| html! {
                    <li><button class="crumb" onclick={to(at + 1)}><code>{ *part }</code></button></li>
                }) }
            </ol>
        </nav>
    }
}

#[allow(clippy::too_many_arguments, reason = "a row is drawn of all that the list knows")]
fn shown(
    line: &Line,
    hidden: u64,
    image: &ImageReport,
    by: &By,
    open: bool,
    choose: &Callback<By>,
    toggle: &Callback<Key>,
    efficiency: &Efficiency,
) -> Html {
    let (name, below) = words::line(line, image);
    let share = line.bytes as f64 / hidden.max(1) as f64;
    let inner = match &line.key {
        Key::Path(path) => path.strip_suffix('/').map(str::to_owned),
        _ => None,
    };
    let listed = line.key != Key::Others || line.fix.is_some();
    let onclick = match &inner {
        Some(path) => {
            let path = path.clone();
            choose.reform(move |_: MouseEvent| By::Directory(path.clone()))
        }
        None => {
            let key = line.key.clone();
            toggle.reform(move |_: MouseEvent| key.clone())
        }
    };
    let is_path = matches!(line.key, Key::Path(_));
    // By fix, the name of the line is the fix.
    let fix = line.fix.filter(|_| *by != By::Fix);
    html! {
        <li class="line" style={format!("--share:{share:.4}")}>
            <button class="line__head" data-testid="line" {onclick} disabled={!listed} aria-expanded={inner.is_none().then(|| open.to_string())}>
                <span class="line__name">
                    if is_path { <code>{ name }</code> } else { <b>{ name }</b> }
                    if let Some(below) = below { <code class="line__below">{ below }</code> }
                </span>
                <span class="line__count">{ words::paths(line.rows) }</span>
                <span class="line__bytes">{ format::bytes(line.bytes) }</span>
                if let Some(fix) = fix {
                    <span class="line__fix">
                        <span>{ words::fix(fix) }</span>
                        <small>{ fill("cost.saves", &[("bytes", &format::bytes(fix.saves))]) }</small>
                    </span>
                }
            </button>
            if open { { losses(line, by, efficiency) } }
        </li>
    }
}

fn losses(line: &Line, by: &By, efficiency: &Efficiency) -> Html {
    let rows = efficiency.ledger.iter().filter(|row| holds(&line.key, row, by));
    let more = line.rows.max(rows.clone().count() as u64).saturating_sub(LOSSES as u64);
    html! {
        <div class="losses">
            <ul>{ for rows.take(LOSSES).map(loss) }</ul>
            if more > 0 { <p class="map__about">{ plural("cost.ledger.more", more) }</p> }
        </div>
    }
}

fn loss(row: &LedgerEntry) -> Html {
    let hue = stack::hue(usize::try_from(row.layer).unwrap_or_default());
    let by = fill(
        "cost.ledger.where",
        &[
            ("layer", &(row.layer + 1)),
            ("by", &(row.by_layer + 1)),
            ("cause", &i18n::text(app_words::cause(row.cause))),
        ],
    );
    html! {
        <li class="loss" style={format!("--h:{hue}")}>
            <code class="loss__path">{ &row.path }</code>
            <span class="loss__bytes">{ format::bytes(row.bytes) }</span>
            <small class="loss__where">{ by }</small>
            <small class="loss__fix">{ words::fix(row.fix) }{ row.known.map(|known| html! { <>{ " · " }{ words::known(known) }{ " " }<code>{ known.removal() }</code></> }) }</small>
        </li>
    }
}
