use layerlab_core::{
    display::harmless,
    lesson::{Command, Move},
    overlay::engine::{Build, Effect},
};
use layerlab_web::view_model::format;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::WorkHandle;
use crate::{bench::Todo, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct BuildPanelProps {
    pub work: WorkHandle,
}

/// Bytes of a file that are shown; a context's files are small.
const SHOWN: u64 = 16 << 10;

/// The files of the build context to edit, and what each step of the last build took.
#[component(BuildPanel)]
pub fn build_panel(props: &BuildPanelProps) -> Html {
    let engine = props.work.0.engine();
    let context = engine.context();
    let files: Vec<(String, String)> = context
        .walk()
        .into_iter()
        .filter_map(|(path, ino)| match &context.inode(ino).kind {
            layerlab_core::overlay::Kind::File(content) => {
                let text = String::from_utf8(content.bytes(SHOWN)?).ok()?;
                Some((path.to_string().trim_start_matches('/').to_owned(), text))
            }
            _ => None,
        })
        .collect();
    let open = use_state_eq(|| None::<String>);
    let name = (*open).clone().filter(|name| files.iter().any(|(file, _)| file == name));
    let name = name.or_else(|| {
        files.iter().find(|(file, _)| file == "Dockerfile").or(files.first()).map(|(file, _)| file.clone())
    });
    let current =
        name.as_ref().and_then(|name| files.iter().find(|(file, _)| file == name)).map_or("", |(_, text)| text);
    let draft = use_state_eq(|| None::<(String, String)>);
    let shown = match &*draft {
        Some((file, text)) if Some(file) == name.as_ref() => text.clone(),
        _ => current.to_owned(),
    };
    let oninput = {
        let (draft, name) = (draft.clone(), name.clone());
        Callback::from(move |event: InputEvent| {
            let area = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
            if let (Some(area), Some(name)) = (area, name.clone()) {
                draft.set(Some((name, area.value())));
            }
        })
    };
    let build = |line: &'static str| {
        let (work, draft, changed) = (props.work.clone(), draft.clone(), shown != current);
        Callback::from(move |_: MouseEvent| {
            if let (Some((file, text)), true) = (&*draft, changed) {
                work.dispatch(Todo::Run(Command::Edit { file: file.clone(), text: text.clone() }));
            }
            work.dispatch(Todo::Run(Command::host(line)));
        })
    };
    let last = props.work.0.session().history().iter().rev().find_map(built);
    html! {
        <section class="panel" data-testid="build">
            <h2>{ text("build.title") }</h2>
            <div class="build__files" role="group" aria-label={text("build.files")}>
                { for files.iter().map(|(file, _)| {
                    let (open, this) = (open.clone(), file.clone());
                    let pressed = (Some(file) == name.as_ref()).to_string();
                    html! { <button type="button" class="act" aria-pressed={pressed} onclick={move |_| open.set(Some(this.clone()))}>{ harmless(file.as_bytes()) }</button> }
                }) }
            </div>
            <textarea class="build__text" rows="8" spellcheck="false" {oninput} value={shown.clone()}
                aria-label={name.clone().unwrap_or_default()} data-testid="build-text" maxlength="16000" />
            <div class="build__go">
                <button type="button" class="act act--go" onclick={build("docker build -t app .")} data-testid="build-go">{ text("build.go") }</button>
                <button type="button" class="act" onclick={build("DOCKER_BUILDKIT=0 docker build -t app .")}>{ text("build.classic") }</button>
            </div>
            if let Some(build) = last { { steps(build) } }
        </section>
    }
}

fn built(done: &Move) -> Option<&Build> {
    done.reply.effects.iter().rev().find_map(|effect| match effect {
        Effect::Built(build) => Some(&**build),
        _ => None,
    })
}

fn steps(build: &Build) -> Html {
    html! {
        <ol class="build__steps" data-testid="build-steps">
            { for build.steps.iter().map(|step| {
                let key = step.cached.key();
                html! {
                    <li class={classes!("build__step", format!("build__step--{key}"))}>
                        <code>{ harmless(step.instruction.as_bytes()) }</code>
                        <span>{ text(&format!("cached.{key}")) }</span>
                        <span class="num">{ step.layer.map(format::bytes).unwrap_or_default() }</span>
                    </li>
                }
            }) }
        </ol>
    }
}
