use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use layerlab_core::lesson::{Language, Lesson, LessonPart};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::lesson::drawn;
use crate::{
    bench::Todo,
    components::{GoalPanel, WorkHandle, Workbench},
    fill,
    talk::{Next, Talk},
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TeacherProps {
    pub work: WorkHandle,
    pub lesson: Rc<Lesson>,
    pub language: Language,
    pub on_leave: Callback<()>,
    pub on_revealed: Callback<(String, bool)>,
}

/// A lesson on a projector: large type, one part at a time, one key for next.
#[component(Teacher)]
pub fn teacher(props: &TeacherProps) -> Html {
    let TeacherProps { work, lesson, language, on_leave, on_revealed } = props;
    let talk = use_state_eq(Talk::default);
    let root = use_node_ref();
    let next = {
        let (work, lesson, talk) = (work.clone(), lesson.clone(), talk.clone());
        Callback::from(move |()| match talk.next(&lesson, stage_moves()) {
            Next::Finish => click("[data-testid=to-end]"),
            Next::Play { part, command } => {
                if let Some(LessonPart::Play { commands, .. }) = lesson.parts.get(part)
                    && let Some(command) = commands.get(command)
                {
                    work.dispatch(Todo::Run(command.clone()));
                }
                talk.set(Talk { played: talk.played + 1, ..*talk });
            }
            Next::Show(next) => talk.set(next),
            Next::End => {}
        })
    };
    let back = {
        let talk = talk.clone();
        Callback::from(move |()| talk.set(talk.back()))
    };
    {
        let (next, back, on_leave) = (next.clone(), back.clone(), on_leave.clone());
        use_effect(move || {
            let target = web_sys::window().and_then(|window| window.document());
            let listener = target.map(|document| {
                let options = EventListenerOptions::enable_prevent_default();
                EventListener::new_with_options(&document, "keydown", options, move |event| {
                    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                    if is_taken(event) {
                        return;
                    }
                    match event.key().as_str() {
                        "ArrowRight" | "PageDown" | " " | "Enter" | "n" => next.emit(()),
                        "ArrowLeft" | "PageUp" => back.emit(()),
                        "Escape" => on_leave.emit(()),
                        _ => return,
                    }
                    event.prevent_default();
                })
            });
            move || drop(listener)
        });
    }
    {
        let root = root.clone();
        use_effect_with((), move |()| {
            if let Some(root) = root.cast::<HtmlElement>() {
                let _ = root.focus();
            }
            set_page_mode(true);
            || set_page_mode(false)
        });
    }
    let parts = lesson.parts.len();
    let part = match lesson.parts.get(talk.part) {
        Some(part) => drawn(part, work, *language, on_revealed),
        None => {
            html! { <GoalPanel work={work.clone()} lesson={lesson.clone()} language={*language} best={None::<u32>} /> }
        }
    };
    html! {
        <div class="teacher" ref={root} tabindex="-1" data-testid="teacher" data-part={talk.part.to_string()}>
            <div class="teacher__text" key={talk.part}>
                <p class="teacher__title">{ lesson.title.in_language(*language).to_owned() }</p>
                { part }
            </div>
            <div class="teacher__stage"><Workbench work={work.clone()} views={lesson.views.clone()} /></div>
            <nav class="teacher__keys" aria-label={text("teacher.label")}>
                <button type="button" class="act" onclick={back.reform(|_: MouseEvent| ())} disabled={talk.part == 0}>{ text("teacher.back") }</button>
                <span>{ fill("teacher.place", &[("part", &(talk.part + 1)), ("parts", &(parts + 1))]) }</span>
                <button type="button" class="act act--go" onclick={next.reform(|_: MouseEvent| ())} data-testid="teacher-next">{ text("teacher.next") }</button>
                <button type="button" class="act" onclick={on_leave.reform(|_: MouseEvent| ())} data-testid="teacher-leave">{ text("teacher.leave") }</button>
            </nav>
        </div>
    }
}

/// Keys that belong to something else: a line that is typed, a button that has the focus, the picture.
fn is_taken(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return true;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    let within = |selector: &str| target.closest(selector).ok().flatten().is_some();
    let is_key_of_buttons = matches!(event.key().as_str(), " " | "Enter");
    within("input, textarea, select, svg[role=application]")
        || (is_key_of_buttons && within("button, a, summary, label"))
}

fn stage_moves() -> bool {
    element("[data-testid=stage]").and_then(|stage| stage.get_attribute("data-moving")).as_deref() == Some("true")
}

fn click(selector: &str) {
    if let Some(element) = element(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

fn element(selector: &str) -> Option<Element> {
    web_sys::window()?.document()?.query_selector(selector).ok().flatten()
}

/// The page around the talk steps back: see `learn.css`.
fn set_page_mode(teaching: bool) {
    let Some(root) =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element())
    else {
        return;
    };
    let _ = if teaching { root.set_attribute("data-teaching", "") } else { root.remove_attribute("data-teaching") };
}
