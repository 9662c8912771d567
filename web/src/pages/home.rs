use yew::prelude::*;
use yew_router::prelude::*;

use super::Route;
use crate::{
    components::{Strata, first_sample, pickers, samples},
    hooks::{Commands, Opened},
    i18n::text,
    state::{Archive, Shared},
};

#[derive(Debug, PartialEq, Properties)]
pub struct HomeProps {
    /// The sample that is drawn beside the words.
    pub demo: Option<Shared<Archive>>,
    pub on_open: Callback<Vec<Opened>>,
}

/// What this is, within five seconds, and the ways in.
#[component(Home)]
pub fn home(props: &HomeProps) -> Html {
    use_demo(props.demo.is_some());
    html! {
        <div class="home">
            <section class="hero">
                <div class="hero__words">
                    <h1>{ text("home.title") }</h1>
                    <p class="hero__lead">{ text("home.lead") }</p>
                    <div class="hero__open">
                        { pickers(&props.on_open) }
                        <p class="hero__hint">{ text("home.hint") }</p>
                    </div>
                    { samples(&props.on_open) }
                </div>
                <Picture demo={props.demo.clone()} />
            </section>
            <ul class="doors">
                { for [("analyse", None), ("learn", Some(Route::Learn)), ("pull", Some(Route::Pull))].map(door) }
            </ul>
        </div>
    }
}

/// What can be done here. Analysing is done on this very page, so its door leads nowhere.
fn door((name, to): (&str, Option<Route>)) -> Html {
    let title = text(&format!("doors.{name}.title"));
    html! {
        <li class="door">
            <h2>{ match to {
                Some(to) => html! { <Link<Route> classes="door__link" {to}>{ title }</Link<Route>> },
                None => title.into(),
            } }</h2>
            <p>{ text(&format!("doors.{name}.about")) }</p>
        </li>
    }
}

#[derive(Debug, PartialEq, Properties)]
struct PictureProps {
    demo: Option<Shared<Archive>>,
}

/// The picture of a sample, read in this browser a moment ago like any archive.
#[component(Picture)]
fn picture(props: &PictureProps) -> Html {
    let layer = use_state_eq(|| None);
    let on_layer = {
        let layer = layer.setter();
        use_callback((), move |chosen, ()| layer.set(chosen))
    };
    let Some(archive) = &props.demo else { return html! { <div class="hero__picture" /> } };
    let image = archive.offer.default;
    let Some(image) = image else { return html! { <div class="hero__picture" /> } };
    html! {
        <figure class="hero__picture">
            <Strata archive={archive.clone()} {image} layer={*layer} {on_layer} />
            <figcaption>{ text("home.picture") }</figcaption>
        </figure>
    }
}

/// Reads the first sample once, when the home page is first seen.
#[hook]
fn use_demo(present: bool) {
    let commands = use_context::<Commands>();
    use_effect_with((), move |()| {
        if let Some(commands) = commands.filter(|_| !present) {
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(sample) = first_sample().await {
                    commands.open_demo(sample);
                }
            });
        }
    });
}
