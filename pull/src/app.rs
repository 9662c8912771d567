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
    view::{Disk, Picture, StorePage, Tamper, forest},
};

thread_local! {
    /// The module is unmounted whenever the page shows something else; what was pulled is still there after.
    static KEPT: RefCell<Shop> = RefCell::default();
}

/// The module's own sheets, which nobody needs who does not come here.
const STYLE: &str =
    concat!(include_str!("../../static/styles/pull.css"), include_str!("../../static/styles/registry.css"));

/// The module.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let puller = use_puller();
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
    let (shop, side) = ((*shop).clone(), Side::of(&props.address));
    let (host, turn, real) = (props.host.clone(), props.turn, puller.desk.store.clone());
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
                Side::Picture => html! { <Picture {shop} {act} errands={puller.desk.errands.clone()} {real} /> },
                Side::Registry => html! { <RegistryPage {host} {puller} {on_picture} {turn} /> },
                Side::Store => html! { <StorePage {shop} {act} {real} {host} {turn} /> },
                Side::Forest => forest::forest(&shop, &act),
                Side::Disk => html! { <Disk practice={shop.store()} {real} /> },
                Side::Tamper => html! { <Tamper {shop} /> },
                Side::Source => html! { <AgainstPage {host} {puller} {turn} /> },
                Side::Doctor => html! { <DoctorPage address={props.address.clone()} /> },
            } }
        </div>
    }
}
