//! The life of a path in the strata picture: a column through the stack, and the ray that looks it up.

use layerlab_core::explore::{
    Biography,
    biography::{Chapter, Fate, PathEvent, Removal},
};
use layerlab_web::view_model::{format, stack};
use yew::prelude::*;

use super::{layers::instruction, rows};
use crate::{fill, text};

/// A row of the picture, the top of the stack first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stratum {
    /// A layer that has the path, or takes it away: the number of the chapter.
    Chapter(usize),
    /// Layers that say nothing of it, both ends included.
    Gap { from: u32, to: u32 },
}

/// The strata of a life, the top first.
pub fn strata(life: &Biography) -> Vec<Stratum> {
    let mut strata = Vec::new();
    let mut next = life.height;
    for (number, chapter) in life.chapters.iter().enumerate().rev() {
        if chapter.layer + 1 < next {
            strata.push(Stratum::Gap { from: chapter.layer + 1, to: next - 1 });
        }
        strata.push(Stratum::Chapter(number));
        next = chapter.layer;
    }
    if next > 0 {
        strata.push(Stratum::Gap { from: 0, to: next - 1 });
    }
    strata
}

/// How far the ray falls: the strata that it passes, before the one that stops it.
pub fn ray(strata: &[Stratum]) -> usize {
    strata.iter().position(|stratum| matches!(stratum, Stratum::Chapter(_))).unwrap_or(strata.len())
}

/// The picture, with each layer's words; choosing a chapter opens what that layer has there.
pub fn picture(
    life: &Biography,
    instructions: &[Option<String>],
    chosen: Option<u32>,
    on_layer: &Callback<u32>,
) -> Html {
    let strata = strata(life);
    let stop = ray(&strata);
    let drawn = strata.iter().enumerate().map(|(place, stratum)| {
        let light = match place {
            place if place < stop => Some("stratum--passed"),
            place if place == stop => Some("stratum--stop"),
            _ => None,
        };
        match *stratum {
            Stratum::Gap { from, to } => html! {
                <li class={classes!("stratum", "stratum--gap", light)}>
                    <span class="stratum__number">{ if from == to { (from + 1).to_string() } else { format!("{}–{}", from + 1, to + 1) } }</span>
                    <span class="stratum__cell" aria-hidden="true" />
                    <span class="stratum__words">{ text("tree.life.nothing") }</span>
                </li>
            },
            Stratum::Chapter(number) => chapter(&life.chapters[number], instructions, chosen, light, on_layer),
        }
    });
    html! {
        <div class="life" data-testid="life">
            <p class="life__eye"><span aria-hidden="true">{ "◉" }</span>{ seen(life) }</p>
            <ol class="life__stack" aria-label={text("tree.life.label")}>{ for drawn }</ol>
            if life.hidden > 0 {
                <p class="life__hidden">{ fill("tree.life.hidden", &[("bytes", &format::bytes(life.hidden))]) }</p>
            }
        </div>
    }
}

fn seen(life: &Biography) -> AttrValue {
    match life.seen {
        Some(layer) => fill("tree.life.seen", &[("n", &(layer + 1))]),
        None => text("tree.life.gone"),
    }
}

fn chapter(
    chapter: &Chapter,
    instructions: &[Option<String>],
    chosen: Option<u32>,
    light: Option<&'static str>,
    on_layer: &Callback<u32>,
) -> Html {
    let layer = chapter.layer;
    let is_removal = chapter.fate == Fate::Nothing;
    let tile = match chapter.fate {
        Fate::Nothing => "tile--lid",
        Fate::Seen => "tile--seen",
        Fate::Shadowed { .. } | Fate::Deleted { .. } => "tile--hidden",
    };
    let notched = chapter.event == PathEvent::CopiedForMetadata;
    let fate = match chapter.fate {
        Fate::Seen | Fate::Nothing => None,
        Fate::Shadowed { by } => Some(fill("tree.life.shadowed", &[("n", &(by + 1))])),
        Fate::Deleted { by } => Some(fill("tree.life.deleted", &[("n", &(by + 1))])),
    };
    html! {
        <li
            class={classes!("stratum", light, (chosen == Some(layer)).then_some("stratum--chosen"))}
            style={format!("--h:{}", stack::hue(layer as usize))}
        >
            <span class="stratum__number">{ layer + 1 }</span>
            <span class="stratum__cell" aria-hidden="true"><span class={classes!("tile", tile, notched.then_some("tile--notched"))}>{ if is_removal { "✕" } else { "" } }</span></span>
            <span class="stratum__words">
                <button
                    class="stratum__open" disabled={is_removal} data-testid="chapter" aria-pressed={(chosen == Some(layer)).to_string()}
                    onclick={on_layer.reform(move |_: MouseEvent| layer)}
                >{ text(event(chapter.event)) }</button>
                if let Some(kind) = chapter.kind.filter(|&kind| rows::has_size(kind) && chapter.size > 0) {
                    <span class="stratum__size">{ if kind == layerlab_core::explore::Kind::HardLink { fill("tree.life.linked", &[("bytes", &format::bytes(chapter.size)), ("n", &(chapter.bytes_from + 1))]) } else { format::bytes(chapter.size).into() } }</span>
                }
                if let Some(fate) = fate { <span class="stratum__fate">{ fate }</span> }
                <code class="stratum__instruction">{ instruction(instructions, layer) }</code>
            </span>
        </li>
    }
}

fn event(event: PathEvent) -> &'static str {
    match event {
        PathEvent::Created => "tree.event.created",
        PathEvent::CreatedAgain => "tree.event.created-again",
        PathEvent::Replaced => "tree.event.replaced",
        PathEvent::CopiedForMetadata => "tree.event.copied",
        PathEvent::Relisted => "tree.event.relisted",
        PathEvent::TypeChanged => "tree.event.type",
        PathEvent::Implied => "tree.event.implied",
        PathEvent::Removed(Removal::Whiteout) => "tree.event.whiteout",
        PathEvent::Removed(Removal::WithParent) => "tree.event.with-parent",
        PathEvent::Removed(Removal::OpaqueDirectory) => "tree.event.opaque",
        PathEvent::Removed(Removal::ParentReplaced) => "tree.event.parent-replaced",
    }
}

/// Every key that is made, and not written after `text(` or `fill(`, in the sources.
#[cfg(test)]
pub fn made_keys() -> Vec<String> {
    use PathEvent::*;
    let removals = [Removal::Whiteout, Removal::WithParent, Removal::OpaqueDirectory, Removal::ParentReplaced];
    let plain = [Created, CreatedAgain, Replaced, CopiedForMetadata, Relisted, TypeChanged, Implied];
    plain.into_iter().chain(removals.map(Removed)).map(|known| event(known).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use layerlab_core::path::PathId;

    use super::*;

    fn life(height: u32, layers: &[(u32, bool)]) -> Biography {
        let chapters = layers.iter().map(|&(layer, here)| Chapter {
            layer,
            event: if here { PathEvent::Created } else { PathEvent::Removed(Removal::Whiteout) },
            kind: None,
            metadata: None,
            size: 0,
            stored: 0,
            bytes_from: layer,
            target: None,
            fate: if here { Fate::Seen } else { Fate::Nothing },
        });
        let chapters: Vec<Chapter> = chapters.collect();
        Biography { path: PathId(1), name: "a".into(), height, chapters, seen: None, stored: 0, hidden: 0 }
    }

    #[test]
    fn layers_that_say_nothing_are_gathered_and_the_ray_stops_at_the_first_that_speaks() {
        use Stratum::*;
        let strata_of = |height, layers: &[(u32, bool)]| strata(&life(height, layers));
        let strata = strata_of(6, &[(1, true), (2, false)]);
        assert_eq!(strata, [Gap { from: 3, to: 5 }, Chapter(1), Chapter(0), Gap { from: 0, to: 0 }]);
        assert_eq!(ray(&strata), 1);
        assert_eq!(strata_of(1, &[(0, true)]), [Chapter(0)]);
        assert_eq!(ray(&strata_of(2, &[])), 1);
    }
}
