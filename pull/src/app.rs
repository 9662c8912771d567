use std::cell::RefCell;

use layerlab_web::lazy::ModuleProps;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    against::AgainstPage,
    client::{RegistryPage, use_puller},
    doctor::DoctorPage,
    route::Side,
    samples,
    state::{Action, Samples, Shop},
    text,
    view::{Picture, disk, forest, store, tamper::Tamper},
};

thread_local! {
    /// The module is unmounted whenever the page shows something else; what was pulled is still there after.
    static KEPT: RefCell<Shop> = RefCell::default();
}

/// The module's own sheets, which nobody needs who does not come here.
const STYLE: &str =
    concat!(include_str!("../../static/styles/pull.css"), include_str!("../../static/styles/registry.css"),);

/// The module.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let shop = use_reducer(|| KEPT.with_borrow(Shop::clone));
    {
        let (dispatch, here) = (shop.dispatcher(), matches!(shop.samples, Samples::Here(_)));
        use_effect_with((), move |()| {
            if !here {
                spawn_local(async move { dispatch.dispatch(Action::Samples(samples::fetch_all().await)) });
            }
        });
    }
    use_effect_with((*shop).clone(), |shop| KEPT.set(shop.clone()));
    let puller = use_puller();
    let side = Side::of(&props.address);
    let act = {
        let dispatch = shop.dispatcher();
        Callback::from(move |action| dispatch.dispatch(action))
    };
    let on_picture = {
        let (act, host) = (act.clone(), props.host.clone());
        Callback::from(move |(name, record)| {
            act.emit(Action::Pull { name, record });
            host.go(&Side::Picture.address(), false);
        })
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
                Side::Registry => html! { <RegistryPage host={props.host.clone()} {puller} on_picture={on_picture} turn={props.turn} /> },
                Side::Source => html! { <AgainstPage host={props.host.clone()} {puller} turn={props.turn} /> },
                Side::Doctor => html! { <DoctorPage address={props.address.clone()} /> },
            } }
        </div>
    }
}
