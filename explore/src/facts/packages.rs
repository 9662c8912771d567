use layerlab_core::facts::packages::{LayerPackages, Note, Packages};
use layerlab_web::view_model::format;
use yew::prelude::*;

use super::view::{PackageRow, changed_layers, package_rows};
use crate::{chip::layer_chip, fill, opened::Opened, text};

/// Rows of one layer that are drawn: a base image brings thousands.
const SHOWN: usize = 400;

/// What each layer did to the packages.
pub fn packages(place: &Opened, packages: &Packages) -> Html {
    let layers: Vec<(usize, &LayerPackages)> = changed_layers(packages);
    html! {
        <section data-testid="packages">
            <h2>{ text("facts.packages") }</h2>
            if layers.is_empty() { <p class="facts-note">{ text("facts.no-packages") }</p> }
            <ul class="layered">{ for layers.into_iter().map(|(layer, packages)| row(place, layer, packages)) }</ul>
        </section>
    }
}

fn row(place: &Opened, layer: usize, packages: &LayerPackages) -> Html {
    let rows = package_rows(packages);
    let more = rows.len().saturating_sub(SHOWN);
    let count = |key: &str, n: usize| (n > 0).then(|| html! { <span>{ fill(key, &[("n", &n)]) }</span> });
    html! {
        <li class="layered__item">
            { layer_chip(place, layer) }
            <div>
                { for packages.notes.iter().map(|note| html! { <p class="facts-warn">{ note_words(note) }</p> }) }
                if !rows.is_empty() {
                    <details>
                        <summary class="layered__sum">
                            { count("facts.added", packages.added.len()) }
                            { count("facts.removed", packages.removed.len()) }
                            { count("facts.changed", packages.changed.len()) }
                        </summary>
                        <ul class="packages">{ for rows.iter().take(SHOWN).map(package) }</ul>
                        if more > 0 { <p class="facts-note">{ fill("facts.more-packages", &[("n", &more)]) }</p> }
                    </details>
                }
            </div>
        </li>
    }
}

fn package(row: &PackageRow) -> Html {
    html! {
        <li>
            <span class={classes!("packages__sign", format!("packages__sign--{}", row.key))} title={text(&format!("facts.sign.{}", row.key))} aria-label={text(&format!("facts.sign.{}", row.key))}>{ row.sign }</span>
            <code>{ &row.name }</code>
            <code class="packages__version">{ &row.version }</code>
            <span class="num">{ row.size.map(format::bytes) }</span>
        </li>
    }
}

fn note_words(note: &Note) -> AttrValue {
    match note {
        Note::Deleted { path } => fill("facts.note.deleted", &[("path", path)]),
        Note::Truncated { path } => fill("facts.note.truncated", &[("path", path)]),
        Note::RpmNotRead { path } => fill("facts.note.rpm", &[("path", path)]),
    }
}
