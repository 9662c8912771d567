use layerlab_core::{
    display::harmless_text,
    forest::{Forest, Planted},
};
use layerlab_web::view_model::{format, instruction, stack};
use yew::prelude::*;

use super::geometry::{Block, Picture};
use crate::{fill, plural, text};

/// Height of a slab with the gap above it, in CSS pixels; the style sheet knows the same.
const ROW: usize = 62;
/// Least width of a column.
const COLUMN: usize = 148;

/// The trees: bases on the ground, branches above their trunks, names in the crowns.
pub fn trees(forest: &Forest, picture: &Picture, chosen: Option<usize>, on_block: &Callback<usize>) -> Html {
    let (columns, height) = (picture.columns.max(1), (picture.rows + 1) * ROW);
    html! {
        <div class="forest__scroll">
            <div class="forest__field" style={format!("height:{height}px;min-width:{}px", columns * COLUMN)}>
                { for picture.blocks.iter().enumerate().map(|(index, block)| {
                    let onclick = on_block.reform(move |_: MouseEvent| index);
                    html! {
                        <button
                            class={classes!("treeslab", (block.nodes.len() > 1).then_some("treeslab--many"))} {onclick} aria-pressed={(chosen == Some(index)).to_string()}
                            data-testid="tree-slab" style={place(block.column, block.span, block.row, columns, hue(forest, block))}
                            aria-label={label(forest, block)}
                        >
                            <b>{ plural("forest.layers", block.nodes.len() as u64) }</b>
                            <span>{ format::bytes(block.bytes.unpacked) }</span>
                            if block.span > 1 { <small>{ plural("forest.shared-by", block.span as u64) }</small> }
                        </button>
                    }
                }) }
                { for picture.crowns.iter().filter_map(|crown| {
                    let planted = forest.images.get(crown.image)?;
                    Some(html! {
                        <span class="crown" style={place(crown.column, 1, crown.row, columns, 0)} title={planted.tags.iter().map(|tag| harmless_text(tag)).collect::<Vec<_>>().join(", ")}>
                            <code>{ name(planted) }</code>
                            <small>{ fill("forest.own", &[("bytes", &format::bytes(planted.own.unpacked))]) }</small>
                        </span>
                    })
                }) }
            </div>
        </div>
    }
}

/// The layers of one slab, and who stands on it.
pub fn details(forest: &Forest, block: &Block) -> Html {
    let nodes = || block.nodes.iter().rev().filter_map(|&node| forest.nodes.get(node));
    let images = nodes().next().map(|node| node.images.as_slice()).unwrap_or_default();
    html! {
        <section class="treedetails" aria-live="polite" data-testid="tree-details">
            <h2>{ plural("forest.layers", block.nodes.len() as u64) }{ ", " }{ format::bytes(block.bytes.unpacked) }</h2>
            <p class="map__about">
                { plural("forest.shared-by", images.len() as u64) }{ ": " }
                { images.iter().filter_map(|&image| forest.images.get(image)).map(name).collect::<Vec<_>>().join(", ") }
            </p>
            <ol class="minislabs" reversed={true}>
                { for nodes().map(|node| html! {
                    <li class="minislab" style={format!("--h:{}", stack::hue(usize::try_from(node.height).unwrap_or_default()))}>
                        <b>{ node.height + 1 }</b>
                        <code>{ node.created_by.as_deref().map(instruction::plain).unwrap_or_default() }</code>
                        if !node.computed { <small class="minislab__twin">{ text("forest.declared") }</small> }
                        if node.twin { <small class="minislab__twin">{ text("forest.twin") }</small> }
                        <small class="minislab__id"><code>{ node.chain_id.0.short() }</code></small>
                        <span>{ format::bytes(node.bytes.unpacked) }</span>
                    </li>
                }) }
            </ol>
        </section>
    }
}

pub fn name(planted: &Planted) -> String {
    let short = planted.config_digest.as_ref().map(|id| id.0.short().to_owned());
    planted.tags.first().map(|tag| harmless_text(tag)).or(short).unwrap_or_else(|| "—".into())
}

fn label(forest: &Forest, block: &Block) -> AttrValue {
    let images = block.nodes.last().and_then(|&node| forest.nodes.get(node)).map(|node| node.images.as_slice());
    let names: Vec<String> =
        images.unwrap_or_default().iter().filter_map(|&image| forest.images.get(image)).map(name).take(6).collect();
    fill(
        "forest.label",
        &[
            ("layers", &plural("forest.layers", block.nodes.len() as u64)),
            ("bytes", &format::bytes(block.bytes.unpacked)),
            ("images", &names.join(", ")),
        ],
    )
}

fn hue(forest: &Forest, block: &Block) -> u16 {
    let height = block.nodes.first().and_then(|&node| forest.nodes.get(node)).map_or(0, |node| node.height);
    stack::hue(usize::try_from(height).unwrap_or_default())
}

fn place(column: usize, span: usize, row: usize, columns: usize, hue: u16) -> String {
    let share = |n: usize| n as f64 / columns as f64 * 100.0;
    format!("--h:{hue};left:{:.4}%;width:calc({:.4}% - 6px);bottom:{}px", share(column), share(span), row * ROW)
}
