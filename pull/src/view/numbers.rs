//! What came, what did not have to, and where the engines differ.

use layerlab_core::{
    display::size,
    store::{LayerAction, Policy},
};
use yew::prelude::*;

use crate::{
    fill,
    picture::{Line, Scene},
    state::Pull,
    text,
};

pub fn counters(scene: &Scene, line: Line) -> Html {
    let came = scene.bytes.came();
    let seconds = |bytes| format!("{:.1}", line.seconds(bytes));
    let counter = |key: &str, value: String, kind: &'static str| {
        html! {
            <div class={classes!("counter", format!("counter--{kind}"))}>
                <dt>{ text(key) }</dt>
                <dd data-testid={format!("counter-{kind}")}>{ value }</dd>
            </div>
        }
    };
    let share = |bytes: u64| bytes as f64 / (came + scene.bytes.saved).max(1) as f64;
    html! {
        <section class="counters" aria-label={text("picture.counter.title")}>
            <dl>
                { counter("picture.counter.came", size(came), "came") }
                { counter("picture.counter.saved", size(scene.bytes.saved), "saved") }
                { counter("picture.counter.time", fill("picture.counter.seconds", &[("n", &seconds(came))]).to_string(), "time") }
                { counter("picture.counter.time-saved",
                    fill("picture.counter.seconds", &[("n", &seconds(scene.bytes.saved))]).to_string(), "time-saved") }
            </dl>
            <div class="counters__bar" aria-hidden="true">
                <span class="counters__came" style={format!("width:{:.2}%", share(came) * 100.0)} />
                <span class="counters__saved" style={format!("width:{:.2}%", share(scene.bytes.saved) * 100.0)} />
            </div>
        </section>
    }
}

/// A row for each layer on which the engines differ.
pub fn differences(pull: &Pull) -> Html {
    let word = |action: LayerAction| match action {
        LayerAction::Present => text("picture.action.present"),
        LayerAction::Reuse => text("picture.action.reuse"),
        LayerAction::Fetch => text("picture.action.fetch"),
    };
    html! {
        <section class="differences" aria-labelledby="differences">
            <h2 id="differences">{ text("picture.differences.title") }</h2>
            if pull.differences.is_empty() {
                <p>{ text("picture.differences.none") }</p>
            } else {
                <p>{ text("picture.differences.some") }</p>
                <div class="scrolls" tabindex="0" role="region" aria-labelledby="differences">
                <table>
                    <thead><tr>
                        <th scope="col">{ text("picture.differences.layer") }</th>
                        { for Policy::ALL.map(|policy| html! {
                            <th scope="col">{ text(&format!("picture.policy.{}", policy.as_str())) }</th>
                        }) }
                    </tr></thead>
                    <tbody>
                        { for pull.differences.iter().map(|row| html! {
                            <tr>
                                <th scope="row">{ format!("{} · {}", row.layer + 1, size(row.size)) }</th>
                                { for row.actions.map(|action| html! {
                                    <td class={classes!((action == LayerAction::Fetch).then_some("fetches"))}>{ word(action) }</td>
                                }) }
                            </tr>
                        }) }
                    </tbody>
                </table>
                </div>
            }
        </section>
    }
}
