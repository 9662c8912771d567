use layerlab_core::lesson::{Block, Span};
use yew::prelude::*;

/// A section of text. Nothing in it can be markup: the core reads prose into blocks and spans.
pub fn blocks(blocks: &[Block]) -> Html {
    html! {
        { for blocks.iter().map(|block| match block {
            Block::Paragraph(inside) => html! { <p>{ spans(inside) }</p> },
            Block::Aside(inside) => html! { <aside class="prose__aside">{ spans(inside) }</aside> },
            Block::Code(code) => html! { <pre class="panel__code">{ code }</pre> },
            Block::List { ordered: true, items } => {
                html! { <ol class="prose__list">{ for items.iter().map(|item| html! { <li>{ spans(item) }</li> }) }</ol> }
            }
            Block::List { ordered: false, items } => {
                html! { <ul class="prose__list">{ for items.iter().map(|item| html! { <li>{ spans(item) }</li> }) }</ul> }
            }
        }) }
    }
}

pub fn spans(spans: &[Span]) -> Html {
    html! {
        { for spans.iter().map(|span| match span {
            Span::Plain(text) => html! { { text } },
            Span::Code(text) => html! { <code>{ text }</code> },
            Span::Emphasis(text) => html! { <em>{ text }</em> },
            Span::Strong(text) => html! { <strong>{ text }</strong> },
            Span::Link { text, address } if address.starts_with("#/") => html! { <a href={address.clone()}>{ text }</a> },
            Span::Link { text, address } => {
                html! { <a href={address.clone()} target="_blank" rel="noopener noreferrer nofollow">{ text }</a> }
            }
        }) }
    }
}
