//! The stage: boxes at the registry, slabs in the store, and what moves between them.
//!
//! A piece that moves keeps its key and changes its place; the style sheet lets it travel.

use layerlab_core::{
    digest::Digest,
    display::size,
    store::{ImageName, PullEvent, Store, StoredImage},
};
use layerlab_web::view_model::{glyph, stack::hue};
use yew::prelude::*;

use crate::{
    fill,
    picture::{
        Forest, Geometry, LayerState, Place, Scene, Slab,
        forest::Stack,
        pace,
        scene::{LayerScene, Sheet},
    },
    state::{Action, Pull, Shop},
    text,
};

/// Images that are drawn beside the one that is pulled.
const BESIDE: usize = 4;

pub fn stage(width: f32, shop: &Shop, pull: &Pull, act: &Callback<Action>) -> Html {
    let (store, scene) = (shop.store(), Scene::after(&pull.record, pull.shown()));
    let (forest, hidden) = forest(&store, pull);
    let geometry = Geometry::new(width, scene.layers.len(), &forest);
    let onkeydown = keys(pull, act);
    html! {
        <div class="stage" style={format!("height:{:.0}px", geometry.height)} tabindex="0" {onkeydown} role="group"
            aria-label={text("picture.stage")} data-testid="pull-stage">
            { side("registry", geometry.registry, text("picture.registry"), AttrValue::default()) }
            { side("store", geometry.store, text("picture.store"), match hidden {
                0 => AttrValue::default(),
                n => fill("picture.hidden", &[("n", &n)]),
            }) }
            <div class="stage__pieces" aria-hidden="true">
                { sheets(&geometry, &scene, pull) }
                { question(&geometry, pull) }
                { for scene.layers.iter().enumerate().map(|(n, layer)| registry_box(n, layer, geometry.boxes[n], &scene)) }
                { for forest.slabs.iter().zip(&geometry.slabs).map(|(slab, place)| {
                    store_slab(slab, *place, &store, &scene)
                }) }
                { for scene.layers.iter().enumerate().map(|(n, layer)| {
                    let to = forest.slabs.iter().position(|slab| slab.chain == layer.chain);
                    mover(n, layer, geometry.boxes[n], to.map(|to| geometry.slabs[to]), shop, pull)
                }) }
            </div>
        </div>
    }
}

/// The images of the store that say most about this pull: those that share its base first. The second value is how
/// many are left out.
fn forest(store: &Store, pull: &Pull) -> (Forest, usize) {
    let target = Stack { id: pull.record.id(), chains: pull.record.chain_ids() };
    let mut others: Vec<&StoredImage> = store.images().iter().filter(|image| image.id != target.id).collect();
    others.sort_by_key(|image| (image.chain_ids().first() != target.chains.first(), first_name(store, image)));
    let hidden = others.len().saturating_sub(BESIDE);
    let others = others.into_iter().take(BESIDE);
    let stacks = others.map(|image| Stack { id: image.id.clone(), chains: image.chain_ids().to_vec() });
    (Forest::new(&stacks.chain([target]).collect::<Vec<_>>()), hidden)
}

fn first_name(store: &Store, image: &StoredImage) -> String {
    store.tags().of(&image.id).next().map(ImageName::to_string).unwrap_or_default()
}

fn keys(pull: &Pull, act: &Callback<Action>) -> Callback<KeyboardEvent> {
    let (at, all, playing, act) = (pull.at, pull.plan.events.len(), pull.playing, act.clone());
    Callback::from(move |event: KeyboardEvent| {
        let action = match &*event.key() {
            " " => Action::Play(!playing),
            "ArrowRight" => Action::To(at + 1),
            "ArrowLeft" => Action::To(at.saturating_sub(1)),
            "Home" => Action::To(0),
            "End" => Action::To(all),
            _ => return,
        };
        event.prevent_default();
        act.emit(action);
    })
}

fn side(kind: &str, place: Place, title: AttrValue, note: AttrValue) -> Html {
    html! {
        <div class={format!("ground ground--{kind}")} style={place.style()}>
            <span class="ground__title">{ title }</span>
            <span class="ground__note">{ note }</span>
        </div>
    }
}

/// Tag, manifest and config, at the registry and on their way.
fn sheets(geometry: &Geometry, scene: &Scene, pull: &Pull) -> Html {
    let target = pull.record.target().map(|target| target.digest.clone());
    let sheets = [
        ("tag", scene.tagged, scene.asked, None),
        ("manifest", scene.manifest == Sheet::Here, scene.asked, target),
        ("config", scene.config == Sheet::Here, scene.manifest != Sheet::There, Some(pull.record.id().0)),
    ];
    sheets
        .into_iter()
        .enumerate()
        .map(|(n, (word, came, asked, digest))| {
            let (there, here) = (geometry.sheets_there[n], geometry.sheets_here[n]);
            let known = (n == 2 && scene.image == Sheet::Known) || (n == 1 && scene.manifest == Sheet::Known);
            let name = match word {
                "tag" => pull.plan.name.tag.clone().into(),
                word => text(&format!("picture.sheet.{word}")),
            };
            let class = classes!("sheet", format!("sheet--{word}"), asked.then_some("sheet--asked"));
            let place = if came || known { here } else { there };
            let moved = classes!(
                "sheet",
                "sheet--copy",
                format!("sheet--{word}"),
                (came || known).then_some("sheet--came"),
                known.then_some("sheet--known")
            );
            html! {
                <>
                    <div {class} style={there.style()} key={format!("there-{word}")}><span>{ name.clone() }</span></div>
                    <div class={moved} style={place.style()} key={format!("copy-{word}")}>
                        <span>{ name }</span>{ digest.as_ref().map(seal) }
                    </div>
                </>
            }
        })
        .collect()
}

/// The question on its way to the registry, and the one that is put to the store.
fn question(geometry: &Geometry, pull: &Pull) -> Html {
    let asking = matches!(pull.last(), Some(PullEvent::Ask { .. }));
    let place = if pull.at == 0 { geometry.sheets_here[0] } else { geometry.sheets_there[0] };
    let missing = matches!(pull.last(), Some(PullEvent::ImageLookUp { found: false, .. }));
    html! {
        <>
            <div class={classes!("sheet", "sheet--question", asking.then_some("sheet--asking"))} style={place.style()}
                key="question"><span>{ format!("{}?", pull.plan.name.tag) }</span></div>
            <div class={classes!("sheet", "sheet--question", missing.then_some("sheet--asking"))}
                style={geometry.sheets_here[2].style()} key="image-question">
                <span>{ text("picture.not-here") }</span>
            </div>
        </>
    }
}

fn registry_box(number: usize, layer: &LayerScene, place: Place, scene: &Scene) -> Html {
    let asked = scene.at == Some(number);
    let word = match layer.state {
        LayerState::There | LayerState::LookedFor => "",
        LayerState::Skipped => "skipped",
        LayerState::Exists => "not-needed",
        LayerState::Flying => "flying",
        LayerState::Arrived | LayerState::Open | LayerState::Placed if layer.blob_sealed => "sent",
        LayerState::Arrived | LayerState::Open | LayerState::Placed => "not-needed",
    };
    html! {
        <div class={classes!("box", asked.then_some("box--asked"), (!word.is_empty()).then(|| format!("box--{word}")))}
            style={format!("--h:{};{}", hue(number), place.style())} key={format!("box-{number}")}>
            <b>{ number + 1 }</b>
            <span class="box__size">{ size(layer.size) }</span>
            <span class="box__word">{ if word.is_empty() { AttrValue::default() } else { text(&format!("picture.box.{word}")) } }</span>
        </div>
    }
}

fn store_slab(slab: &Slab, place: Place, store: &Store, scene: &Scene) -> Html {
    let here = store.layers().get(&slab.chain);
    let layer = scene.layers.iter().position(|layer| layer.chain == slab.chain);
    let moving = layer.and_then(|n| scene.layers.get(n));
    let glows = moving.is_some_and(|layer| layer.state == LayerState::Exists);
    let asked = layer.is_some() && layer == scene.at && moving.is_some_and(|it| it.state == LayerState::LookedFor);
    let bytes = here.and_then(|layer| layer.facts).map(|facts| size(facts.unpacked_size));
    let names = slab.images.iter().flat_map(|id| store.tags().of(id)).map(ImageName::to_string);
    let class = classes!(
        "stone",
        if here.is_some() { "stone--here" } else { "stone--awaited" },
        glows.then_some("stone--glows"),
        asked.then_some("stone--asked")
    );
    // Levels of one stack are numbered and coloured as its boxes are; other branches keep colours of their own.
    let colour = if layer.is_some() { slab.level } else { slab.level + 4 };
    html! {
        <div {class} style={format!("--h:{};{}", hue(colour), place.style())} key={slab.chain.to_string()}>
            <b>{ slab.level + 1 }</b>
            <span class="stone__size">{ bytes.unwrap_or_default() }</span>
            { for names.map(|name| html! { <span class="stone__name">{ name }</span> }) }
        </div>
    }
}

/// A box on its way, or the outline of one that does not have to come.
fn mover(number: usize, layer: &LayerScene, from: Place, to: Option<Place>, shop: &Shop, pull: &Pull) -> Html {
    let to = to.unwrap_or(from);
    let (place, word) = match layer.state {
        LayerState::There | LayerState::LookedFor | LayerState::Skipped => (from, "waiting"),
        LayerState::Exists => (to, "outline"),
        LayerState::Flying => (to, "flying"),
        LayerState::Arrived => (to, "arrived"),
        LayerState::Open => (to, "open"),
        LayerState::Placed => (to, "placed"),
    };
    // A flight takes as long as its bytes do.
    let flight = match pull.last() {
        Some(event) if layer.state == LayerState::Flying => pace::pause(event, shop.line),
        _ => 420,
    };
    let travel = f64::from(flight) / shop.speed.max(0.1);
    html! {
        <div class={format!("mover mover--{word}")} key={format!("mover-{number}")}
            style={format!("--h:{};--travel:{travel:.0}ms;{}", hue(number), place.style())}>
            <b>{ number + 1 }</b>
            if layer.state == LayerState::Exists { <span class="mover__word">{ text("picture.exists") }</span> }
            if layer.blob_sealed && layer.state != LayerState::Placed { { seal(&layer.blob) } }
        </div>
    }
}

/// The small glyph of a digest, ticked: it was computed and is the one that was asked for.
fn seal(digest: &Digest) -> Html {
    let Some(picture) = glyph::glyph(digest.encoded()) else { return Html::default() };
    html! {
        <svg class="tinyseal" viewBox="-13 -13 26 26" width="24" height="24">
            <circle r="11.5" />
            <path style={format!("--h:{}", picture.hue)} d={glyph::path(&picture, 2.6)} />
        </svg>
    }
}
