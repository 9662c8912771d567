//! Images beside the stack: as branches that share their trunk, at the registry, and as the engine keeps them on disk.

use std::collections::{BTreeMap, BTreeSet};

use layerlab_core::{
    display::harmless,
    lesson::Command,
    overlay::{
        Kind,
        engine::{Engine, Image},
    },
};
use layerlab_web::view_model::{format, stack};
use yew::prelude::*;

use super::WorkHandle;
use crate::{bench::Todo, fill, plural, text};

/// A layer with what stands on it.
#[derive(Debug, Default, PartialEq)]
struct Branch {
    size: u64,
    made_by: String,
    /// Images that end here, by their names.
    images: Vec<String>,
    above: BTreeMap<String, Branch>,
}

pub fn forest(work: &WorkHandle) -> Html {
    let trees = trees(work.0.engine());
    html! {
        <section class="panel" data-testid="forest">
            <h2>{ text("forest.title") }</h2>
            if trees.is_empty() { <p class="panel__note">{ text("forest.empty") }</p> }
            <ul class="forest">{ for trees.values().map(|branch| drawn(branch, 0)) }</ul>
        </section>
    }
}

fn drawn(branch: &Branch, depth: usize) -> Html {
    html! {
        <li>
            <div class="forest__layer" style={format!("--h:{}", stack::hue(depth))}>
                <b>{ depth }</b>
                <code>{ harmless(branch.made_by.as_bytes()) }</code>
                <span>{ format::bytes(branch.size) }</span>
            </div>
            { for branch.images.iter().map(|name| html! { <span class="forest__image">{ harmless(name.as_bytes()) }</span> }) }
            if !branch.above.is_empty() {
                <ul>{ for branch.above.values().map(|branch| drawn(branch, depth + 1)) }</ul>
            }
        </li>
    }
}

fn trees(engine: &Engine) -> BTreeMap<String, Branch> {
    let mut trees: BTreeMap<String, Branch> = BTreeMap::new();
    for image in engine.images() {
        let names: Vec<String> =
            engine.tags().iter().filter(|(_, id)| **id == image.id).map(|(name, _)| name.clone()).collect();
        let mut steps = image.history.iter().filter(|step| step.has_layer);
        let mut at = &mut trees;
        let last = image.layers.len().saturating_sub(1);
        for (number, (layer, chain)) in image.layers.iter().zip(image.chain_ids()).enumerate() {
            let made_by = steps.next().map(|step| step.created_by.clone()).unwrap_or_default();
            let branch = at.entry(chain.0.to_string()).or_default();
            (branch.size, branch.made_by) = (layer.size, made_by);
            if number == last {
                branch.images.extend(if names.is_empty() {
                    vec![image.id.0.short().to_string()]
                } else {
                    names.clone()
                });
            }
            at = &mut branch.above;
        }
    }
    trees
}

/// The registry on one side, and which of its layers are here.
pub fn registry(work: &WorkHandle) -> Html {
    let engine = work.0.engine();
    let here: BTreeSet<String> =
        engine.images().iter().flat_map(|image| image.chain_ids()).map(|chain| chain.0.to_string()).collect();
    html! {
        <section class="panel" data-testid="registry">
            <h2>{ text("registry.title") }</h2>
            <ul class="registry">{ for engine.registry().map(|(name, image)| published(work, name, image, &here)) }</ul>
        </section>
    }
}

fn published(work: &WorkHandle, name: &str, image: &Image, here: &BTreeSet<String>) -> Html {
    let engine = work.0.engine();
    let plan = engine.pull_plan(name).ok();
    let (came, saved) = plan.as_ref().map_or((0, 0), |plan| (plan.bytes.layers, plan.bytes.saved));
    let is_here = engine.images().iter().any(|other| other.id == image.id);
    let command = Command::host(format!("docker pull {name}"));
    let work = work.clone();
    html! {
        <li class="registry__image">
            <div class="registry__head">
                <code>{ harmless(name.as_bytes()) }</code>
                <span class="panel__note">
                    { if is_here { text("registry.here") } else {
                        fill("registry.plan", &[("came", &format::bytes(came)), ("saved", &format::bytes(saved))])
                    } }
                </span>
                <button type="button" class="act" onclick={move |_| work.dispatch(Todo::Run(command.clone()))}>
                    { text("registry.pull") }
                </button>
            </div>
            <ol class="registry__layers" aria-label={plural("registry.layers", image.layers.len() as u64)}>
                { for image.layers.iter().zip(image.chain_ids()).enumerate().map(|(at, (layer, chain))| {
                    let present = here.contains(&chain.0.to_string());
                    html! {
                        <li class={classes!("registry__layer", present.then_some("is-here"))} style={format!("--h:{}", stack::hue(at))}>
                            { at }<small>{ format::bytes(layer.size) }</small>
                            <span class="unseen">{ if present { text("registry.layer-here") } else { text("registry.layer-there") } }</span>
                        </li>
                    }
                }) }
            </ol>
        </li>
    }
}

/// What overlay2 keeps on disk for the images and containers that are here.
pub fn storage(work: &WorkHandle) -> Html {
    /// Of longer files (a config) the beginning.
    const SHOWN: usize = 200;
    let storage = work.0.engine().storage();
    let lines = storage.walk().into_iter().filter_map(|(path, ino)| {
        let shown = path.to_string();
        // What is in a layer is in the picture; here is how the engine keeps account of it.
        let inside_a_layer = shown.contains("/overlay2/") && (shown.contains("/diff/") || shown.contains("/merged/"));
        let content = match &storage.inode(ino).kind {
            Kind::File(content) => harmless(&content.bytes(1 << 20)?),
            Kind::Symlink(target) => format!("→ {}", harmless(target)),
            _ => return None,
        };
        if inside_a_layer {
            return None;
        }
        let cut: String = content.chars().take(SHOWN).collect();
        let more = if cut.len() < content.len() { "…" } else { "" };
        Some(html! { <><dt><code>{ shown }</code></dt><dd><code>{ cut }{ more }</code></dd></> })
    });
    html! {
        <section class="panel" data-testid="storage">
            <h2>{ text("storage.title") }</h2>
            <dl class="storage">{ for lines }</dl>
            <p class="panel__note">{ text("disk.invented") }</p>
        </section>
    }
}
