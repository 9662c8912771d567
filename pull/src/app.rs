use layerlab_web::lazy::ModuleProps;
use yew::prelude::*;

use crate::{
    against::AgainstPage,
    client::{RegistryPage, use_puller},
    doctor::DoctorPage,
};

const STYLE: &str = include_str!("../../static/styles/registry.css");

/// The module.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let puller = use_puller();
    let path = props.address.split('?').next().unwrap_or_default();
    let (host, turn) = (props.host.clone(), props.turn);
    html! {
        <div class="pull" key={props.language.tag()}>
            <style>{ STYLE }</style>
            { match path {
                "/pull/doctor" => html! { <DoctorPage address={props.address.clone()} /> },
                "/pull/source" => html! { <AgainstPage {host} {puller} {turn} /> },
                _ => html! { <RegistryPage {host} {puller} {turn} /> },
            } }
        </div>
    }
}
