use yew::prelude::*;

use super::findings::Compared;
use crate::{
    i18n::{fill, plural, text},
    state::{Archive, Shared},
    view_model::{chain, images, slabs::View, words},
};

#[derive(Debug, PartialEq, Properties)]
pub struct MismatchProps {
    pub archive: Shared<Archive>,
    pub image: usize,
}

/// Comparisons that are shown at once; the chain has them all.
const SHOWN: usize = 3;

/// Loud where something does not match, nothing otherwise.
#[component(Mismatch)]
pub fn mismatch(props: &MismatchProps) -> Html {
    let Some(plan) = &props.archive.plan else { return Html::default() };
    let picked = images::pick_of(plan, props.image).map_or_else(|| vec![props.image], |pick| pick.views);
    let views: Vec<View<'_>> = picked.iter().filter_map(|image| View::new(&props.archive, *image)).collect();
    let found = chain::mismatches(&views);
    if found.is_empty() {
        return Html::default();
    }
    let more = found.len().saturating_sub(SHOWN);
    html! {
        <section class="mismatch" role="alert" data-testid="mismatch">
            <h2>{ text("mismatch.title") }</h2>
            { for found.iter().take(SHOWN).map(|check| html! {
                <div class="mismatch__item">
                    <p>
                        <strong>{ text(words::subject(check.subject)) }</strong>
                        if let Some(layer) = check.layer { <span>{ fill("scope.layer", &[("n", &(layer + 1))]) }</span> }
                    </p>
                    <Compared declared={check.declared.clone().unwrap_or_default()} computed={check.computed.clone().unwrap_or_default()} />
                </div>
            }) }
            if more > 0 { <p>{ plural("mismatch.more", more as u64) }</p> }
        </section>
    }
}
