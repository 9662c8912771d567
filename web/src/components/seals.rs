use layerlab_core::verify::{Answer, Trust};
use yew::prelude::*;
use yew_router::prelude::*;

use super::icons;
use crate::{
    i18n::{plural, text},
    pages::{Pane, Route},
    state::Archive,
    view_model::{
        chain::{self, Consistency},
        slabs::View,
    },
};

/// Two seals and two words: consistent with itself is less than equal to what you trust.
pub fn two_seals(archive: &Archive, image: usize) -> Html {
    let picked = archive.offer.views(image);
    let views: Vec<View<'_>> = picked.iter().filter_map(|image| View::new(archive, *image)).collect();
    let (state, matches, said) = match chain::consistency(&views) {
        Consistency::Pending if archive.is_busy() => ("checking", None, text("consistency.pending")),
        Consistency::Pending => ("not-checked", None, text("consistency.stopped")),
        Consistency::Consistent { checks } => ("verified", Some(true), plural("consistency.checks", checks as u64)),
        Consistency::Contradicts { mismatches } => {
            ("mismatch", Some(false), plural("consistency.mismatches", mismatches as u64))
        }
        Consistency::NothingDeclared => ("not-checked", None, text("consistency.nothing")),
    };
    let answers = archive.trust.as_ref().and_then(|trust| trust.answers.as_deref()).unwrap_or_default();
    let (trusted, equal, trust_said) = trust(answers, &picked);
    let to = Route::Image { key: archive.key.clone(), image, pane: Pane::Chain };
    html! {
        <div class="seals">
            <div class={classes!("twoseal", format!("twoseal--{state}"))} data-testid="seal-consistent" data-state={state}>
                <span class="twoseal__mark">{ icons::verdict(matches) }</span>
                <p><strong>{ text("consistency.title") }</strong><span>{ said }</span></p>
            </div>
            <Link<Route> classes={classes!("twoseal", format!("twoseal--{trusted}"))} {to}>
                <span class="twoseal__mark" data-testid="seal-trusted" data-state={trusted}>{ icons::verdict(equal) }</span>
                <p><strong>{ text("trust.title") }</strong><span>{ text(trust_said) }</span></p>
            </Link<Route>>
        </div>
    }
}

/// A contradiction of one view weighs more than the equality of another.
fn trust(answers: &[Answer], views: &[usize]) -> (&'static str, Option<bool>, &'static str) {
    let of = || answers.iter().filter(|answer| views.iter().any(|view| *view as u64 == answer.image));
    if of().any(|answer| matches!(answer.trust, Trust::Equals(_))) {
        ("verified", Some(true), "trust.equals-short")
    } else if of().any(|answer| matches!(answer.trust, Trust::Contradicts(_))) {
        ("mismatch", Some(false), "trust.contradicts-short")
    } else if of().next().is_some() {
        ("not-checked", None, "trust.undecided-short")
    } else {
        ("not-checked", None, "trust.ask-short")
    }
}
