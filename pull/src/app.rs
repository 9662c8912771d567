use layerlab_web::lazy::ModuleProps;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    route::Side,
    samples,
    state::{Action, Shop},
    text,
    view::{Picture, disk, forest, store, tamper::Tamper},
};

/// The module's own sheet, which nobody needs who does not come here.
const STYLE: &str = include_str!("../../static/styles/pull.css");

/// The module.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let shop = use_reducer(Shop::default);
    {
        let dispatch = shop.dispatcher();
        use_effect_with((), move |()| {
            spawn_local(async move { dispatch.dispatch(Action::Samples(samples::fetch_all().await)) });
        });
    }
    let side = Side::of(&props.address);
    let act = {
        let dispatch = shop.dispatcher();
        Callback::from(move |action| dispatch.dispatch(action))
    };
    let current = (*shop).clone();
    html! {
        <div class="pull" key={props.language.tag()}>
            <style>{ STYLE }</style>
            <header class="pull__head">
                <h1>{ text("picture.title") }</h1>
                <p class="pull__lead">{ text("picture.lead") }</p>
                <nav class="pull__sides" aria-label={text("picture.sides")}>
                    { for Side::ALL.map(|it| html! {
                        <a href={format!("#{}", it.address())} aria-current={(it == side).then_some("page")}>
                            { text(&format!("picture.side.{}", it.word())) }
                        </a>
                    }) }
                </nav>
            </header>
            { match side {
                Side::Picture => html! { <Picture shop={current} {act} /> },
                Side::Store => store::store(&current, &props.host.archives(), &props.host, &act),
                Side::Forest => forest::forest(&current, &act),
                Side::Disk => disk::disk(&current),
                Side::Tamper => html! { <Tamper shop={current} /> },
            } }
        </div>
    }
}
