use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;
use yew_router::prelude::*;

use super::brand::brand;
use crate::{
    hooks::{Preferences, Theme},
    i18n::{Language, text},
    pages::Route,
};

/// The name of the place, and the two switches.
pub fn header(preferences: Preferences, on_change: &Callback<Preferences>) -> Html {
    let speak = |language| on_change.reform(move |_| Preferences { language, ..preferences });
    let on_theme = on_change.reform(move |event: Event| Preferences {
        theme: Theme::ALL.get(selected(&event)).copied().unwrap_or(preferences.theme),
        ..preferences
    });
    html! {
        <header class="header">
            <Link<Route> classes="header__home" to={Route::Home}>{ brand() }<span>{ "Layerlab" }</span></Link<Route>>
            <p class="header__private"><span class="header__dot" aria-hidden="true" />{ text("privacy.short") }</p>
            <div class="languages" role="group" aria-label={text("header.language")}>
                { for Language::ALL.map(|language| html! {
                    <button
                        lang={language.tag()} aria-pressed={(language == preferences.language).to_string()}
                        onclick={speak(language)} aria-label={language.name()}
                    >
                        { language.short() }
                    </button>
                }) }
            </div>
            <label class="switch">
                <span class="unseen">{ text("header.theme") }</span>
                <select data-testid="theme" onchange={on_theme}>
                    { for Theme::ALL.map(|theme| html! {
                        <option selected={theme == preferences.theme}>{ text(&format!("theme.{}", theme.word())) }</option>
                    }) }
                </select>
            </label>
        </header>
    }
}

fn selected(event: &Event) -> usize {
    let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
    select.and_then(|select| usize::try_from(select.selected_index()).ok()).unwrap_or(usize::MAX)
}
