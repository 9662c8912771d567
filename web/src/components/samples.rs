use gloo_net::http::Request;
use js_sys::{Array, Uint8Array};
use web_sys::File;
use yew::prelude::*;

use crate::{
    hooks::{Opened, asset},
    i18n::text,
};

/// The bundled archives: file names below `samples/`, and the keys of their texts.
const SAMPLES: [(&str, &str); 3] =
    [("shop-1.0.tar", "shop"), ("shop-1.1.tar", "shop-next"), ("shop-1.0-tampered.tar", "tampered")];

/// Archives for a visitor with empty hands.
pub fn samples(on_open: &Callback<Vec<Opened>>) -> Html {
    let open = |file: &'static str| {
        let on_open = on_open.clone();
        Callback::from(move |_| {
            let on_open = on_open.clone();
            wasm_bindgen_futures::spawn_local(async move { on_open.emit(fetch(file).await.into_iter().collect()) });
        })
    };
    html! {
        <section class="samples" aria-labelledby="samples">
            <h2 id="samples" class="samples__title">{ text("samples.title") }</h2>
            <ul class="samples__list">
                { for SAMPLES.map(|(file, key)| html! {
                    <li>
                        <button class="sample" data-testid="sample" onclick={open(file)}>
                            <span class="sample__title">{ text(&format!("samples.{key}.title")) }</span>
                            <span class="sample__about">{ text(&format!("samples.{key}.about")) }</span>
                        </button>
                    </li>
                }) }
            </ul>
        </section>
    }
}

/// The sample whose picture the home page shows: the one that says most.
pub async fn first_sample() -> Option<Opened> {
    fetch(SAMPLES[1].0).await
}

/// The sample as a file, as if it had been dropped. Nothing where the page was built without it.
async fn fetch(file: &str) -> Option<Opened> {
    let response =
        Request::get(&asset(&format!("samples/{file}"))).send().await.ok().filter(|response| response.ok())?;
    let bytes = Uint8Array::from(response.binary().await.ok()?.as_slice());
    File::new_with_u8_array_sequence(&Array::of1(&bytes), file).ok().map(Opened::file)
}

#[cfg(test)]
mod tests {
    use super::SAMPLES;

    #[test]
    fn every_sample_is_in_the_folder_and_has_its_words() {
        for (file, key) in SAMPLES {
            let path = format!("{}/../static/samples/{file}", env!("CARGO_MANIFEST_DIR"));
            assert!(std::fs::exists(&path).unwrap(), "{path}");
            for text in ["title", "about"] {
                let key = format!("samples.{key}.{text}");
                assert_ne!(crate::i18n::text(&key), key);
            }
        }
    }
}
