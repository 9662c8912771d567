use std::{collections::BTreeSet, rc::Rc};

use layerlab_core::lesson::{
    Command, Language, Lesson, OwnImage, SandboxSource, Scenario, Session, View as Shown, share,
};
use layerlab_web::{components::Copy, lazy::Host};
use yew::prelude::*;

use super::lesson::COLUMNS;
use crate::{
    address::Page,
    bench::{Bench, View},
    components::{OwnImagePicker, Work, Workbench, options},
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
/// The lesson whose scenario has a place for one of the learner's own images.
const OWN: &str = "your-image";

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
        Some(scenario) => html! { <Start {scenario} {commands} /> },
        None => {
            let id = lesson.unwrap_or_else(|| PLAIN.into());
            match props.index.iter().find(|listed| listed.id == id).or(props.index.first()) {
                Some(listed) => {
                    html! { <OfLesson key={listed.id.clone()} listed={listed.clone()} {commands} {language} host={props.host.clone()} turn={props.turn} /> }
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
    turn: u32,
}

#[component(OfLesson)]
fn of_lesson(props: &OfLessonProps) -> Html {
    let lesson = match use_lesson(&props.listed.folder).or_notice() {
        Ok(lesson) => lesson,
        Err(notice) => return notice,
    };
    html! { <Chosen {lesson} listed={props.clone()} /> }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct ChosenProps {
    lesson: Rc<Lesson>,
    listed: OfLessonProps,
}

/// The scenario of a lesson, with one of the learner's own images where it has a place for one.
#[component(Chosen)]
fn chosen(props: &ChosenProps) -> Html {
    let ChosenProps { lesson, listed } = props;
    let own = use_state(|| None::<Rc<OwnImage>>);
    let on_own = {
        let own = own.clone();
        Callback::from(move |image| own.set(Some(image)))
    };
    let picker = if lesson.scenario.own.is_some() {
        html! { <OwnImagePicker host={listed.host.clone()} turn={listed.turn} {on_own} /> }
    } else {
        let address = Page::Sandbox { lesson: Some(OWN.into()), shared: None }.address();
        html! { <a class="act" href={format!("#{address}")}>{ text("own.link") }</a> }
    };
    let key = own.as_ref().map_or(0, |own| Rc::as_ptr(own) as usize);
    let session = Session::of_lesson(lesson, own.as_deref()).map_err(|error| error.to_string());
    opened(
        session,
        &listed.commands,
        lesson.views.clone(),
        Some(lesson.title.in_language(listed.language)),
        picker,
        key,
        &lesson.scenario,
    )
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct StartProps {
    scenario: Scenario,
    commands: Vec<Command>,
}

#[component(Start)]
fn start(props: &StartProps) -> Html {
    let session = Session::of_scenario(&props.scenario).map_err(|error| error.to_string());
    opened(session, &props.commands, BTreeSet::from([Shown::Stack]), None, Html::default(), 0, &props.scenario)
}

fn opened(
    session: Result<Session, String>,
    commands: &[Command],
    views: BTreeSet<Shown>,
    title: Option<&str>,
    picker: Html,
    key: usize,
    scenario: &Scenario,
) -> Html {
    match session {
        Ok(mut session) => {
            let ran = session.replay(commands);
            let view = View { kernel: views.contains(&Shown::Host), columns: COLUMNS, ..View::default() };
            let lost = commands.len() - ran;
            let bench = Work(Bench::new(session, view));
            html! { <Sandbox {key} {bench} {views} title={title.map(str::to_owned)} {lost} {picker}
            scenario={scenario.clone()} own={key != 0} /> }
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
    picker: Html,
    scenario: Scenario,
    /// It has one of the learner's own images, which no scenario can begin with again.
    own: bool,
}

#[component(Sandbox)]
fn sandbox(props: &SandboxProps) -> Html {
    let first = props.bench.clone();
    let work = use_reducer(move || first);
    let scenario = use_state(|| props.scenario.clone());
    let on_scenario = {
        let scenario = scenario.clone();
        Callback::from(move |next| scenario.set(next))
    };
    let link = use_memo(work.clone(), |work| share::encode(&work.0.session().state()));
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
                    { props.picker.clone() }
                    if !props.own { { options(&work, &scenario, &on_scenario) } }
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
