//! Language and light, remembered.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::memory::storage;
use crate::i18n::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    pub language: Language,
    pub theme: Theme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The visitor's preferences, and how to change them.
#[hook]
pub fn use_preferences() -> (Preferences, Callback<Preferences>) {
    let preferences = use_state_eq(|| {
        let preferences = load();
        // Before the first drawing: the language is global.
        apply(preferences);
        preferences
    });
    let change = {
        let set = preferences.setter();
        use_callback((), move |preferences: Preferences, ()| {
            apply(preferences);
            if let Some(storage) = storage() {
                let _ = storage.set_item("layerlab.language", preferences.language.tag());
                let _ = storage.set_item("layerlab.theme", preferences.theme.word());
            }
            set.set(preferences);
        })
    };
    (*preferences, change)
}

fn load() -> Preferences {
    let stored = |key| storage().and_then(|storage| storage.get_item(key).ok().flatten());
    let language = stored("layerlab.language");
    let browser: Vec<String> = web_sys::window()
        .map(|window| window.navigator().languages().iter().filter_map(|tag| tag.as_string()).collect())
        .unwrap_or_default();
    let wanted = language.iter().chain(&browser).map(String::as_str);
    let theme = stored("layerlab.theme");
    Preferences {
        language: Language::choose(wanted),
        theme: Theme::ALL.into_iter().find(|t| Some(t.word()) == theme.as_deref()).unwrap_or(Theme::System),
    }
}

fn apply(preferences: Preferences) {
    preferences.language.speak();
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let Some(root) = root.and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    root.set_lang(preferences.language.tag());
    let _ = root.set_attribute("data-theme", preferences.theme.word());
}
