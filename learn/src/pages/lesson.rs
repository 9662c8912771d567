use std::rc::Rc;

use layerlab_core::lesson::{Command, Language, Lesson, LessonPart, OwnImage, Session, View as Shown};
use layerlab_web::lazy::Host;
use yew::prelude::*;

use super::teacher::Teacher;
use crate::{
    address::Page,
    bench::{Bench, Todo, View},
    components::{GoalPanel, OwnImagePicker, QuestionCard, Work, WorkHandle, Workbench, blocks, printed_line, spans},
    fill,
    library::{Listed, use_lesson},
    progress::Progress,
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct LessonPageProps {
    pub listed: Listed,
    pub index: Rc<Vec<Listed>>,
    pub teach: bool,
    pub language: Language,
    pub host: Host,
    pub turn: u32,
    pub progress: Progress,
    pub on_progress: Callback<Progress>,
}

/// Columns of a picture, before directories are folded: a real image has many more paths than lessons do.
pub const COLUMNS: usize = 40;

/// One of our own lessons.
#[component(LessonPage)]
pub fn lesson_page(props: &LessonPageProps) -> Html {
    let lesson = match use_lesson(&props.listed.folder).or_notice() {
        Ok(lesson) => lesson,
        Err(notice) => return notice,
    };
    let at = props.index.iter().position(|listed| listed.id == props.listed.id);
    let next = at.and_then(|at| props.index.get(at + 1)).cloned();
    html! {
        <Reading {lesson} number={at.map(|at| at + 1)} {next} teach={props.teach} language={props.language} host={props.host.clone()} turn={props.turn}
            progress={props.progress.clone()} on_progress={props.on_progress.clone()} />
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ReadingProps {
    pub lesson: Rc<Lesson>,
    pub number: Option<usize>,
    pub next: Option<Listed>,
    pub teach: bool,
    pub language: Language,
    pub host: Host,
    pub turn: u32,
    pub progress: Progress,
    pub on_progress: Callback<Progress>,
}

/// A lesson whose scenario is started; where it does not start, the reason.
#[component(Reading)]
pub fn reading(props: &ReadingProps) -> Html {
    let lesson = &props.lesson;
    let own = use_state(|| None::<Rc<OwnImage>>);
    let session = use_memo((lesson.clone(), own.as_ref().map(Rc::as_ptr)), |(lesson, _)| {
        Session::of_lesson(lesson, own.as_deref())
    });
    let on_own = {
        let own = own.clone();
        Callback::from(move |image| own.set(Some(image)))
    };
    match &*session {
        Ok(session) => {
            let view = View { kernel: lesson.views.contains(&Shown::Host), columns: COLUMNS, ..View::default() };
            // Another image is another beginning: the bench is made anew.
            let key = own.as_ref().map_or(0, |own| Rc::as_ptr(own) as usize);
            html! { <Started {key} reading={props.clone()} bench={Work(Bench::new(session.clone(), view))} {on_own} /> }
        }
        Err(error) => html! { <p class="empty" role="alert">{ fill("lesson.not-started", &[("why", error)]) }</p> },
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct StartedProps {
    reading: ReadingProps,
    bench: Work,
    on_own: Callback<Rc<OwnImage>>,
}

#[component(Started)]
fn started(props: &StartedProps) -> Html {
    let ReadingProps { lesson, language, progress, on_progress, .. } = &props.reading;
    let first = props.bench.clone();
    let work = use_reducer(move || first);
    let teaching = use_state_eq(|| props.reading.teach);
    let reached = work.0.session().progress(&lesson.goal).is_reached();
    let moves = work.0.session().moves();
    {
        let (progress, on_progress, id) = (progress.clone(), on_progress.clone(), lesson.id.clone());
        use_effect_with((reached, moves), move |(reached, moves)| {
            // The scenario itself may satisfy a goal: only what the learner did counts.
            if *reached && *moves > 0 {
                let next = progress.clone().reached(&id, *moves);
                if next != progress {
                    on_progress.emit(next);
                }
            }
        });
    }
    let on_revealed = {
        let (progress, on_progress, id) = (progress.clone(), on_progress.clone(), lesson.id.clone());
        Callback::from(move |(question, _): (String, bool)| on_progress.emit(progress.clone().answered(&id, &question)))
    };
    let teach = {
        let teaching = teaching.clone();
        Callback::from(move |on: bool| teaching.set(on))
    };
    if *teaching {
        let on_leave = teach.reform(|()| false);
        return html! { <Teacher work={work.clone()} lesson={lesson.clone()} language={*language} {on_leave} on_revealed={on_revealed} /> };
    }
    let best = progress.of(&lesson.id).and_then(|progress| progress.best);
    let sandbox = Page::Sandbox { lesson: Some(lesson.id.clone()), shared: None }.address();
    html! {
        <article class="lesson" data-testid="lesson">
            <header class="lesson__head">
                <p class="lesson__crumbs"><a href="#/learn">{ text("overview.title") }</a>
                    if let Some(number) = props.reading.number { <span>{ fill("lesson.number", &[("n", &number)]) }</span> }
                </p>
                <h1>{ lesson.title.in_language(*language).to_owned() }</h1>
                <p class="learn__lead">{ spans(&lesson.summary.spans(*language)) }</p>
                <div class="lesson__ways">
                    <button type="button" class="act" onclick={teach.reform(|_: MouseEvent| true)} data-testid="teach">{ text("lesson.teach") }</button>
                    <a class="act" href={format!("#{sandbox}")}>{ text("lesson.sandbox") }</a>
                </div>
            </header>
            <div class="lesson__text">
                { for lesson.parts.iter().map(|part| drawn(part, &work, *language, &on_revealed)) }
                if lesson.scenario.own.is_some() { <OwnImagePicker host={props.reading.host.clone()} turn={props.reading.turn} on_own={props.on_own.clone()} /> }
                <GoalPanel work={work.clone()} lesson={lesson.clone()} language={*language} {best} />
                { closing(lesson, &work, *language) }
                { onward(&props.reading, reached) }
            </div>
            <div class="lesson__bench" id="bench"><Workbench work={work.clone()} views={lesson.views.clone()} /></div>
        </article>
    }
}

/// A part of a lesson.
pub fn drawn(part: &LessonPart, work: &WorkHandle, language: Language, on_revealed: &Callback<(String, bool)>) -> Html {
    match part {
        LessonPart::Prose { heading, text } => html! {
            <section class="prose">
                if let Some(heading) = heading { <h2>{ spans(&heading.spans(language)) }</h2> }
                { blocks(text.in_language(language)) }
            </section>
        },
        LessonPart::Play { label, commands } => html! {
            <section class="play">
                <h3>{ spans(&label.spans(language)) }</h3>
                <ol>{ for commands.iter().map(|command| played(command, work)) }</ol>
            </section>
        },
        LessonPart::Question(question) => html! {
            <QuestionCard work={work.clone()} question={Rc::new(question.clone())} {language} on_revealed={on_revealed.clone()} />
        },
    }
}

fn played(command: &Command, work: &WorkHandle) -> Html {
    let done = work.0.session().history().iter().any(|done| done.command == *command);
    let (work, run) = (work.clone(), command.clone());
    let onclick = Callback::from(move |_: MouseEvent| {
        work.dispatch(Todo::Run(run.clone()));
        reveal_bench();
    });
    html! {
        <li>
            <button type="button" class={classes!("play__command", done.then_some("is-done"))} {onclick} data-testid="play-command">
                <svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true"><path d="M5 3l12 7-12 7z" /></svg>
                <code>{ command.to_string() }</code>
                if done { <span class="unseen">{ text("goal.done") }</span> }
            </button>
        </li>
    }
}

/// On a telephone the stage may be out of sight.
fn reveal_bench() {
    let bench =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("bench"));
    if let Some(bench) = bench {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        bench.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Commands for one's own terminal, with the output that the present state gives.
fn closing(lesson: &Lesson, work: &WorkHandle, language: Language) -> Html {
    html! {
        <section class="closing" data-testid="closing">
            <h2>{ text("lesson.closing") }</h2>
            <p class="panel__note">{ text("lesson.closing-about") }</p>
            { for lesson.terminal.iter().map(|line| html! {
                <div class="closing__line">
                    <pre class="closing__command">{ line.command.to_string() }</pre>
                    { match work.0.session().preview(&line.command) {
                        Ok(reply) => html! { <div class="closing__output" tabindex="0" role="region" aria-label={line.command.to_string()}>{ for reply.lines.iter().map(printed_line) }</div> },
                        Err(error) => html! { <p class="terminal__message">{ error.to_string() }</p> },
                    } }
                    <p>{ spans(&line.note.spans(language)) }</p>
                </div>
            }) }
        </section>
    }
}

fn onward(reading: &ReadingProps, reached: bool) -> Html {
    match &reading.next {
        Some(next) => html! {
            <a class={classes!("button", reached.then_some("button--first"))} data-testid="next"
                href={format!("#{}", Page::Lesson { id: next.id.clone(), teach: false }.address())}>
                { fill("lesson.next", &[("title", &next.title.in_language(reading.language))]) }
            </a>
        },
        None => html! { <a class="button" href="#/learn">{ text("lesson.all") }</a> },
    }
}
