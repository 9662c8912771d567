use layerlab_web::view_model::stack::hue;
use yew::prelude::*;

use crate::{fill, opened::Opened};

/// A layer by its hue and its number, which leads to the layer in the picture of the stack.
pub fn layer_chip(place: &Opened, layer: usize) -> Html {
    let name = fill("chip.layer", &[("n", &(layer + 1))]);
    html! {
        <a class="chip" style={format!("--h:{}", hue(layer))} href={place.layer_link(layer)} aria-label={name.clone()} title={name}>
            { layer + 1 }
        </a>
    }
}
