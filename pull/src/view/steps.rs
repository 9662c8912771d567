//! The pull as text: the terminal, and every step as a sentence.

use layerlab_core::store::Terminal;
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

/// Every event as a sentence; a click goes there.
pub fn steps(pull: &Pull, act: &Callback<Action>) -> Html {
    html! {
        <section class="steps" aria-labelledby="steps">
            <h2 id="steps">{ text("picture.steps") }</h2>
            <ol>
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
