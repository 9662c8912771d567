use std::rc::Rc;

use layerlab_core::lesson::{LESSON_BYTES, Language, Lesson};
use layerlab_web::lazy::Host;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use super::lesson::Reading;
use crate::{fill, progress::Progress, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OpenPageProps {
    pub language: Language,
    pub host: Host,
    pub turn: u32,
    pub progress: Progress,
    pub on_progress: Callback<Progress>,
}

/// A lesson from a file: a stranger's, so that it is bounded and checked before anything of it is drawn.
#[component(OpenPage)]
pub fn open_page(props: &OpenPageProps) -> Html {
    let lesson = use_state(|| None::<Result<Rc<Lesson>, String>>);
    let onchange = {
        let lesson = lesson.clone();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(file) = input.and_then(|input| input.files()?.get(0)) {
                let lesson = lesson.clone();
                spawn_local(async move { lesson.set(Some(read(&file).await.map(Rc::new))) });
            }
        })
    };
    if let Some(Ok(lesson)) = &*lesson {
        return html! {
            <Reading lesson={lesson.clone()} number={None::<usize>} next={None} teach={false} language={props.language} host={props.host.clone()} turn={props.turn}
                progress={props.progress.clone()} on_progress={props.on_progress.clone()} />
        };
    }
    html! {
        <header class="learn__head">
            <p class="lesson__crumbs"><a href="#/learn">{ text("overview.title") }</a></p>
            <h1>{ text("open-lesson.title") }</h1>
            <p class="learn__lead">{ text("open-lesson.lead") }</p>
            <label class="button button--first">
                { text("open-lesson.file") }
                <input class="unseen" type="file" accept=".json,application/json" {onchange} data-testid="lesson-file" />
            </label>
            if let Some(Err(why)) = &*lesson { <p class="empty" role="alert">{ why }</p> }
        </header>
    }
}

async fn read(file: &File) -> Result<Lesson, String> {
    // The size is looked at before a byte is read.
    if file.size() > LESSON_BYTES as f64 {
        return Err(fill("open-lesson.too-large", &[("limit", &LESSON_BYTES)]).to_string());
    }
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| text("open-lesson.unreadable").to_string())?;
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    Lesson::parse(&bytes).map_err(|error| error.to_string())
}
