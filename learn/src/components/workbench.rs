use std::collections::BTreeSet;

use layerlab_core::lesson::View;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    WorkHandle,
    acts::acts,
    build_panel::BuildPanel,
    mount_panel::mount_panel,
    store_panel::{forest, registry, storage},
    terminal::Terminal,
};
use crate::{
    bench::Todo,
    stage::{Act, Stage},
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct WorkbenchProps {
    pub work: WorkHandle,
    pub views: BTreeSet<View>,
}

/// Stage, terminal, and what else a lesson wants to be seen.
#[component(Workbench)]
pub fn workbench(props: &WorkbenchProps) -> Html {
    let work = &props.work;
    let chosen = use_state_eq(|| None);
    let on_act = {
        let work = work.clone();
        Callback::from(move |act: Act| work.dispatch(Todo::Act(act)))
    };
    let on_choose = {
        let chosen = chosen.clone();
        Callback::from(move |key| chosen.set(key))
    };
    let bench = &work.0;
    let every = {
        let work = work.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                work.dispatch(Todo::EveryLookUp(input.checked()));
            }
        })
    };
    let todo = |todo: Todo, label: AttrValue, test: &'static str, disabled: bool| {
        let work = work.clone();
        html! {
            <button type="button" class="act" data-testid={test} {disabled} onclick={move |_| work.dispatch(todo.clone())}>
                { label }
            </button>
        }
    };
    let nothing = bench.session().history().is_empty();
    let views = &props.views;
    html! {
        <div class="bench" data-testid="bench" data-moves={bench.session().moves().to_string()}>
            <Stage reel={bench.reel().clone()} {on_act} chosen={(*chosen).clone()} {on_choose}>
                <div class="bench__bar">
                    { acts(work, chosen.as_ref()) }
                    <div class="bench__undo">
                        { todo(Todo::Undo, text("bench.undo"), "undo", nothing) }
                        { todo(Todo::Redo, text("bench.redo"), "redo", !bench.session().can_redo()) }
                        { todo(Todo::Reset, text("bench.reset"), "reset", nothing) }
                    </div>
                </div>
            </Stage>
            if views.contains(&View::Build) { <BuildPanel work={work.clone()} /> }
            if views.contains(&View::Registry) { { registry(work) } }
            if views.contains(&View::Forest) { { forest(work) } }
            <label class="bench__every">
                <input type="checkbox" checked={bench.view().every_look_up} onchange={every} />
                { text("bench.every-look-up") }
            </label>
            <Terminal work={work.clone()} />
            if views.contains(&View::Storage) { { storage(work) } }
            { mount_panel(work) }
        </div>
    }
}
