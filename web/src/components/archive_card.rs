use layerlab_core::display::harmless_text;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    hooks::Commands,
    i18n::{fill, text},
    pages::Route,
    state::{Archive, Phase, Shared},
    view_model::{format, progress::Progress},
};

#[derive(Debug, PartialEq, Properties)]
pub struct ArchiveCardProps {
    pub archive: Shared<Archive>,
    pub current: bool,
}

/// One opened archive on the shelf: its name, how far it is, and the way out.
#[component(ArchiveCard)]
pub fn archive_card(props: &ArchiveCardProps) -> Html {
    let archive = &props.archive;
    let id = archive.id;
    let commands = use_context::<Commands>();
    let name = harmless_text(&archive.source.name);
    let navigator = use_navigator();
    let current = props.current;
    // Whoever closes what is shown wants it gone, not asked for again.
    let close = {
        let commands = commands.clone();
        Callback::from(move |_| {
            if let (true, Some(navigator)) = (current, &navigator) {
                navigator.push(&Route::Home);
            }
            if let Some(commands) = &commands {
                commands.close(id);
            }
        })
    };
    let cancel = Callback::from(move |_| {
        if let Some(commands) = &commands {
            commands.cancel(id);
        }
    });
    let share = Progress::of(archive).share().unwrap_or(0.0);
    let state = match archive.phase {
        Phase::Opening { .. } | Phase::Reading => format::percent(share).into(),
        Phase::Done => text("archive.done"),
        Phase::Failed(_) => text("archive.failed"),
        Phase::Cancelled => text("archive.cancelled"),
    };
    html! {
        <li
            class={classes!("card", props.current.then_some("card--current"))}
            data-testid="archive" data-state={archive.state_word()} data-key={archive.key.clone()}
        >
            <Link<Route> classes="card__link" to={Route::Archive { key: archive.key.clone() }}>
                <span class="card__name">{ &name }</span>
                <span class="card__facts">{ format::bytes(archive.source.size) }{ " · " }{ state }</span>
            </Link<Route>>
            if archive.is_busy() {
                <button class="card__button" data-testid="cancel" onclick={cancel} aria-label={fill("archive.cancel-name", &[("name", &name)])}>
                    { text("archive.cancel") }
                </button>
                <span class="card__bar" aria-hidden="true" style={format!("--share:{share:.4}")} />
            } else {
                <button class="card__button" data-testid="close" onclick={close} aria-label={fill("archive.close-name", &[("name", &name)])}>
                    { "×" }
                </button>
            }
        </li>
    }
}
