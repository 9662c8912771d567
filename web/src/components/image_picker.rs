use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::{
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::images::{Family, Pick},
};

#[derive(Debug, PartialEq, Properties)]
pub struct ImagePickerProps {
    pub archive: Shared<Archive>,
    pub image: usize,
    pub on_image: Callback<usize>,
}

/// Which image, and which platform of it. What is listed and not in the archive can be seen, not chosen.
#[component(ImagePicker)]
pub fn image_picker(props: &ImagePickerProps) -> Html {
    let offered = props.archive.offer.clone();
    let families = &offered.families;
    let shows = |pick: &Pick| pick.views.contains(&props.image);
    let family = families.iter().position(|family| family.platforms.iter().any(shows));
    let on_family = {
        let (offered, on_image) = (offered.clone(), props.on_image.clone());
        Callback::from(move |event: Event| {
            if let Some(pick) = offered.families.get(selected(&event)).and_then(Family::first) {
                on_image.emit(pick.image);
            }
        })
    };
    let on_platform = {
        let (offered, on_image) = (offered.clone(), props.on_image.clone());
        Callback::from(move |event: Event| {
            let pick = family.and_then(|family| offered.families.get(family)?.platforms.get(selected(&event)));
            if let Some(pick) = pick {
                on_image.emit(pick.image);
            }
        })
    };
    let platforms = family.and_then(|family| families.get(family)).map_or(&[][..], |family| &family.platforms);
    html! {
        <div class="picker">
            if families.len() > 1 {
                <label class="field">
                    <span>{ fill("picker.images", &[("n", &families.len())]) }</span>
                    <select data-testid="image-picker" onchange={on_family}>
                        { for families.iter().enumerate().map(|(i, of)| html! {
                            <option selected={family == Some(i)}>{ of.first().map(title).unwrap_or_default() }</option>
                        }) }
                    </select>
                </label>
            }
            if platforms.len() > 1 {
                <label class="field">
                    <span>{ fill("picker.platforms", &[("n", &platforms.len())]) }</span>
                    <select data-testid="platform-picker" onchange={on_platform}>
                        { for platforms.iter().map(|pick| html! {
                            <option selected={shows(pick)} disabled={!pick.is_whole()}>{ platform(pick) }</option>
                        }) }
                    </select>
                </label>
            }
        </div>
    }
}

fn title(pick: &Pick) -> String {
    pick.title().map_or_else(|| text("picker.untagged").to_string(), str::to_owned)
}

fn platform(pick: &Pick) -> String {
    let name = pick.platform.clone().or_else(|| pick.short.clone()).unwrap_or_else(|| "?".to_owned());
    if pick.is_whole() { name } else { format!("{name} — {}", text("nature.absent")) }
}

fn selected(event: &Event) -> usize {
    let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
    select.and_then(|select| usize::try_from(select.selected_index()).ok()).unwrap_or(usize::MAX)
}
