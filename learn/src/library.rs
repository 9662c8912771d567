//! The lessons as static files, fetched when they are opened.

use std::rc::Rc;

use gloo_net::http::Request;
use layerlab_core::lesson::{Language, Lesson, Text};
use layerlab_web::hooks::asset;
use serde::Deserialize;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{fill, text};

/// `static/lessons/index.json`: what the overview shows, in the order of the lessons.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The lesson's folder.
    pub folder: String,
    pub id: String,
    pub title: Text,
    pub summary: Text,
}

/// Something that is fetched.
#[derive(Debug, PartialEq)]
pub enum Fetched<T> {
    Under,
    Here(Rc<T>),
    Failed(AttrValue),
}

/// The list of our own lessons.
#[hook]
pub fn use_index() -> Fetched<Vec<Listed>> {
    use_fetched("lessons/index.json".to_owned(), |bytes| {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    })
}

/// One of our own lessons.
#[hook]
pub fn use_lesson(folder: &str) -> Fetched<Lesson> {
    use_fetched(format!("lessons/{folder}/lesson.json"), |bytes| {
        Lesson::parse(bytes).map_err(|error| error.to_string())
    })
}

/// The core's language of a page that speaks the web's.
pub fn language(language: layerlab_web::i18n::Language) -> Language {
    match language {
        layerlab_web::i18n::Language::English => Language::English,
        layerlab_web::i18n::Language::SimplifiedChinese => Language::Chinese,
    }
}

#[hook]
fn use_fetched<T: PartialEq + 'static>(name: String, read: fn(&[u8]) -> Result<T, String>) -> Fetched<T> {
    let fetched = use_state(|| Fetched::Under);
    let setter = fetched.setter();
    use_effect_with(name, move |name| {
        let name = name.clone();
        let alive = Rc::new(());
        let watched = Rc::downgrade(&alive);
        setter.set(Fetched::Under);
        spawn_local(async move {
            let result = match fetch(&asset(&name)).await {
                Ok(bytes) => read(&bytes),
                Err(why) => Err(why),
            };
            // Who went on to another lesson does not want this one any more.
            if watched.upgrade().is_some() {
                setter.set(match result {
                    Ok(value) => Fetched::Here(Rc::new(value)),
                    Err(why) => Fetched::Failed(fill("lesson.not-fetched", &[("name", &name), ("why", &why)])),
                });
            }
        });
        move || drop(alive)
    });
    (*fetched).clone()
}

async fn fetch(address: &str) -> Result<Vec<u8>, String> {
    let response = Request::get(address).send().await.map_err(|error| error.to_string())?;
    if !response.ok() {
        return Err(response.status().to_string());
    }
    response.binary().await.map_err(|error| error.to_string())
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Under => Self::Under,
            Self::Here(value) => Self::Here(value.clone()),
            Self::Failed(why) => Self::Failed(why.clone()),
        }
    }
}

impl<T> Fetched<T> {
    /// The value, or what to say instead of it.
    pub fn or_notice(&self) -> Result<Rc<T>, Html> {
        match self {
            Self::Here(value) => Ok(value.clone()),
            Self::Under => Err(html! { <p class="empty" role="status">{ text("lesson.loading") }</p> }),
            Self::Failed(why) => Err(html! { <p class="empty" role="alert">{ why }</p> }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The list says again what the lessons say, so that the overview need not fetch them all.
    #[test]
    fn the_index_is_that_of_the_lessons() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/lessons");
        let mut folders: Vec<String> = fs::read_dir(&root)
            .expect("there are lessons")
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        folders.sort();
        let expected: Vec<serde_json::Value> = folders
            .iter()
            .map(|folder| {
                let bytes = fs::read(root.join(folder).join("lesson.json")).expect("a lesson");
                let lesson: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
                serde_json::json!({
                    "folder": folder, "id": lesson["id"], "title": lesson["title"], "summary": lesson["summary"],
                })
            })
            .collect();
        let path = root.join("index.json");
        if std::env::var_os("LAYERLAB_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&expected).expect("JSON");
            fs::write(&path, text + "\n").expect("the index can be written");
        }
        let text = fs::read_to_string(&path).expect("an index");
        let found: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        assert_eq!(found, expected, "write it anew with LAYERLAB_BLESS=1");
        let _: Vec<Listed> = serde_json::from_str(&text).expect("what the overview reads");
    }
}
