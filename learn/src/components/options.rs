use layerlab_core::{
    lesson::{Scenario, Session},
    overlay::{Dialect, Mode},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::WorkHandle;
use crate::{bench::Todo, text};

/// The options of the mounts, and whose words are shown. Another choice begins the scenario again and runs the same
/// commands, so that the two can be compared.
pub fn options(work: &WorkHandle, scenario: &Scenario, on_scenario: &Callback<Scenario>) -> Html {
    let begin = {
        let (work, on_scenario) = (work.clone(), on_scenario.clone());
        move |scenario: Scenario| {
            if let Ok(mut session) = Session::of_scenario(&scenario) {
                let commands: Vec<_> = work.0.session().history().iter().map(|done| done.command.clone()).collect();
                session.replay(&commands);
                work.dispatch(Todo::Load(Box::new(session), work.0.view().clone()));
                on_scenario.emit(scenario);
            }
        }
    };
    let on_mode = {
        let (scenario, begin) = (scenario.clone(), begin.clone());
        Callback::from(move |event: Event| {
            if let Some(mode) = chosen(&event).and_then(|at| Mode::ALL.get(at).copied()) {
                begin(Scenario { mode, ..scenario.clone() });
            }
        })
    };
    let on_dialect = {
        let scenario = scenario.clone();
        Callback::from(move |event: Event| {
            if let Some(dialect) = chosen(&event).and_then(|at| Dialect::ALL.get(at).copied()) {
                let mode = if dialect.has(scenario.mode) { scenario.mode } else { Mode::Default };
                begin(Scenario { mode, dialect, ..scenario.clone() });
            }
        })
    };
    html! {
        <div class="options">
            <label class="field">{ text("options.mode") }
                <select onchange={on_mode} data-testid="mode">
                    { for Mode::ALL.iter().enumerate().map(|(at, mode)| html! {
                        <option value={at.to_string()} selected={*mode == scenario.mode} disabled={!scenario.dialect.has(*mode)}>
                            { mode.options() }
                        </option>
                    }) }
                </select>
            </label>
            <label class="field">{ text("options.dialect") }
                <select onchange={on_dialect} data-testid="dialect">
                    { for Dialect::ALL.iter().enumerate().map(|(at, dialect)| html! {
                        <option value={at.to_string()} selected={*dialect == scenario.dialect}>{ dialect.key() }</option>
                    }) }
                </select>
            </label>
        </div>
    }
}

fn chosen(event: &Event) -> Option<usize> {
    event.target()?.dyn_into::<HtmlSelectElement>().ok()?.value().parse().ok()
}
