use std::rc::Rc;

use layerlab_web::{lazy::ModuleProps, view_model::instruction};
use yew::prelude::*;

use crate::{address::Address, client::Client, files::Files, text};

/// The module: the side of an image that the address names.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let address = Address::parse(&props.address);
    let archive = address.as_ref().and_then(|address| props.host.archive(&address.key));
    let id = archive.as_ref().map(|archive| archive.id);
    let client = {
        let host = props.host.clone();
        use_memo(id, move |id| host.explorer((*id)?).map(Client::new))
    };
    let image = address.as_ref().map(|address| address.image);
    let phase = archive.as_ref().map(|archive| archive.phase);
    let instructions = {
        let host = props.host.clone();
        use_memo((id, image, phase), move |(id, image, _)| {
            let plan = host.plan((*id)?)?;
            let layers = &plan.images.get((*image)? as usize)?.layers;
            let plain = |created_by: &String| instruction::plain(created_by);
            Some(Rc::new(layers.iter().map(|layer| layer.created_by.as_ref().map(plain)).collect::<Vec<_>>()))
        })
    };
    let (Some(address), Some(client), Some(instructions)) = (address, (*client).clone(), (*instructions).clone())
    else {
        return html! { <p class="empty">{ text("waiting") }</p> };
    };
    match address.pane.as_str() {
        "files" => html! { <Files host={props.host.clone()} {address} {client} {instructions} /> },
        _ => html! { <p class="empty">{ text("later") }</p> },
    }
}
