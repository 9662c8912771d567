use std::rc::Rc;

use layerlab_core::explore::Reading;
use layerlab_web::view_model::stack;
use web_sys::{HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

use super::reading;
use crate::{fill, text};

#[derive(Debug, PartialEq, Properties)]
pub struct LayerPickerProps {
    pub reading: Reading,
    /// Layers that can be read.
    pub height: u32,
    /// Layers of the image.
    pub layers: u32,
    pub instructions: Rc<Vec<Option<String>>>,
    pub on_reading: Callback<Reading>,
}

/// Slabs that are drawn; of a taller stack those around the chosen one.
const DRAWN: u32 = 160;

/// The stack as thin slabs, the base at the bottom: choose one, and how to read it.
#[component(LayerPicker)]
pub fn layer_picker(props: &LayerPickerProps) -> Html {
    let LayerPickerProps { reading, height, instructions, on_reading, .. } = props;
    let (reading, height) = (*reading, *height);
    let at = reading::layer(reading);
    let ways = [
        ("own", "tree.files.own", Reading::Own { layer: at }),
        ("merged", "tree.files.merged", Reading::Merged { layer: at }),
        ("range", "tree.files.range", Reading::Range { from: at.checked_sub(1), to: at }),
    ];
    let same_way = |other: Reading| std::mem::discriminant(&other) == std::mem::discriminant(&reading);
    let onkeydown = {
        let on_reading = on_reading.clone();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowUp" => reading::stepped(reading, 1, height),
                "ArrowDown" => reading::stepped(reading, -1, height),
                "Home" => reading::at(reading, height.saturating_sub(1)),
                "End" => reading::at(reading, 0),
                _ => return,
            };
            event.prevent_default();
            on_reading.emit(next);
        })
    };
    let shown = at.saturating_sub(DRAWN / 2)..height.min(at.saturating_add(DRAWN / 2).max(DRAWN));
    html! {
        <section class="files__layers" aria-label={text("tree.files.layers")}>
            <div class="ways" role="radiogroup" aria-label={text("tree.files.way")}>
                { for ways.into_iter().map(|(id, key, way)| html! {
                    <button
                        class={classes!("way", same_way(way).then_some("way--on"))} role="radio"
                        aria-checked={same_way(way).to_string()} data-testid={format!("way-{id}")} title={text("tree.files.way-key")}
                        onclick={let on_reading = on_reading.clone(); move |_| on_reading.emit(way)}
                    >{ text(key) }</button>
                }) }
            </div>
            if let Reading::Range { from, to } = reading {
                { range_start(from, to, height, on_reading) }
            }
            <ul
                class="picks" role="listbox" tabindex="0" aria-label={text("tree.files.layers")} {onkeydown}
                aria-activedescendant={format!("pick-{at}")}
            >
                { for shown.rev().map(|layer| html! {
                    <li
                        id={format!("pick-{layer}")} role="option" aria-selected={(layer == at).to_string()}
                        class={classes!("pick", (layer == at).then_some("pick--on"), (!reads(reading, layer)).then_some("pick--off"))}
                        style={format!("--h:{}", stack::hue(layer as usize))} data-testid="pick"
                        onclick={let on_reading = on_reading.clone(); move |_| on_reading.emit(reading::at(reading, layer))}
                    >
                        <span class="pick__number">{ layer + 1 }</span>
                        <span class="pick__what">{ instruction(instructions, layer) }</span>
                    </li>
                }) }
            </ul>
            if height < props.layers {
                <p class="files__note">{ fill("tree.files.absent-above", &[("n", &height), ("of", &props.layers)]) }</p>
            }
        </section>
    }
}

/// Whether a layer is part of what is read.
fn reads(reading: Reading, layer: u32) -> bool {
    match reading {
        Reading::Own { layer: own } => layer == own,
        Reading::Merged { layer: top } => layer <= top,
        Reading::Range { from, to } => {
            let from = from.map_or(0, |from| from + 1);
            (from.min(to)..=to.max(from)).contains(&layer)
        }
    }
}

fn range_start(from: Option<u32>, to: u32, height: u32, on_reading: &Callback<Reading>) -> Html {
    let chosen = from.map_or(0, |from| from + 1);
    let onchange = {
        let on_reading = on_reading.clone();
        Callback::from(move |event: Event| {
            let value =
                event.target_dyn_into::<HtmlSelectElement>().and_then(|select| select.value().parse::<u32>().ok());
            if let Some(value) = value {
                on_reading.emit(Reading::Range { from: value.checked_sub(1), to });
            }
        })
    };
    html! {
        <label class="field">
            { text("tree.files.range-from") }
            <select {onchange} data-testid="range-from">
                { for (0..=height).map(|n| html! {
                    <option value={n.to_string()} selected={n == chosen}>
                        { if n == 0 { text("tree.files.nothing") } else { fill("tree.files.layer", &[("n", &n)]) } }
                    </option>
                }) }
            </select>
        </label>
    }
}

/// What made a layer.
pub fn instruction(instructions: &[Option<String>], layer: u32) -> AttrValue {
    match instructions.get(layer as usize) {
        Some(Some(instruction)) if !instruction.is_empty() => instruction.clone().into(),
        _ => text("tree.files.no-instruction"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_takes_in_the_layers_it_is_made_of() {
        let read = |reading| (0..4).filter(|&layer| reads(reading, layer)).collect::<Vec<u32>>();
        assert_eq!(read(Reading::Own { layer: 2 }), [2]);
        assert_eq!(read(Reading::Merged { layer: 2 }), [0, 1, 2]);
        assert_eq!(read(Reading::Range { from: Some(0), to: 2 }), [1, 2]);
        assert_eq!(read(Reading::Range { from: None, to: 1 }), [0, 1]);
    }
}
