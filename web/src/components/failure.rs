use layerlab_core::display::harmless_text;
use yew::prelude::*;

use crate::{
    i18n::{fill, text},
    protocol::{Failure, FailureCode},
    view_model::words,
};

/// Why an archive could not be opened, and what is accepted.
pub fn failure(name: &str, failure: &Failure) -> Html {
    let detail = words::seems(&failure.detail).map_or_else(|| harmless_text(&failure.detail).into(), text);
    html! {
        <section class="failure" role="alert" data-testid="failure">
            <h2>{ fill("failure.title", &[("name", &name)]) }</h2>
            <p class="failure__why">{ fill(words::failure(failure.code), &[("detail", &detail)]) }</p>
            if failure.code == FailureCode::NotAnArchive {
                <p>{ text("open.accepted") }</p>
            } else {
                <p class="failure__sentence" lang="en">{ harmless_text(&failure.sentence) }</p>
            }
        </section>
    }
}
