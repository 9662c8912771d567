use layerlab_core::facts::config::{Statement, Value};
use yew::prelude::*;

use super::view::Masks;
use crate::text;

/// Values of one thing that are drawn; a label list can be endless.
const SHOWN: usize = 200;

/// The run configuration in words.
pub fn config(statements: &[Statement], masks: &Masks) -> Html {
    html! {
        <section data-testid="config">
            <h2>{ text("facts.config") }</h2>
            <dl class="said">
                { for statements.iter().map(|statement| html! {
                    <div>
                        <dt>{ text(&format!("config.{}", statement.subject.key())) }</dt>
                        <dd>{ for statement.values.iter().take(SHOWN).map(|shown| value(shown, masks)) }</dd>
                    </div>
                }) }
            </dl>
        </section>
    }
}

fn value(value: &Value, masks: &Masks) -> Html {
    html! {
        <div class="said__value">
            if let Some(name) = &value.name { <code class="said__name">{ name }</code> }
            <code>{ if value.text.is_empty() { "\u{201c}\u{201d}".to_owned() } else { masks.hide(&value.text) } }</code>
        </div>
    }
}
