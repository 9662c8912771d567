use layerlab_web::{
    lazy::ModuleProps,
    pages::{Pane, Route},
};
use yew::prelude::*;

use crate::{
    compare::ComparePane, cost::CostPane, facts::FactsPane, files::FilesPane, forest::ForestPage, hidden::HiddenPane,
    place::Place,
};

/// The module: the side of an image that the address names, or the forest of all that are open.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let ModuleProps { host, address, language, turn } = props;
    let (host, language) = (host.clone(), *language);
    let place = Place::new(address);
    let (key, image, pane) = match &place.route {
        Route::Forest => return html! { <ForestPage {host} {language} turn={*turn} /> },
        Route::Image { key, image, pane } => (key, *image, *pane),
        _ => return Html::default(),
    };
    let Some(archive) = host.archive(key) else { return Html::default() };
    match pane {
        Pane::Files => html! { <FilesPane key={language.tag()} {host} {archive} address={address.clone()} /> },
        Pane::Cost => html! { <CostPane {host} {archive} {image} {language} /> },
        Pane::Facts => html! { <FactsPane {host} {archive} {image} {language} /> },
        Pane::Hidden => html! { <HiddenPane {host} {archive} {image} {language} /> },
        Pane::Compare => {
            let with = place.value("with").map(|with| AttrValue::from(with.to_owned()));
            html! { <ComparePane {host} {archive} {image} {language} turn={*turn} {with} semantic={place.value("how") != Some("strict")} /> }
        }
        _ => Html::default(),
    }
}
