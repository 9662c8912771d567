use yew::prelude::*;
use yew_router::prelude::*;

use super::{Route, archive::ArchivePage, home::Home, missing::Missing};
use crate::{
    components::{DropZone, LazyModule, Surroundings, header, live, shelf},
    hooks::{Commands, Opened, use_commands, use_measures, use_preferences},
    i18n::text,
    state::State,
};

/// The whole app: state and commands live here, above everything that is drawn.
#[component(App)]
pub fn app() -> Html {
    html! { <HashRouter><Shell /></HashRouter> }
}

#[component(Shell)]
fn shell() -> Html {
    let state = use_reducer(State::default);
    let commands = use_commands(&state);
    let (preferences, on_change) = use_preferences();
    let route = use_route::<Route>().unwrap_or(Route::Home);
    use_measures(&state);
    use_remembering(&commands, &state);
    let on_open = use_open(&commands, &state, &route);
    let current = route.key().and_then(|key| state.by_key(key));
    let around =
        Surroundings { archives: state.archives.clone(), on_open: on_open.clone(), language: preferences.language };
    let page = match (&route, current) {
        (Route::Learn | Route::Lesson { .. }, _) => html! { <LazyModule name="learn" /> },
        (Route::Pull | Route::Pulled { .. }, _) => html! { <LazyModule name="pull" /> },
        (Route::Forest, _) => html! { <LazyModule name="explore" /> },
        (Route::Home, _) => html! { <Home demo={state.demo.clone()} on_open={on_open.clone()} /> },
        (Route::Nowhere, _) => html! { <p class="empty">{ text("nowhere") }</p> },
        (route, Some(archive)) => html! { <ArchivePage archive={archive.clone()} route={route.clone()} /> },
        (route, None) => {
            html! { <Missing address={route.key().unwrap_or_default().to_owned()} archives={state.archives.clone()} on_open={on_open.clone()} /> }
        }
    };
    html! {
        <ContextProvider<Commands> context={commands}>
            <ContextProvider<Surroundings> context={around}>
            { header(preferences, &on_change) }
            // Words are global: whatever says some is drawn anew in another language. A module is told, and keeps what
            // was done in it.
            <div class="page" key={if route.is_module() { "module" } else { preferences.language.tag() }}>
                { shelf(&state.archives, current.map(|archive| archive.key.as_str()), current.is_some() || route == Route::Forest, &on_open) }
                <main id="main">{ page }</main>
                <footer class="footer">{ text("privacy.long") }</footer>
                <DropZone {on_open} />
                { live(state.news.as_ref()) }
            </div>
            </ContextProvider<Surroundings>>
        </ContextProvider<Commands>>
    }
}

/// Opens what was given, and shows the first of it. A page that asks for an archive stays: it may be the one.
#[hook]
fn use_open(commands: &Commands, state: &State, route: &Route) -> Callback<Vec<Opened>> {
    let navigator = use_navigator();
    let asks = route.key().is_some_and(|key| state.by_key(key).is_none());
    use_callback((commands.clone(), asks), move |opened: Vec<Opened>, (commands, asks)| {
        let ids: Vec<_> = opened.into_iter().map(|opened| commands.open(opened)).collect();
        if let (Some(id), Some(navigator), false) = (ids.first(), &navigator, *asks) {
            navigator.push(&Route::Archive { key: format!("opened-{}", id.0) });
        }
    })
}

/// After a reload the page must be able to name the archive that a link needs.
#[hook]
fn use_remembering(commands: &Commands, state: &State) {
    let commands = commands.clone();
    let planned: Vec<_> = state.archives.iter().filter(|archive| archive.plan.is_some()).cloned().collect();
    let keys: Vec<String> = planned.iter().map(|archive| archive.key.clone()).collect();
    use_effect_with(keys, move |_| planned.iter().for_each(|archive| commands.remember(archive)));
}
