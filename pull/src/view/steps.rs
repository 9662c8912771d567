//! The pull as text: the terminal, and every step as a sentence.

use std::rc::Rc;

use layerlab_core::store::Terminal;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    picture::caption::caption,
    state::{Action, Pull},
    text,
};

/// What `docker pull` would have on the screen now.
pub fn terminal(pull: &Pull) -> Html {
    let blobs: Vec<_> = pull.record.layers.iter().map(|layer| layer.blob.clone()).collect();
    let mut terminal = Terminal::after(pull.shown(), &blobs);
    if let Some((layer, bytes)) = pull.fetching() {
        terminal.progress(layer, bytes);
    }
    let lines = terminal.lines().join("\n");
    html! {
        <section class="terminal" aria-labelledby="terminal">
            <h2 id="terminal">{ text("picture.terminal") }</h2>
            <pre tabindex="0" data-testid="pull-terminal"><span class="terminal__prompt">{ format!("$ docker pull {}\n", pull.plan.name) }</span>{ lines }</pre>
        </section>
    }
}

/// The seven steps, and which one it is.
pub fn seven(pull: &Pull) -> Html {
    let now = pull.last().map_or(0, |event| event.step() as usize);
    html! {
        <ol class="seven" aria-label={text("picture.seven.title")}>
            { for (1..=7).map(|step| html! {
                <li class={classes!((step == now).then_some("seven__now"), (step < now).then_some("seven__past"))}
                    aria-current={(step == now).then_some("step")}>
                    <b>{ step }</b>{ text(&format!("picture.seven.{step}")) }
                </li>
            }) }
        </ol>
    }
}

#[derive(Debug, PartialEq, Properties)]
pub struct StepsProps {
    pub pull: Rc<Pull>,
    pub act: Callback<Action>,
}

/// Every event as a sentence; a click goes there. The list keeps the present step in sight.
#[component(Steps)]
pub fn steps(props: &StepsProps) -> Html {
    let StepsProps { pull, act } = props;
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with(pull.at, move |at| {
            let Some(list) = list.cast::<HtmlElement>() else { return };
            let item = at.checked_sub(1).and_then(|at| list.children().item(at as u32));
            if let Some(item) = item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
                list.set_scroll_top(item.offset_top() - (list.client_height() - item.offset_height()) / 2);
            }
        });
    }
    html! {
        <section class="steps" aria-labelledby="steps">
            <h2 id="steps">{ text("picture.steps") }</h2>
            <ol ref={list}>
                { for pull.plan.events.iter().enumerate().map(|(index, event)| {
                    let at = index + 1;
                    let act = act.clone();
                    let state = if at == pull.at { "now" } else if at < pull.at { "past" } else { "later" };
                    html! {
                        <li class={format!("steps__{state}")} key={index}>
                            <button onclick={Callback::from(move |_| act.emit(Action::To(at)))}
                                aria-current={(at == pull.at).then_some("step")}>
                                <b>{ event.step() as u8 }</b>
                                <span>{ caption(event, &pull.record) }</span>
                            </button>
                        </li>
                    }
                }) }
            </ol>
        </section>
    }
}
