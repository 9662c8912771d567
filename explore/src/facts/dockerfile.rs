use layerlab_core::{
    display::harmless_text,
    facts::{
        dockerfile::{Dockerfile, Line},
        history::Fit,
    },
    spec::config::ImageConfig,
};
use layerlab_web::components::Copy;
use yew::prelude::*;

use super::view::{Mark, Masks, mark, shown_lines};
use crate::{chip::layer_chip, fill, opened::Opened, text};

/// The history as a Dockerfile, each line with its layer and how far it can be relied on.
pub fn dockerfile(place: &Opened, recovered: &Dockerfile, config: &ImageConfig, masks: &Masks) -> Html {
    let (lines, left_out) = shown_lines(recovered);
    html! {
        <section data-testid="dockerfile">
            <header class="facts-head">
                <h2>{ text("facts.dockerfile") }</h2>
                <Whole text={masks.hide(&recovered.text())} />
            </header>
            <p class="facts-note">{ text("facts.dockerfile-about") }</p>
            if let Fit::Differs { made, layers } = recovered.fit {
                <p class="facts-warn" role="note">{ fill("facts.misfit", &[("made", &made), ("layers", &layers)]) }</p>
            }
            <ol class="recipe">{ for lines.iter().map(|line| row(place, line, config, masks)) }</ol>
            if left_out > 0 { <p class="facts-note">{ fill("facts.more-lines", &[("n", &left_out)]) }</p> }
        </section>
    }
}

fn row(place: &Opened, line: &Line, config: &ImageConfig, masks: &Masks) -> Html {
    let mark = mark(line);
    let history = line.entry.and_then(|entry| config.history.get(entry));
    html! {
        <li class={classes!("recipe__line", format!("recipe__line--{}", mark.word()), line.in_base.then_some("recipe__line--base"))}>
            <span class="recipe__layer">
                if let Some(layer) = line.layer { { layer_chip(place, layer) } } else { <span class="recipe__none" aria-hidden="true">{ "·" }</span> }
            </span>
            <pre class="recipe__text"><code>{ masks.hide(&line.text) }</code></pre>
            <span class="recipe__mark" title={why(mark)}>{ text(mark.key()) }</span>
            if matches!(mark, Mark::Guessed(_)) { <p class="recipe__history">{ why(mark) }</p> }
            if let Some(history) = history {
                <details class="recipe__history">
                    <summary>{ text("facts.history") }</summary>
                    <dl class="facts">
                        { said("facts.created-by", history.created_by.as_deref(), masks) }
                        { said("facts.created", history.created.as_deref(), masks) }
                        { said("facts.comment", history.comment.as_deref(), masks) }
                        { said("facts.author", history.author.as_deref(), masks) }
                    </dl>
                </details>
            }
        </li>
    }
}

fn why(mark: Mark) -> AttrValue {
    text(&mark.why_key())
}

fn said(key: &str, value: Option<&str>, masks: &Masks) -> Html {
    let value = value.map(|value| masks.hide(&harmless_text(value))).filter(|value| !value.is_empty());
    html! {
        if let Some(value) = value {
            <div class="facts__long"><dt>{ text(key) }</dt><dd><code>{ value }</code></dd></div>
        }
    }
}

#[derive(Debug, PartialEq, Properties)]
struct WholeProps {
    text: String,
}

/// Copies the whole file; what is copied is in sight nowhere else, so the button stands alone.
#[component(Whole)]
fn whole(props: &WholeProps) -> Html {
    html! { <div class="facts-whole"><Copy value={props.text.clone()} what={text("facts.dockerfile")} /></div> }
}
