use layerlab_core::report::{Efficiency, ImageReport};
use layerlab_web::view_model::format;
use yew::prelude::*;

use super::words;
use crate::{fill, text};

/// The figures that matter, and dive's beside ours.
pub fn head(image: &ImageReport, efficiency: &Efficiency) -> Html {
    let hidden = image.shadowed_bytes.unwrap_or_default();
    let seen = image.merged.as_ref().map_or(0, |merged| merged.bytes);
    let stored = seen.saturating_add(hidden);
    let left =
        efficiency.leftovers.iter().fold(efficiency.leftovers_rest.bytes, |sum, row| sum.saturating_add(row.bytes));
    let figure = |label: &str, value: String, note: Option<AttrValue>| {
        html! {
            <div class="figure">
                <dt>{ text(label) }</dt>
                <dd>{ value }</dd>
                if let Some(note) = note { <dd class="figure__note">{ note }</dd> }
            </div>
        }
    };
    html! {
        <section class="cost__head" aria-label={text("cost.head")}>
            <div class="cost__bar" aria-hidden="true" style={format!("--share:{:.4}", efficiency.score)} />
            <dl class="figures">
                { figure("cost.efficiency", format::percent(efficiency.score), Some(fill("cost.of-stored", &[("seen", &format::bytes(seen)), ("stored", &format::bytes(stored))]))) }
                { figure("cost.hidden", words::saving(hidden, stored), Some(text("cost.hidden-note"))) }
                { figure("cost.leftovers", format::bytes(left), Some(text("cost.leftovers-note"))) }
                if let Some(dive) = image.dive {
                    { figure("cost.dive", format::percent(dive.efficiency), Some(fill("cost.dive-wasted", &[("bytes", &format::bytes(dive.wasted_bytes))]))) }
                }
            </dl>
            if image.dive.is_some() { <p class="cost__why">{ text("cost.dive-why") }</p> }
        </section>
    }
}
