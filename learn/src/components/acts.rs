use layerlab_core::{display::harmless, lesson::Command, overlay::MergedPath};
use yew::prelude::*;

use super::WorkHandle;
use crate::{
    bench::{Todo, line_of},
    fill,
    geometry::Key,
    scene::PieceKey,
    stage::Act,
    text,
};

/// Buttons for those who do not type. Each shows the line it runs.
pub fn acts(work: &WorkHandle, chosen: Option<&Key>) -> Html {
    let path = match chosen {
        Some(Key::Piece(PieceKey { path, .. }) | Key::Seen(path)) => Some(path),
        _ => None,
    };
    html! {
        <div class="acts" role="group" aria-label={text("acts.label")} data-testid="acts">
            { match path {
                Some(path) => of_path(work, path),
                None => of_machine(work),
            } }
        </div>
    }
}

fn of_path(work: &WorkHandle, path: &MergedPath) -> Html {
    let bench = &work.0;
    let last = bench.reel().film.scene(bench.reel().film.steps().len());
    let is_folded = last.columns.iter().any(|column| column.path == *path && column.folded.is_some());
    let unfold = is_folded.then(|| {
        let (work, path) = (work.clone(), path.clone());
        html! {
            <button type="button" class="act" data-testid="act-unfold"
                onclick={move |_| work.dispatch(Todo::Unfold(path.clone()))}>{ text("acts.unfold") }</button>
        }
    });
    let running = bench.view().container.as_ref().and_then(|name| bench.engine().container(name).ok());
    if running.is_none_or(|container| !container.is_running()) {
        return html! { <>{ unfold }<span class="acts__hint">{ text("acts.no-container") }</span></> };
    }
    let acts = [
        ("read", text("acts.read"), Act::Read(path.clone())),
        ("change", text("acts.change"), Act::Change(path.clone())),
        ("mode", text("acts.mode"), Act::ChangeMode(path.clone())),
        ("delete", text("acts.delete"), Act::Delete(path.clone())),
    ];
    html! {
        <>
            <code class="acts__path">{ path.to_string() }</code>
            { unfold }
            { for acts.into_iter().filter_map(|(test, label, act)| {
                let line = line_of(&act, bench.engine(), bench.view())?;
                let work = work.clone();
                Some(html! {
                    <button type="button" class="act" title={line} data-testid={format!("act-{test}")}
                        onclick={move |_| work.dispatch(Todo::Act(act.clone()))}>{ label }</button>
                })
            }) }
        </>
    }
}

fn of_machine(work: &WorkHandle) -> Html {
    let engine = work.0.engine();
    let view = work.0.view();
    let container = view.container.as_ref().and_then(|name| engine.container(name).ok());
    let mut lines: Vec<(AttrValue, String)> = Vec::new();
    let reference = match container {
        Some(container) => Some(container.image_name.clone()),
        None => engine.tags().keys().next_back().cloned(),
    };
    // A plain union mount is none of the engine's containers.
    let container = container.filter(|container| !container.is_plain);
    if let Some(image) = reference {
        lines.push((fill("acts.run", &[("image", &harmless(image.as_bytes()))]), format!("docker run -d {image}")));
    }
    if let Some(container) = container {
        let name = harmless(container.name.as_bytes());
        if container.is_running() {
            lines.push((fill("acts.stop", &[("name", &name)]), format!("docker stop {}", container.name)));
        } else {
            lines.push((fill("acts.start", &[("name", &name)]), format!("docker start {}", container.name)));
            lines.push((fill("acts.remove", &[("name", &name)]), format!("docker rm {}", container.name)));
        }
        lines.push((fill("acts.commit", &[("name", &name)]), format!("docker commit {} mine", container.name)));
        lines.push((text("acts.sizes"), "docker ps -a -s".into()));
    }
    html! {
        { for lines.into_iter().map(|(label, line)| {
            let (work, command) = (work.clone(), Command::host(line.clone()));
            html! {
                <button type="button" class="act" title={line} onclick={move |_| work.dispatch(Todo::Run(command.clone()))}>
                    { label }
                </button>
            }
        }) }
    }
}
