use yew::prelude::*;

use super::findings::compared;
use crate::{
    i18n::{fill, plural, text},
    state::Archive,
    view_model::{chain, slabs::View, words},
};

/// Comparisons that are shown at once; the chain has them all.
const SHOWN: usize = 3;

/// Loud where something does not match, nothing otherwise.
pub fn mismatch(archive: &Archive, image: usize) -> Html {
    let picked = archive.offer.views(image);
    let views: Vec<View<'_>> = picked.iter().filter_map(|image| View::new(archive, *image)).collect();
    let (found, left) = chain::mismatches(&views, SHOWN);
    if found.is_empty() {
        return Html::default();
    }
    html! {
        <section class="mismatch" role="alert" data-testid="mismatch">
            <h2>{ text("mismatch.title") }</h2>
            { for found.iter().map(|check| html! {
                <div class="mismatch__item">
                    <p>
                        <strong>{ text(words::subject(check.subject)) }</strong>
                        if let Some(layer) = check.layer { <span>{ fill("scope.layer", &[("n", &(layer + 1))]) }</span> }
                    </p>
                    { compared(check.declared.as_deref().unwrap_or_default(), check.computed.as_deref().unwrap_or_default()) }
                </div>
            }) }
            if left > 0 { <p>{ plural("mismatch.more", left as u64) }</p> }
        </section>
    }
}
