use std::rc::Rc;

use layerlab_core::store::{ImageName, ImageRecord};
use layerlab_web::lazy::Host;
use yew::prelude::*;

use super::{
    Puller,
    fields::{base, form_error, order_fields},
    order::{Form, FormError},
    runs::errand,
    shelf::shelf,
    state::Kind,
};
use crate::{protocol::ToPuller, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct RegistryPageProps {
    pub host: Host,
    pub puller: Puller,
    /// Shows a pull that is over in the picture, step by step.
    pub on_picture: Callback<(ImageName, Rc<ImageRecord>)>,
    /// Grows whenever the page has told of a change.
    pub turn: u32,
}

/// Real pulls: a form, what is under way, and the store of this browser.
#[component(RegistryPage)]
pub fn registry_page(props: &RegistryPageProps) -> Html {
    let form = use_state(|| Form { reference: "redis:6.2".into(), ..Form::default() });
    let wrong = use_state_eq(|| None::<FormError>);
    let onsubmit = {
        let (form, wrong, puller) = (form.clone(), wrong.clone(), props.puller.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match form.order(&base()) {
                Ok(order) => {
                    wrong.set(None);
                    let title = order.reference.familiar();
                    puller.ask(title, |id| ToPuller::Pull { id, order }, Vec::new());
                }
                Err(error) => wrong.set(Some(error)),
            }
        })
    };
    let shown = props.puller.desk.errands.iter().filter(|errand| errand.kind != Kind::Resolve);
    html! {
        <div class="registry" data-testid="registry-page">
            <section class="panel" aria-labelledby="registry-title">
                <h2 id="registry-title">{ text("registry.title") }</h2>
                <p class="registry__lead">{ text("registry.lead") }</p>
                <form class="registry__form" {onsubmit}>
                    { order_fields(&form) }
                    <button class="button button--first" data-testid="pull" type="submit">{ text("registry.pull") }</button>
                </form>
                { wrong.as_ref().map(form_error).unwrap_or_default() }
            </section>
            <section class="registry__runs" aria-label={text("registry.runs")} aria-live="polite">
                { for shown.map(|it| errand(it, &props.puller, &props.on_picture)) }
            </section>
            { shelf(&props.puller, &props.host) }
        </div>
    }
}
