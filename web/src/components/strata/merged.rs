use yew::prelude::*;

use crate::{
    i18n::{fill, plural, text},
    state::Archive,
    view_model::{format, slabs::View},
};

/// What a process sees, and how much of what is stored it never sees.
pub fn merged_view(archive: &Archive, image: usize) -> Html {
    let Some(view) = View::new(archive, image) else { return Html::default() };
    let merged = view.report.and_then(|report| report.merged.as_ref());
    let hidden = view.report.and_then(|report| report.shadowed_bytes);
    let facts = match (merged, view.report) {
        (Some(merged), _) => html! {
            <>
                <span>{ plural("count.paths", merged.paths) }</span>
                <span>{ format::bytes(merged.bytes) }</span>
                if let Some(hidden) = hidden.filter(|hidden| *hidden > 0) {
                    <span class="merged__hidden">{ fill("merged.hidden", &[("bytes", &format::bytes(hidden))]) }</span>
                }
            </>
        },
        (None, Some(_)) => html! { <span>{ text("merged.absent") }</span> },
        (None, None) => html! { <span>{ text("merged.pending") }</span> },
    };
    let share = merged.zip(hidden).map(|(merged, hidden)| merged.bytes as f64 / (merged.bytes + hidden).max(1) as f64);
    html! {
        <div class="merged" data-testid="merged">
            <span class="merged__name">{ text("merged.name") }<small>{ text("merged.about") }</small></span>
            <span class="merged__facts">{ facts }</span>
            if let Some(share) = share {
                <span class="merged__bar" aria-hidden="true" style={format!("--share:{share:.4}")} />
            }
        </div>
    }
}
