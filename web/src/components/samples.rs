use gloo_net::http::Request;
use js_sys::{Array, Uint8Array};
use serde::Deserialize;
use web_sys::File;
use yew::prelude::*;

use crate::{
    hooks::{Opened, asset},
    i18n::text,
    view_model::format,
};

/// A bundled archive, as `samples/index.json` lists it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sample {
    /// File name below `samples/`.
    pub file: String,
    pub size: u64,
    /// Key of its texts in the catalogue: `samples.<id>.title`, `samples.<id>.about`.
    pub id: String,
}

#[derive(Debug, PartialEq, Properties)]
pub struct SamplesProps {
    pub on_open: Callback<Vec<Opened>>,
}

/// Archives for a visitor with empty hands.
#[component(Samples)]
pub fn samples(props: &SamplesProps) -> Html {
    let samples = use_state(Vec::new);
    {
        let samples = samples.setter();
        use_effect_with((), move |()| wasm_bindgen_futures::spawn_local(async move { samples.set(list().await) }));
    }
    let open = |sample: &Sample| {
        let (sample, on_open) = (sample.clone(), props.on_open.clone());
        Callback::from(move |_| {
            let (sample, on_open) = (sample.clone(), on_open.clone());
            wasm_bindgen_futures::spawn_local(async move { on_open.emit(fetch(&sample).await.into_iter().collect()) });
        })
    };
    if samples.is_empty() {
        return Html::default();
    }
    html! {
        <section class="samples" aria-labelledby="samples">
            <h2 id="samples" class="samples__title">{ text("samples.title") }</h2>
            <ul class="samples__list">
                { for samples.iter().map(|sample| html! {
                    <li>
                        <button class="sample" data-testid="sample" onclick={open(sample)}>
                            <span class="sample__title">{ text(&format!("samples.{}.title", sample.id)) }</span>
                            <span class="sample__about">{ text(&format!("samples.{}.about", sample.id)) }</span>
                            <span class="sample__size">{ format::bytes(sample.size) }</span>
                        </button>
                    </li>
                }) }
            </ul>
        </section>
    }
}

/// The sample whose picture the home page shows.
pub async fn first_sample() -> Option<Opened> {
    fetch(list().await.first()?).await
}

/// None where the page was built without samples.
async fn list() -> Vec<Sample> {
    let listed = async { Request::get(&asset("samples/index.json")).send().await.ok()?.json().await.ok() };
    listed.await.unwrap_or_default()
}

/// The sample as a file, as if it had been dropped.
async fn fetch(sample: &Sample) -> Option<Opened> {
    let response = Request::get(&asset(&format!("samples/{}", sample.file))).send().await.ok()?;
    let bytes = Uint8Array::from(response.binary().await.ok()?.as_slice());
    File::new_with_u8_array_sequence(&Array::of1(&bytes), &sample.file).ok().map(Opened::file)
}
