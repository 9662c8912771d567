use layerlab_core::explore::{Direction, Hit};
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use crate::{fill, protocol::tree::Act, text};

#[derive(Debug, PartialEq, Properties)]
pub struct SearchBoxProps {
    pub hits: u32,
    pub hit: Option<Hit>,
    pub on_act: Callback<Act>,
    pub on_jump: Callback<Direction>,
}

/// Jumps through hits; nothing is hidden.
#[component(SearchBox)]
pub fn search_box(props: &SearchBoxProps) -> Html {
    let query = use_state_eq(String::new);
    let place = use_state_eq(|| None::<(u32, u32)>);
    {
        let place = place.setter();
        use_effect_with((props.hit, props.hits), move |(hit, _)| {
            // A look-up or a typed letter leads somewhere too, and is none of the hits.
            if let Some(hit) = hit.filter(|hit| hit.of > 0) {
                place.set(Some((hit.number, hit.of)));
            }
        });
    }
    let oninput = {
        let (query, place, on_act) = (query.setter(), place.setter(), props.on_act.clone());
        Callback::from(move |event: InputEvent| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            place.set(None);
            query.set(input.value());
            on_act.emit(Act::Search(input.value()));
        })
    };
    let onkeydown = {
        let (query, on_act, on_jump) = (query.clone(), props.on_act.clone(), props.on_jump.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" if event.shift_key() => on_jump.emit(Direction::Previous),
                "Enter" => on_jump.emit(Direction::Next),
                "Escape" => {
                    query.set(String::new());
                    on_act.emit(Act::Search(String::new()));
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let jump = |direction| props.on_jump.reform(move |_: MouseEvent| direction);
    let found = match (*place, query.is_empty()) {
        (_, true) => AttrValue::default(),
        (Some((number, of)), false) => fill("tree.search.place", &[("n", &number), ("of", &of)]),
        (None, false) => text("tree.search.none"),
    };
    html! {
        <div class="jump" role="search">
            <label class="jump__field">
                <span class="unseen">{ text("tree.search.label") }</span>
                <input
                    type="search" data-testid="files-search" placeholder={text("tree.search.hint")} value={(*query).clone()}
                    aria-keyshortcuts="/" autocomplete="off" spellcheck="false" {oninput} {onkeydown}
                />
            </label>
            <output class="jump__place" data-testid="search-place" aria-live="polite">{ found }</output>
            <button class="tool" title={text("tree.search.previous")} aria-label={text("tree.search.previous")} onclick={jump(Direction::Previous)}>{ "↑" }</button>
            <button class="tool" title={text("tree.search.next")} aria-label={text("tree.search.next")} data-testid="search-next" onclick={jump(Direction::Next)}>{ "↓" }</button>
        </div>
    }
}
