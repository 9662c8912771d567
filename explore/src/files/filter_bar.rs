use std::rc::Rc;

use gloo_timers::callback::Timeout;
use layerlab_core::explore::{
    Filter, Kind, TextFilter,
    row::{Member, Set},
};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::{reading, rows};
use crate::{
    fill,
    protocol::tree::{Act, Page},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct FilterBarProps {
    pub page: Rc<Page>,
    pub on_act: Callback<Act>,
}

/// How the text of the filter is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Contains,
    Glob,
    Regex,
}

/// What is asked for so far, as it stands in the fields.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    mode: Mode,
    text: String,
    size: String,
    kind: Option<Kind>,
    this_layer: bool,
}

/// Milliseconds that typing rests before the filter is applied: a regular expression over a million paths takes longer
/// than a keystroke.
const REST: u32 = 160;

/// Hides all that does not meet its conditions.
#[component(FilterBar)]
pub fn filter_bar(props: &FilterBarProps) -> Html {
    let asked = use_state_eq(|| Asked {
        mode: Mode::Contains,
        text: String::new(),
        size: String::new(),
        kind: None,
        this_layer: false,
    });
    let timer = use_mut_ref(|| None::<Timeout>);
    let layer = reading::layer(props.page.reading);
    let change = {
        let (asked, on_act, changes) = (asked.clone(), props.on_act.clone(), props.page.filter.changes);
        Callback::from(move |next: Asked| {
            let filter = filter(&next, layer, Filter::of_changes(changes));
            asked.set(next);
            let on_act = on_act.clone();
            *timer.borrow_mut() = Some(Timeout::new(REST, move || on_act.emit(Act::Filter(filter))));
        })
    };
    {
        // "Only this layer" is about the layer that is read now.
        let (asked, on_act, page) = (asked.clone(), props.on_act.clone(), props.page.clone());
        use_effect_with(layer, move |&layer| {
            if asked.this_layer && page.filter.layer != Some(layer) {
                on_act.emit(Act::Filter(Filter { layer: Some(layer), ..page.filter.clone() }));
            }
        });
    }
    let input = |with: fn(Asked, String) -> Asked| {
        let (asked, change) = ((*asked).clone(), change.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                change.emit(with(asked.clone(), input.value()));
            }
        })
    };
    let select = |with: fn(Asked, String) -> Asked| {
        let (asked, change) = ((*asked).clone(), change.clone());
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                change.emit(with(asked.clone(), select.value()));
            }
        })
    };
    let error = props.page.error.as_ref();
    let narrow = props.page.filter.is_narrow();
    let wrong_size = !asked.size.trim().is_empty() && size(&asked.size).is_none();
    let clear = {
        let change = change.clone();
        Callback::from(move |_: MouseEvent| {
            change.emit(Asked {
                mode: Mode::Contains,
                text: String::new(),
                size: String::new(),
                kind: None,
                this_layer: false,
            });
        })
    };
    html! {
        <div class={classes!("filter", narrow.then_some("filter--on"))} role="group" aria-label={text("tree.filter.label")}>
            <select aria-label={text("tree.filter.mode")} data-testid="filter-mode" onchange={select(|asked, value| Asked { mode: mode(&value), ..asked })}>
                <option value="contains" selected={asked.mode == Mode::Contains}>{ text("tree.filter.contains") }</option>
                <option value="glob" selected={asked.mode == Mode::Glob}>{ text("tree.filter.glob") }</option>
                <option value="regex" selected={asked.mode == Mode::Regex}>{ text("tree.filter.regex") }</option>
            </select>
            <input
                type="text" class="filter__text" data-testid="files-filter" placeholder={text("tree.filter.hint")}
                aria-label={text("tree.filter.text")} aria-invalid={error.is_some().to_string()} value={asked.text.clone()}
                autocomplete="off" spellcheck="false" oninput={input(|asked, text| Asked { text, ..asked })}
            />
            <input
                type="text" class="filter__size" placeholder={text("tree.filter.size-hint")} aria-label={text("tree.filter.size")}
                data-testid="filter-size" aria-invalid={wrong_size.to_string()} value={asked.size.clone()}
                autocomplete="off" oninput={input(|asked, size| Asked { size, ..asked })}
            />
            <select aria-label={text("tree.filter.kind")} data-testid="filter-kind" onchange={select(|asked, value| Asked { kind: kind(&value), ..asked })}>
                <option value="" selected={asked.kind.is_none()}>{ text("tree.filter.any-kind") }</option>
                { for Kind::ALL.iter().map(|&kind| html! {
                    <option value={kind.word()} selected={asked.kind == Some(kind)}>{ text(&rows::kind(kind)) }</option>
                }) }
            </select>
            <label class="filter__check">
                <input
                    type="checkbox" checked={asked.this_layer}
                    onchange={let (asked, change) = ((*asked).clone(), change.clone()); move |_| change.emit(Asked { this_layer: !asked.this_layer, ..asked.clone() })}
                />
                { fill("tree.filter.from-layer", &[("n", &(layer + 1))]) }
            </label>
            if narrow { <button class="tool tool--word" onclick={clear}>{ text("tree.filter.clear") }</button> }
            if let Some(error) = error {
                <p class="filter__error" role="alert">{ fill("tree.filter.error", &[("problem", &error.problem)]) }</p>
            }
        </div>
    }
}

fn filter(asked: &Asked, layer: u32, all: Filter) -> Filter {
    let text = (!asked.text.is_empty()).then(|| match asked.mode {
        Mode::Contains => TextFilter::Contains(asked.text.clone()),
        Mode::Glob => TextFilter::Glob(asked.text.clone()),
        Mode::Regex => TextFilter::Regex(asked.text.clone()),
    });
    let (min_size, max_size) = size(&asked.size).unwrap_or_default();
    let kinds = asked.kind.map_or(Set::all(), |kind| Set::of(&[kind]));
    Filter { text, min_size, max_size, kinds, layer: asked.this_layer.then_some(layer), ..all }
}

/// `>1M`, `< 10 kB`, `1M-5M` or `1M` (at least): decimal units, as sizes are shown.
fn size(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let text = text.trim();
    if let Some(most) = text.strip_prefix('<') {
        return Some((None, Some(bytes(most.trim_start_matches('='))?)));
    }
    if let Some((least, most)) = text.split_once(['-', '–']) {
        return Some((Some(bytes(least)?), Some(bytes(most)?)));
    }
    Some((Some(bytes(text.trim_start_matches(['>', '=']))?), None))
}

fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix('b').unwrap_or(&text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let factor = match text[end..].trim() {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        _ => return None,
    };
    Some((number * factor) as u64)
}

fn mode(word: &str) -> Mode {
    match word {
        "glob" => Mode::Glob,
        "regex" => Mode::Regex,
        _ => Mode::Contains,
    }
}

fn kind(word: &str) -> Option<Kind> {
    Kind::ALL.iter().copied().find(|kind| kind.word() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_write_them() {
        assert_eq!(size(">1M"), Some((Some(1_000_000), None)));
        assert_eq!(size("2.5 kB"), Some((Some(2_500), None)));
        assert_eq!(size("<= 10"), Some((None, Some(10))));
        assert_eq!(size("1k-2k"), Some((Some(1_000), Some(2_000))));
        assert_eq!(size("large"), None);
        assert_eq!(size("1x"), None);
    }
}
