use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    hooks::{Opened, of_folder, of_list},
    i18n::text,
};

/// A file picker and a folder picker: labels around inputs, so that every browser and every tool can use them.
pub fn pickers(on_open: &Callback<Vec<Opened>>) -> Html {
    let on_files = on_open.reform(|event: Event| take(&event).map(|input| of_list(input.files())).unwrap_or_default());
    let on_folder =
        on_open.reform(|event: Event| take(&event).and_then(|input| of_folder(input.files())).into_iter().collect());
    // The same file can be chosen twice in a row: the input forgets its choice before the dialogue opens.
    let forget = Callback::from(|event: MouseEvent| {
        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            input.set_value("");
        }
    });
    html! {
        <div class="pickers">
            <label class="button button--first">
                { text("open.files") }
                <input class="unseen" type="file" multiple=true data-testid="archive-input" onchange={on_files} onclick={forget.clone()} />
            </label>
            <label class="button">
                { text("open.folder") }
                <input class="unseen" type="file" webkitdirectory=true data-testid="folder-input" onchange={on_folder} onclick={forget} />
            </label>
        </div>
    }
}

fn take(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}
