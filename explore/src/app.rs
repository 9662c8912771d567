use layerlab_web::lazy::ModuleProps;
use yew::prelude::*;

use crate::text;

/// The module.
#[component(App)]
pub fn app(_props: &ModuleProps) -> Html {
    html! { <p class="empty">{ text("later") }</p> }
}
