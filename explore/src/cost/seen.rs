use layerlab_core::report::{Duplicate, Efficiency, ImageReport, Leftover};
use layerlab_web::view_model::{format, stack};
use yew::prelude::*;

use super::words;
use crate::{fill, plural, text};

/// Rows of each list.
const ROWS: usize = 30;
/// Copies named of one content.
const COPIES: usize = 4;

/// What could go although it is seen: leftovers of tools, and the same content twice. No part of the ledger.
pub fn seen(image: &ImageReport, efficiency: &Efficiency) -> Html {
    let more = |shown: usize, all: u64| {
        let more = all.saturating_sub(shown.min(ROWS) as u64);
        (more > 0).then(|| html! { <p class="map__about">{ plural("cost.ledger.more-lines", more) }</p> })
    };
    let leftovers = efficiency.leftovers.len() as u64 + efficiency.leftovers_rest.rows;
    let duplicates = efficiency.duplicates.len() as u64 + efficiency.duplicates_rest.rows;
    html! {
        <div class="seen">
            <section aria-labelledby="leftovers-title" data-testid="leftovers">
                <h2 id="leftovers-title">{ text("cost.left.title") }</h2>
                <p class="map__about">{ text("cost.left.about") }</p>
                if efficiency.leftovers.is_empty() { <p class="empty">{ text("cost.left.none") }</p> }
                <ul class="lefts">{ for efficiency.leftovers.iter().take(ROWS).map(|row| leftover(row, image)) }</ul>
                { more(efficiency.leftovers.len(), leftovers) }
            </section>
            <section aria-labelledby="duplicates-title" data-testid="duplicates">
                <h2 id="duplicates-title">{ text("cost.twice.title") }</h2>
                <p class="map__about">{ text("cost.twice.about") }</p>
                if efficiency.duplicates.is_empty() { <p class="empty">{ text("cost.twice.none") }</p> }
                <ul class="lefts">{ for efficiency.duplicates.iter().take(ROWS).map(duplicate) }</ul>
                { more(efficiency.duplicates.len(), duplicates) }
            </section>
        </div>
    }
}

fn leftover(row: &Leftover, image: &ImageReport) -> Html {
    let hue = stack::hue(usize::try_from(row.layer).unwrap_or_default());
    html! {
        <li class="loss" style={format!("--h:{hue}")}>
            <span class="loss__path"><b>{ words::known(row.known) }</b>{ " " }<code>{ &row.path }{ "/" }</code></span>
            <span class="loss__bytes">{ format::bytes(row.bytes) }</span>
            <small class="loss__where">
                { fill("cost.left.where", &[("layer", &(row.layer + 1)), ("files", &plural("cost.files", row.files))]) }
                if let Some(made_by) = words::made_by(image, row.layer) { <>{ " · " }<code class="loss__made">{ made_by }</code></> }
            </small>
            <small class="loss__fix">{ words::fix(row.fix) }{ " · " }<code>{ row.known.removal() }</code></small>
        </li>
    }
}

fn duplicate(row: &Duplicate) -> Html {
    let first = row.paths.first().map_or(0, |place| place.layer);
    let hue = stack::hue(usize::try_from(first).unwrap_or_default());
    let more = row.copies.saturating_sub(COPIES as u64);
    html! {
        <li class="loss" style={format!("--h:{hue}")}>
            <span class="loss__path">
                { for row.paths.iter().take(COPIES).map(|place| html! {
                    <span class="copyof"><code>{ &place.path }</code><small>{ fill("cost.layer", &[("layer", &(place.layer + 1))]) }</small></span>
                }) }
                if more > 0 { <small>{ plural("cost.ledger.more-lines", more) }</small> }
            </span>
            <span class="loss__bytes">{ format::bytes(row.wasted) }</span>
            <small class="loss__where">{ fill("cost.twice.where", &[("copies", &format::count(row.copies)), ("bytes", &format::bytes(row.bytes))]) }</small>
        </li>
    }
}
