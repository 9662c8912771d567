use std::{collections::BTreeSet, rc::Rc};

use layerlab_core::lesson::{Command, Language, SandboxSource, Scenario, Session, View as Shown, share};
use layerlab_web::{components::Copy, lazy::Host};
use yew::prelude::*;

use crate::{
    address::Page,
    bench::{Bench, View},
    components::{OwnImagePicker, Work, Workbench},
    fill,
    library::{Listed, use_lesson},
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SandboxPageProps {
    pub index: Rc<Vec<Listed>>,
    /// The lesson whose scenario it begins with.
    pub lesson: Option<String>,
    /// A state from a link.
    pub shared: Option<String>,
    pub language: Language,
    pub host: Host,
    pub turn: u32,
}

/// Where the sandbox begins that no lesson is asked for.
const PLAIN: &str = "copy-on-write";

/// A machine to play with, without a lesson.
#[component(SandboxPage)]
pub fn sandbox_page(props: &SandboxPageProps) -> Html {
    let shared = use_memo(props.shared.clone(), |shared| shared.as_deref().map(share::decode));
    let (lesson, inline, commands) = match &*shared {
        Some(Err(error)) => {
            return html! { <p class="empty" role="alert">{ fill("sandbox.not-opened", &[("why", error)]) }</p> };
        }
        Some(Ok(state)) => match &state.source {
            SandboxSource::Lesson(id) => (Some(id.clone()), None, state.commands.clone()),
            SandboxSource::Inline(scenario) => (None, Some((**scenario).clone()), state.commands.clone()),
        },
        None => (props.lesson.clone(), None, Vec::new()),
    };
    let language = props.language;
    match inline {
        Some(scenario) => html! { <Start {scenario} {commands} {language} host={props.host.clone()} /> },
        None => {
            let id = lesson.unwrap_or_else(|| PLAIN.into());
            match props.index.iter().find(|listed| listed.id == id).or(props.index.first()) {
                Some(listed) => {
                    html! { <OfLesson key={listed.id.clone()} listed={listed.clone()} {commands} {language} host={props.host.clone()} /> }
                }
                None => html! { <p class="empty">{ text("lesson.unknown") }</p> },
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct OfLessonProps {
    listed: Listed,
    commands: Vec<Command>,
    language: Language,
    host: Host,
}

#[component(OfLesson)]
fn of_lesson(props: &OfLessonProps) -> Html {
    let lesson = match use_lesson(&props.listed.folder).or_notice() {
        Ok(lesson) => lesson,
        Err(notice) => return notice,
    };
    let views = lesson.views.clone();
    let session = Session::of_lesson(&lesson, None).map_err(|error| error.to_string());
    opened(session, &props.commands, views, Some(lesson.title.in_language(props.language)), &props.host)
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct StartProps {
    scenario: Scenario,
    commands: Vec<Command>,
    language: Language,
    host: Host,
}

#[component(Start)]
fn start(props: &StartProps) -> Html {
    let session = Session::of_scenario(&props.scenario).map_err(|error| error.to_string());
    opened(session, &props.commands, BTreeSet::from([Shown::Stack]), None, &props.host)
}

fn opened(
    session: Result<Session, String>,
    commands: &[Command],
    views: BTreeSet<Shown>,
    title: Option<&str>,
    host: &Host,
) -> Html {
    match session {
        Ok(mut session) => {
            let ran = session.replay(commands);
            let view = View { kernel: views.contains(&Shown::Host), ..View::default() };
            let lost = commands.len() - ran;
            html! { <Sandbox bench={Work(Bench::new(session, view))} {views} title={title.map(str::to_owned)} {lost} host={host.clone()} /> }
        }
        Err(why) => html! { <p class="empty" role="alert">{ fill("lesson.not-started", &[("why", &why)]) }</p> },
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct SandboxProps {
    bench: Work,
    views: BTreeSet<Shown>,
    /// The lesson's, if it began with one.
    title: Option<String>,
    /// Commands of the link that could not be run any more.
    lost: usize,
    host: Host,
}

#[component(Sandbox)]
fn sandbox(props: &SandboxProps) -> Html {
    let first = props.bench.clone();
    let work = use_reducer(move || first);
    let link = use_memo(work.0.session().history().len(), |_| share::encode(&work.0.session().state()));
    let address = |shared: &str| {
        let page = Page::Sandbox { lesson: None, shared: Some(shared.to_owned()) };
        let base = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
        format!("{}#{}", base.split('#').next().unwrap_or_default(), page.address())
    };
    html! {
        <div class="sandbox" data-testid="sandbox">
            <header class="learn__head">
                <p class="lesson__crumbs"><a href="#/learn">{ text("overview.title") }</a></p>
                <h1>{ text("sandbox.title") }</h1>
                <p class="learn__lead">{ match &props.title {
                    Some(title) => fill("sandbox.of-lesson", &[("title", title)]),
                    None => text("sandbox.lead"),
                } }</p>
                if props.lost > 0 { <p class="empty" role="alert">{ fill("sandbox.lost", &[("n", &props.lost)]) }</p> }
                <div class="lesson__ways">
                    <OwnImagePicker host={props.host.clone()} />
                    { match &*link {
                        Ok(shared) => html! {
                            <span class="sandbox__link">
                                <label for="share">{ text("sandbox.share") }</label>
                                <input id="share" type="text" readonly=true value={address(shared)} data-testid="share" />
                                <Copy value={address(shared)} what={text("sandbox.share")} />
                            </span>
                        },
                        Err(error) => html! { <span class="panel__note">{ error.to_string() }</span> },
                    } }
                </div>
            </header>
            <Workbench work={work.clone()} views={props.views.clone()} />
        </div>
    }
}
