use layerlab_core::{
    lesson::Place,
    overlay::shell::{Line, Message},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

use super::WorkHandle;
use crate::{
    bench::{Bench, Printed, Todo},
    fill, text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TerminalProps {
    pub work: WorkHandle,
}

/// Where lines are typed, and what they gave.
#[component(Terminal)]
pub fn terminal(props: &TerminalProps) -> Html {
    let bench = &props.work.0;
    let line = use_state_eq(String::new);
    // How far back in the history the line is; 0 is the line that is being typed.
    let back = use_state_eq(|| 0_usize);
    let offers = use_state_eq(Vec::<String>::new);
    let log = use_node_ref();
    {
        let log = log.clone();
        use_effect_with(bench.printed().len(), move |_| {
            if let Some(log) = log.cast::<Element>() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }
    let oninput = {
        let (line, offers, back) = (line.clone(), offers.clone(), back.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                line.set(input.value());
                offers.set(Vec::new());
                back.set(0);
            }
        })
    };
    let onsubmit = {
        let (work, line, offers, back) = (props.work.clone(), line.clone(), offers.clone(), back.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            work.dispatch(Todo::Line((*line).clone()));
            line.set(String::new());
            offers.set(Vec::new());
            back.set(0);
        })
    };
    let onkeydown = {
        let (work, line, offers, back) = (props.work.clone(), line.clone(), offers.clone(), back.clone());
        Callback::from(move |event: KeyboardEvent| {
            let typed = work.0.typed();
            // A handle gives what was set last, so that the place is handed over before it is set.
            let recall = |place: usize| {
                back.set(place);
                line.set(typed.len().checked_sub(place).and_then(|at| typed.get(at)).cloned().unwrap_or_default());
            };
            match event.key().as_str() {
                // An empty line lets Tab go on its way, so that nobody is caught in the terminal.
                "Tab" if !event.shift_key() && !line.trim().is_empty() => {
                    event.prevent_default();
                    let (longer, all) = completed(&work.0, &line);
                    line.set(longer);
                    offers.set(if all.len() > 1 { all } else { Vec::new() });
                }
                "ArrowUp" if *back < typed.len() => {
                    event.prevent_default();
                    recall(*back + 1);
                }
                "ArrowDown" if *back > 0 => {
                    event.prevent_default();
                    recall(*back - 1);
                }
                _ => {}
            }
        })
    };
    let onplace = {
        let work = props.work.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
            {
                let name = select.value();
                work.dispatch(Todo::Enter((!name.is_empty()).then_some(name)));
            }
        })
    };
    let here = if let Place::Container(name) = bench.place() { name.as_str() } else { "" };
    html! {
        <section class="terminal" aria-label={text("terminal.label")} data-testid="terminal">
            <div class="terminal__log" ref={log} role="log" tabindex="0" aria-label={text("terminal.log")} data-testid="log">
                if bench.printed().is_empty() { <p class="terminal__hint">{ text("terminal.hint") }</p> }
                { for bench.printed().iter().map(printed) }
            </div>
            if !offers.is_empty() {
                <p class="terminal__offers" role="status">{ for offers.iter().map(|offer| html! { <code>{ offer }</code> }) }</p>
            }
            <form class="terminal__line" {onsubmit}>
                <select aria-label={text("terminal.place")} onchange={onplace} data-testid="place">
                    <option value="" selected={here.is_empty()}>{ "$" }</option>
                    { for bench.engine().containers().iter().filter(|container| container.is_running()).map(|container| html! {
                        <option value={container.name.clone()} selected={here == container.name}>{ format!("{}#", container.name) }</option>
                    }) }
                </select>
                <input type="text" value={(*line).clone()} {oninput} {onkeydown} aria-label={text("terminal.command")}
                    data-testid="command" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" maxlength="1000" />
                <button type="submit" class="act act--go">{ text("terminal.run") }</button>
            </form>
        </section>
    }
}

fn printed(printed: &Printed) -> Html {
    match printed {
        Printed::Typed(line) => html! { <pre class="terminal__typed">{ line }</pre> },
        Printed::Line(line) => printed_line(line),
        Printed::Refused(sentence) => html! { <p class="terminal__message">{ sentence }</p> },
    }
}

/// A line that a command gave.
pub fn printed_line(line: &Line) -> Html {
    match line {
        Line::Output(line) => html! { <pre>{ line }</pre> },
        Line::Error(line) => html! { <pre class="terminal__error">{ line }</pre> },
        Line::Message(Message { key, arguments }) => {
            let values: Vec<(&str, &dyn std::fmt::Display)> =
                arguments.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
            html! { <p class="terminal__message">{ fill(key, &values) }</p> }
        }
    }
}

/// The line with its last word as long as all offers agree, and the offers.
fn completed(bench: &Bench, line: &str) -> (String, Vec<String>) {
    let offers = bench.complete(line);
    let word = line.rsplit([' ', '>', ';', '&']).next().unwrap_or_default();
    let kept = &line[..line.len() - word.len()];
    let longer = match &offers[..] {
        [] => line.to_owned(),
        [one] if one.ends_with('/') => format!("{kept}{one}"),
        [one] => format!("{kept}{one} "),
        [first, rest @ ..] => {
            let common = rest.iter().fold(first.as_str(), |common, offer| {
                let same = common.chars().zip(offer.chars()).take_while(|(a, b)| a == b);
                &common[..same.map(|(a, _)| a.len_utf8()).sum::<usize>()]
            });
            if common.len() > word.len() { format!("{kept}{common}") } else { line.to_owned() }
        }
    };
    (longer, offers)
}
