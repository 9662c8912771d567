use yew::prelude::*;

use crate::{
    captions::{caption, reason},
    fill,
    scene::{Film, Scene},
    text,
};

/// The step in words, told to screen readers as it comes.
pub fn caption_bar(film: &Film, scene: &Scene, step: usize) -> Html {
    let count = film.steps().len();
    let words = match step.checked_sub(1).and_then(|at| film.steps().get(at)) {
        Some(done) => html! {
            <>
                <span class="caption__what" aria-live="polite" data-testid="caption">{ caption(done, scene) }</span>
                if let Some(reason) = done.event.as_ref().and_then(reason) {
                    <span class="caption__why">{ reason }</span>
                }
            </>
        },
        None if count > 0 => {
            html! { <span class="caption__what" data-testid="caption">{ text("stage.before") }</span> }
        }
        None => html! { <span class="caption__what" data-testid="caption">{ text("stage.idle") }</span> },
    };
    html! {
        <div class="caption">
            if count > 0 {
                <span class="caption__step">{ fill("stage.step", &[("step", &step), ("count", &count)]) }</span>
            }
            { words }
        </div>
    }
}
