use layerlab_web::{
    lazy::ModuleProps,
    pages::{Pane, Route},
};
use yew::prelude::*;
use yew_router::Routable;

use crate::{
    address::Address, compare::ComparePane, cost::CostPane, facts::FactsPane, files::FilesPane, forest::ForestPage,
    hidden::HiddenPane,
};

/// What the cost, the comparison and the forest look like, loaded with the module.
const STYLE: &str = concat!(
    include_str!("../../static/styles/explore-cost.css"),
    include_str!("../../static/styles/explore-compare.css"),
);

/// The module: the side of an image that the address names, or the forest of all that are open.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let ModuleProps { host, address, language, turn } = props;
    let (host, language) = (host.clone(), *language);
    let path = address.split('?').next().unwrap_or_default();
    let (key, image, pane) = match Route::recognize(path) {
        Some(Route::Forest) => {
            return html! { <><style>{ STYLE }</style><ForestPage {host} {language} turn={*turn} /></> };
        }
        Some(Route::Image { key, image, pane }) => (key, image, pane),
        _ => return Html::default(),
    };
    let Some(archive) = host.archive(&key) else { return Html::default() };
    let side = match pane {
        Pane::Files => html! { <FilesPane key={language.tag()} {host} {archive} address={address.clone()} /> },
        Pane::Cost => html! { <CostPane {host} {archive} {image} {language} /> },
        Pane::Facts => html! { <FactsPane {host} {archive} {image} {language} /> },
        Pane::Hidden => html! { <HiddenPane {host} {archive} {image} {language} /> },
        Pane::Compare => {
            let place = Address::parse(address);
            let value = |name| place.as_ref().and_then(|place| place.word(name));
            let with = value("with").map(|with| AttrValue::from(with.to_owned()));
            html! { <ComparePane {host} {archive} {image} {language} turn={*turn} {with} semantic={value("how") != Some("strict")} /> }
        }
        _ => Html::default(),
    };
    html! { <><style>{ STYLE }</style>{ side }</> }
}
