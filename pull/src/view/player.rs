//! Play, pause, step, scrub and speed.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::{
    fill,
    picture::caption::caption,
    state::{Action, Pull},
    text,
};

const SPEEDS: [(&str, f64); 4] = [("0.5", 0.5), ("1", 1.0), ("2", 2.0), ("4", 4.0)];

pub fn bar(pull: &Pull, speed: f64, act: &Callback<Action>) -> Html {
    let (at, all) = (pull.at, pull.plan.events.len());
    let button = |label: &str, shape: &'static str, off: bool, action: Action| {
        let act = act.clone();
        html! {
            <button class="player__button" title={text(label)} aria-label={text(label)} disabled={off}
                onclick={Callback::from(move |_| act.emit(action.clone()))}>
                <svg class="icon" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d={shape} /></svg>
            </button>
        }
    };
    let (label, shape) = if pull.playing {
        ("picture.player.pause", "M9 6v12M15 6v12")
    } else {
        ("picture.player.play", "M8 5.5v13l11-6.5z")
    };
    let scrub = {
        let act = act.clone();
        Callback::from(move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
            act.emit(Action::To(value as usize));
        })
    };
    let choose_speed = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            act.emit(Action::Speed(value.parse().unwrap_or(1.0)));
        })
    };
    html! {
        <div class="player" role="group" aria-label={text("picture.player.title")}>
            <p class="player__caption" aria-live="polite" data-testid="pull-caption">
                if let Some(event) = pull.last() {
                    <b class="player__step">{ event.step() as u8 }</b>
                    <span>{ caption(event, &pull.record) }</span>
                } else {
                    <span>{ text("picture.player.ready") }</span>
                }
            </p>
            <div class="player__controls">
                { button("picture.player.back", "M16 6l-8 6 8 6z", at == 0, Action::To(at.saturating_sub(1))) }
                { button(label, shape, false, Action::Play(!pull.playing)) }
                { button("picture.player.on", "M8 6l8 6-8 6z", at == all, Action::To(at + 1)) }
                <input class="player__scrub" type="range" min="0" max={all.to_string()} value={at.to_string()}
                    aria-label={text("picture.player.scrub")} oninput={scrub}
                    aria-valuetext={fill("picture.player.place", &[("at", &at), ("all", &all)])} />
                <span class="player__place">{ format!("{at}/{all}") }</span>
                <select aria-label={text("picture.player.speed")} onchange={choose_speed}>
                    { for SPEEDS.map(|(word, value)| html! {
                        <option value={word} selected={value == speed}>{ format!("×{word}") }</option>
                    }) }
                </select>
            </div>
        </div>
    }
}
