use yew::prelude::*;

use crate::{
    i18n::{fill, plural, text},
    state::Archive,
    view_model::{format, slabs::View, waste, words},
};

/// What is stored and never seen: why, where, and by which layer.
pub fn waste_panel(archive: &Archive, image: usize) -> Html {
    let report = View::new(archive, image).and_then(|view| view.report);
    let Some((report, efficiency)) = report.and_then(|report| Some((report, report.efficiency.as_ref()?))) else {
        return Html::default();
    };
    let shares = waste::shares(efficiency);
    if shares.is_empty() {
        return html! { <p class="empty">{ text("waste.none") }</p> };
    }
    let unlisted = waste::unlisted(efficiency, &shares);
    let hidden = format::bytes(report.shadowed_bytes.unwrap_or(0));
    html! {
        <section class="waste" data-testid="waste">
            <h2>{ fill("waste.title", &[("bytes", &hidden)]) }</h2>
            <p class="waste__score">{ fill("waste.score", &[("percent", &format::percent(efficiency.score))]) }</p>
            { for shares.iter().map(cause) }
            if unlisted > 0 { <p class="waste__score">{ plural("waste.more", unlisted) }</p> }
        </section>
    }
}

fn cause(share: &waste::Share) -> Html {
    html! {
        <details class="cause" style={format!("--share:{:.4}", share.share)}>
            <summary>
                <span class="cause__name">{ text(words::cause(share.cause)) }</span>
                <span class="cause__bytes">{ format::bytes(share.bytes) }</span>
            </summary>
            <ul>
                { for share.worst.iter().map(|entry| html! {
                    <li>
                        <code>{ &entry.path }</code>
                        <span>{ format::bytes(entry.bytes) }</span>
                        <small>{ fill("waste.by", &[("layer", &(entry.layer + 1)), ("by", &(entry.by_layer + 1))]) }</small>
                    </li>
                }) }
            </ul>
        </details>
    }
}
