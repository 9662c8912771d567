use layerlab_core::compare::{DiffCounts, PathRow};
use layerlab_web::{i18n::Language, view_model::format};
use yew::prelude::*;

use super::protocol::{CompareAnswer, CompareQuestion, Show};
use crate::{
    ask::use_answer,
    client::{Client, Heard},
    plural,
    protocol::{Answer, Question},
    save::{Kind, save_buffer},
    text,
};

/// Rows of one window.
const ROWS: usize = 100;

#[derive(Debug, PartialEq, Properties)]
pub struct PathsProps {
    pub client: Client,
    pub counts: DiffCounts,
    /// Which comparison: the explorer answers about the last one.
    pub number: u32,
    pub language: Language,
}

/// The paths that differ, a window at a time.
#[component(Paths)]
pub fn paths(props: &PathsProps) -> Html {
    let show = use_state_eq(|| Show::All);
    let start = use_state_eq(|| 0_usize);
    let question = CompareQuestion::Rows { show: *show, start: *start, len: ROWS };
    let answered = use_answer(Some(&props.client), Some(Question::Compare(question)));
    let rows = match answered.map(|answered| answered.heard.answer) {
        Some(Answer::Compare(CompareAnswer::Rows(rows))) => rows,
        _ => Vec::new(),
    };
    let count = |show: Show| match show {
        Show::All => props.counts.added + props.counts.removed + props.counts.changed,
        Show::Added => props.counts.added,
        Show::Removed => props.counts.removed,
        Show::Changed => props.counts.changed,
    };
    let total = usize::try_from(count(*show)).unwrap_or(usize::MAX);
    let choose = {
        let (show, start) = (show.setter(), start.setter());
        Callback::from(move |chosen: Show| {
            show.set(chosen);
            start.set(0);
        })
    };
    let page = |to: usize| {
        let start = start.setter();
        Callback::from(move |_: MouseEvent| start.set(to))
    };
    if count(Show::All) == 0 {
        return html! { <p class="empty">{ text("compare.no-paths") }</p> };
    }
    html! {
        <section aria-labelledby="paths-title" data-testid="paths">
            <h2 id="paths-title">{ text("compare.paths") }</h2>
            <div class="compare__tools">
                <div class="segments" role="group" aria-label={text("compare.show")}>
                    { for Show::ALL.map(|one| html! {
                        <button aria-pressed={(one == *show).to_string()} data-testid={format!("show-{}", one.word())} onclick={choose.reform(move |_| one)}>
                            { text(&format!("change.{}", one.word())) }{ " " }<span class="count">{ format::count(count(one)) }</span>
                        </button>
                    }) }
                </div>
                <div class="exports">
                    { export(&props.client, "export.csv", CompareQuestion::Csv, ("diff.csv", Kind::Csv)) }
                    { export(&props.client, "export.json", CompareQuestion::Json, ("diff.json", Kind::Json)) }
                </div>
            </div>
            <div class="sheet"><table class="paths">
                <thead><tr>
                    <th scope="col">{ text("compare.change") }</th>
                    <th scope="col">{ text("compare.path") }</th>
                    <th scope="col">{ text("compare.aspects") }</th>
                    <th scope="col" class="num">{ "A" }</th>
                    <th scope="col" class="num">{ "B" }</th>
                </tr></thead>
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table></div>
            if total > ROWS {
                <nav class="pages" aria-label={text("compare.pages")}>
                    <button class="chipbutton" disabled={*start == 0} onclick={page(start.saturating_sub(ROWS))}>{ text("compare.before") }</button>
                    <span>{ format!("{}–{} / {}", format::count(*start as u64 + 1), format::count((*start + rows.len()) as u64), format::count(total as u64)) }</span>
                    <button class="chipbutton" disabled={*start + ROWS >= total} onclick={page(*start + ROWS)}>{ text("compare.after") }</button>
                </nav>
            }
            <p class="map__about">{ plural("compare.same-paths", props.counts.same) }</p>
        </section>
    }
}

fn row(row: &PathRow) -> Html {
    let sign = match row.change.as_str() {
        "added" => "+",
        "removed" => "−",
        _ => "~",
    };
    let aspects: Vec<String> =
        row.aspects.iter().map(|aspect| text(&format!("aspect.{}", aspect.as_str())).to_string()).collect();
    let size = |size: Option<u64>| size.map_or_else(|| "—".to_owned(), format::bytes);
    let kind = row.type_b.as_deref().or(row.type_a.as_deref());
    let slash = if kind == Some("dir") { "/" } else { "" };
    html! {
        <tr class={format!("path path--{}", row.change)}>
            <td><b aria-hidden="true">{ sign }</b>{ text(&format!("change.{}", row.change)) }</td>
            <th scope="row"><code>{ &row.path }{ slash }</code></th>
            <td>{ aspects.join(", ") }</td>
            <td class="num">{ size(row.size_a) }</td>
            <td class="num">{ size(row.size_b) }</td>
        </tr>
    }
}

/// A file that the explorer writes.
fn export(client: &Client, key: &'static str, question: CompareQuestion, (name, kind): (&'static str, Kind)) -> Html {
    let client = client.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        client.ask_once(
            Question::Compare(question.clone()),
            Callback::from(move |heard: Heard| {
                if let Some(buffer) = &heard.buffer {
                    save_buffer(buffer, name, kind);
                }
            }),
        );
    });
    html! { <button class="chipbutton" data-testid={key.replace('.', "-")} {onclick}>{ text(key) }</button> }
}
