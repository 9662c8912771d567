use layerlab_web::{hooks::use_title, lazy::ModuleProps};
use yew::prelude::*;

use crate::{
    address::Page,
    library::{language, use_index},
    pages::{LessonPage, OpenPage, Overview, SandboxPage},
    progress::Progress,
    text,
};

/// The module's own sheets, which nobody needs who does not come here.
const STYLE: &str =
    concat!(include_str!("../../static/styles/learn-stage.css"), include_str!("../../static/styles/learn.css"),);

/// The module: which page, and what is remembered.
#[component(App)]
pub fn app(props: &ModuleProps) -> Html {
    let page = Page::of(&props.address);
    let index = use_index();
    let progress = use_state(Progress::load);
    use_title(format!("{} · Layerlab", text("overview.title")));
    let on_progress = {
        let progress = progress.clone();
        Callback::from(move |next: Progress| {
            next.save();
            progress.set(next);
        })
    };
    let language = language(props.language);
    let index = match index.or_notice() {
        Ok(index) => index,
        Err(notice) => return notice,
    };
    let page = match page {
        Page::Overview => html! { <Overview {index} {language} progress={(*progress).clone()} {on_progress} /> },
        Page::Lesson { id, teach } => match index.iter().find(|listed| listed.id == id) {
            Some(listed) => html! {
                <LessonPage key={id} listed={listed.clone()} index={index.clone()} {teach} {language} host={props.host.clone()} turn={props.turn}
                    progress={(*progress).clone()} {on_progress} />
            },
            None => html! { <p class="empty">{ text("lesson.unknown") }</p> },
        },
        Page::Sandbox { lesson, shared } => html! {
            <SandboxPage {index} {lesson} {shared} {language} host={props.host.clone()} turn={props.turn} />
        },
        Page::Open => {
            html! { <OpenPage {language} progress={(*progress).clone()} {on_progress} host={props.host.clone()} turn={props.turn} /> }
        }
    };
    // Words are global: all is drawn anew in another language, and what was done is kept above.
    html! { <div class="learn"><style>{ STYLE }</style>{ page }</div> }
}
