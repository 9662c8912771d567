//! Eleven images in two trees: pull them, name them, remove them, and see which layers stay.

use std::rc::Rc;

use layerlab_core::{
    display::size,
    store::{ImageName, Measure, Store},
};
use layerlab_web::view_model::stack::hue;
use yew::prelude::*;

use super::store::{button, removal};
use crate::{
    fill,
    picture::{Forest, Slab, forest::Stack},
    samples::{Sample, Set},
    state::{Action, Samples, Shop},
    text,
};

pub fn forest(shop: &Shop, act: &Callback<Action>) -> Html {
    let Samples::Here(samples) = &shop.samples else {
        return html! { <p class="empty" role="status">{ text("picture.samples-coming") }</p> };
    };
    let nodes: Vec<&Rc<Sample>> = samples.iter().filter(|sample| matches!(sample.set, Set::Forest { .. })).collect();
    let stacks: Vec<Stack> =
        nodes.iter().map(|it| Stack { id: it.record.id(), chains: it.record.chain_ids() }).collect();
    let (forest, store) = (Forest::new(&stacks), shop.store());
    let usage = store.usage_of(Measure::Unpacked, |image| stacks.iter().any(|stack| stack.id == image.id));
    html! {
        <div class="forestpage">
            <p>{ text("picture.forest.about") }</p>
            <div class="scrolls" tabindex="0" role="region" aria-label={text("picture.forest.picture")}>
                <div class="trees" aria-hidden="true" style={format!("--levels:{}", forest.levels)}>
                    { for forest.slabs.iter().map(|slab| tree_slab(slab, &forest, &store, &nodes)) }
                </div>
            </div>
            <p class="forestpage__sum" role="status">{ fill("picture.forest.sum", &[
                ("logical", &size(usage.logical)), ("physical", &size(usage.physical)), ("saved", &size(usage.saved())),
            ]) }</p>
            <ul class="nodes">{ for nodes.iter().map(|sample| node(sample, &store, act)) }</ul>
            if let Some(Ok(removed)) = &shop.removed { { removal(removed, &store) } }
            <p class="choices__note">{ text("picture.forest.words") }</p>
        </div>
    }
}

fn tree_slab(slab: &Slab, forest: &Forest, store: &Store, nodes: &[&Rc<Sample>]) -> Html {
    let here = store.layers().contains(&slab.chain);
    let node = nodes.iter().find(|node| slab.images.contains(&node.record.id()));
    let number = node.map_or(slab.number, |node| match node.set {
        Set::Forest { node, .. } => node,
        Set::Redis { .. } => slab.number,
    });
    let share = |n: usize| n as f64 * 100.0 / forest.columns.max(1) as f64;
    let style = format!(
        "--h:{};left:{:.3}%;width:calc({:.3}% - 6px);--level:{}",
        hue(number),
        share(slab.from),
        share(slab.span),
        slab.level
    );
    let is_image = slab.images.iter().any(|id| store.images().contains(id));
    html! {
        <div class={classes!("stone", if here { "stone--here" } else { "stone--awaited" }, is_image.then_some("stone--image"))}
            {style} key={slab.chain.to_string()}>
            <b>{ number }</b>
            <span class="stone__name">{ node.map(|node| node.name.to_string()).unwrap_or_default() }</span>
        </div>
    }
}

fn node(sample: &Rc<Sample>, store: &Store, act: &Callback<Action>) -> Html {
    let id = sample.record.id();
    let here = store.images().contains(&id);
    let names: Vec<String> = store.tags().of(&id).map(ImageName::to_string).collect();
    let Set::Forest { node, parent } = sample.set else { return Html::default() };
    let parent = match parent {
        Some(parent) => fill("picture.forest.on", &[("parent", &parent)]),
        None => text("picture.forest.base"),
    };
    html! {
        <li class={classes!("node", here.then_some("node--here"))} key={node}>
            <span class="node__name"><b>{ node }</b>{ " " }<code>{ sample.name.to_string() }</code></span>
            <small>{ parent }{ if here && names.len() > 1 { format!(" · {}", names.join(", ")) } else { String::new() } }</small>
            <span class="node__acts">
                if here {
                    { button("picture.images.tag", act, Action::Tag { id: id.clone(), name: ImageName { tag: "mine".into(), ..sample.name.clone() } }) }
                    { for names.first().map(|name| button("picture.images.remove", act, Action::Remove(name.clone()))) }
                } else {
                    { button("picture.forest.pull", act, Action::Keep { name: Some(sample.name.clone()), record: sample.record.clone() }) }
                }
            </span>
        </li>
    }
}
