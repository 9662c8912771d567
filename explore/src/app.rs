use layerlab_web::{
    lazy::ModuleProps,
    pages::{Pane, Route},
};
use yew::prelude::*;
use yew_router::Routable;

use crate::{facts::FactsPane, hidden::HiddenPane, place::use_place, text};

/// The module: the pane of the address, of the archive and image that it names.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let path = props.address.split('?').next().unwrap_or_default();
    let route = Route::recognize(path);
    let (key, image, pane) = match route {
        Some(Route::Image { key, image, pane }) => (key, image, Some(pane)),
        _ => (String::new(), 0, None),
    };
    let place = use_place(&props.host, &key, image);
    let Some(place) = place else { return html! { <p class="empty">{ text("later") }</p> } };
    // Words are global, so another language draws all anew.
    let key = props.language.tag();
    match pane {
        Some(Pane::Facts) => html! { <FactsPane {key} {place} /> },
        Some(Pane::Hidden) => html! { <HiddenPane {key} {place} /> },
        _ => html! { <p class="empty">{ text("later") }</p> },
    }
}
