use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    fill,
    player::{Action, Player},
    text,
};

/// Play, pause, single steps, a scrubber, and the speed.
pub fn controls(player: &Player, dispatch: &Callback<Action>) -> Html {
    let button = |action: Action, label: AttrValue, test: &'static str, disabled: bool, path: &'static str| {
        let dispatch = dispatch.clone();
        html! {
            <button type="button" class="control" aria-label={label.clone()} title={label} data-testid={test} {disabled}
                onclick={move |_| dispatch.emit(action.clone())}>
                <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d={path} /></svg>
            </button>
        }
    };
    let empty = player.steps() == 0;
    let at_start = empty || player.at() == 0.0;
    let at_end = empty || player.is_at_end();
    let oninput = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(at) = input.and_then(|input| input.value().parse().ok()) {
                dispatch.emit(Action::Seek(at));
            }
        })
    };
    let faster = {
        let dispatch = dispatch.clone();
        Callback::from(move |_| dispatch.emit(Action::Faster))
    };
    let moving = player.is_moving();
    html! {
        <div class="controls" role="group" aria-label={text("player.label")}>
            { button(Action::Start, text("player.start"), "to-start", at_start, "M4 4v12M16 4L7 10l9 6z") }
            { button(Action::Back, text("player.back"), "step-back", at_start, "M14 4L5 10l9 6z") }
            if moving {
                { button(Action::Toggle, text("player.pause"), "play", empty, "M6 4v12M14 4v12") }
            } else {
                { button(Action::Toggle, text("player.play"), "play", empty, "M5 3l12 7-12 7z") }
            }
            { button(Action::Forward, text("player.forward"), "step-forward", at_end, "M6 4l9 6-9 6z") }
            { button(Action::End, text("player.end"), "to-end", at_end, "M16 4v12M4 4l9 6-9 6z") }
            <input
                class="scrubber" type="range" min="0" max={player.steps().to_string()} step="any" disabled={empty} {oninput}
                value={format!("{:.3}", player.at())} aria-label={text("player.scrub")} data-testid="scrubber"
                aria-valuetext={fill("stage.step", &[("step", &player.step()), ("count", &player.steps())])}
                style={format!("--done:{:.4}", player.at() / player.steps().max(1) as f64)}
            />
            <button type="button" class="control control--speed" onclick={faster} data-testid="speed"
                aria-label={fill("player.speed", &[("speed", &player.speed())])}>
                { format!("{}×", player.speed()) }
            </button>
        </div>
    }
}
