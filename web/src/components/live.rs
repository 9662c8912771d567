use yew::prelude::*;

use crate::{
    i18n::{fill, plural, text},
    state::{Milestone, News},
};

/// Tells a screen reader what the picture shows: milestones, not every byte.
pub fn live(news: Option<&News>) -> Html {
    let sentence = news.map(|news| {
        let name = layerlab_core::display::harmless_text(&news.name);
        let what = match &news.what {
            Milestone::Accepted => text("live.accepted"),
            Milestone::Planned { images, layers } => {
                let (images, layers) = (plural("count.images", *images as u64), plural("count.layers", *layers as u64));
                fill("live.planned", &[("images", &images), ("layers", &layers)])
            }
            Milestone::Percent(percent) => fill("live.percent", &[("percent", percent)]),
            Milestone::Verified { layers } => {
                fill("live.verified", &[("layers", &plural("count.layers", *layers as u64))])
            }
            Milestone::Mismatches { count } => {
                fill("live.mismatches", &[("count", &plural("count.mismatches", *count as u64))])
            }
            Milestone::Failed => text("live.failed"),
            Milestone::Cancelled => text("live.cancelled"),
            Milestone::Closed => text("live.closed"),
        };
        fill("live.about", &[("name", &name), ("what", &what)])
    });
    html! { <p class="unseen" role="status" aria-live="polite">{ sentence }</p> }
}
