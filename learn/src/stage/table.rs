use std::rc::Rc;

use yew::prelude::*;

use super::names::{layer_name, piece_words, seen_words};
use crate::{scene::Scene, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TableProps {
    pub scene: Rc<Scene>,
}

/// The same as the picture, as a table: a row for each path, a column for each layer.
#[component(Table)]
pub fn table(props: &TableProps) -> Html {
    let open = use_state_eq(|| false);
    let scene = &props.scene;
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |_: Event| open.set(!*open))
    };
    html! {
        <details class="as-text" {ontoggle}>
            <summary data-testid="as-text">{ text("stage.as-text") }</summary>
            if *open {
                <div class="as-text__scroll" tabindex="0" role="region" aria-label={text("stage.as-text")}>
                    <table>
                        <thead><tr>
                            <th scope="col">{ text("stage.path") }</th>
                            if scene.merged.is_some() { <th scope="col">{ text("row.merged") }</th> }
                            { for scene.slabs.iter().rev().map(|slab| html! {
                                <th scope="col">{ layer_name(slab.layer, scene) }</th>
                            }) }
                        </tr></thead>
                        <tbody>{ for scene.rows().iter().map(|row| html! {
                            <tr>
                                <th scope="row"><code>{ row.path.to_string() }</code></th>
                                if scene.merged.is_some() {
                                    <td>{ row.seen.map(|seen| seen_words(seen, scene)).unwrap_or_else(|| "–".into()) }</td>
                                }
                                { for scene.slabs.iter().rev().map(|slab| {
                                    let here = row.pieces.iter().find(|piece| piece.key.layer == slab.layer);
                                    html! { <td>{ here.map(|piece| piece_words(piece)).unwrap_or_else(|| "–".into()) }</td> }
                                }) }
                            </tr>
                        }) }</tbody>
                    </table>
                </div>
            }
        </details>
    }
}
