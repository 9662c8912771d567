use layerlab_core::{display::harmless_text, verify::Verdict};
use yew::prelude::*;

use super::{Copy, findings::compared, icons};
use crate::{
    i18n::{fill, text},
    state::{Archive, Shared},
    view_model::{
        chain::{self, Link, LinkSubject},
        slabs::View,
        stack, words,
    },
};

#[derive(Debug, PartialEq, Properties)]
pub struct ChainProps {
    pub archive: Shared<Archive>,
    pub image: usize,
}

/// Layers that are added at a time.
const PAGE: usize = 25;

/// Archive, index, manifest, config, and for each layer its diff_id, blob and chain ID.
#[component(Chain)]
pub fn chain(props: &ChainProps) -> Html {
    let shown = use_state_eq(|| PAGE);
    let Some(view) = View::new(&props.archive, props.image) else { return Html::default() };
    let more = {
        let shown = shown.clone();
        Callback::from(move |_| shown.set(*shown + PAGE))
    };
    let ids = chain::ids(&view);
    let id = |key: &str, value: Option<String>| {
        value.map(|value| {
            html! {
                <div><dt>{ text(key) }</dt><dd><Copy {value} what={text(key)} /></dd></div>
            }
        })
    };
    html! {
        <div class="chain" data-testid="chain">
            <section class="chain__ids">
                <h2>{ text("chain.ids") }</h2>
                <dl>
                    { id("chain.classic", ids.classic) }
                    { id("chain.containerd", ids.containerd) }
                    { id("chain.top", ids.chain) }
                </dl>
            </section>
            <section>
                <h2>{ text("chain.title") }</h2>
                <ol class="chain__links">
                    <li class="chain__step"><p class="chain__archive">{ icons::strapped_box() }{ harmless_text(&props.archive.source.name) }</p></li>
                    { for chain::documents(&view).into_iter().map(|link| html! { <li class="chain__step">{ link_row(&link) }</li> }) }
                    { for (0..view.layers().min(*shown)).map(|layer| html! {
                        <li class="chain__step chain__layer" key={layer} style={format!("--h:{}", stack::hue(layer))}>
                            <h3>{ fill("scope.layer", &[("n", &(layer + 1))]) }</h3>
                            { for chain::layer(&view, layer).into_iter().map(|link| link_row(&link)) }
                        </li>
                    }) }
                </ol>
                if view.layers() > *shown {
                    <button class="button" onclick={more}>{ fill("table.more", &[("n", &(view.layers() - *shown))]) }</button>
                }
            </section>
        </div>
    }
}

/// One link: who declares it, what is declared, what was computed, and whether the two are one.
pub fn link_row(link: &Link) -> Html {
    let word = link.subject.word();
    let name = text(&format!("chain.{word}"));
    let matches = match link.verdict {
        Verdict::Match => Some(true),
        Verdict::Mismatch => Some(false),
        Verdict::NotChecked => None,
    };
    let verdict = words::verdict(link.verdict);
    let class = words::name(verdict);
    // Nothing declares a chain ID: it is what the diff_ids make.
    let derived = link.subject == LinkSubject::Chain && link.declared.is_none();
    let by = match &link.declared_by {
        Some(by) => fill("chain.declared-by", &[("by", &harmless_text(by))]),
        None if link.declared.is_some() || derived => text(&format!("chain.{word}-by")),
        None => text("chain.undeclared"),
    };
    let value = |key: &str, value: &Option<String>| {
        value.as_ref().map(|value| {
            html! {
                <><dt>{ text(key) }</dt><dd><Copy value={harmless_text(value)} what={name.clone()} /></dd></>
            }
        })
    };
    let values = match (&link.declared, &link.computed) {
        (Some(declared), Some(computed)) if link.verdict == Verdict::Mismatch => {
            html! { { compared(declared, computed) } }
        }
        (declared, computed) => html! {
            <dl class="link__values">
                { value("compared.declared", declared) }
                { value("compared.computed", computed) }
                if declared.is_none() && computed.is_none() { <dt>{ text("chain.nothing") }</dt> }
            </dl>
        },
    };
    html! {
        <div class={classes!("link", format!("link--{class}"))} data-testid="link" data-verdict={class}>
            <p class="link__head">
                <span class="link__name">{ name.clone() }</span>
                <span class="link__verdict">{ icons::verdict(matches) }{ text(if derived && link.computed.is_some() { "verdict.derived" } else { verdict }) }</span>
            </p>
            <p class="link__by">{ by }</p>
            { values }
        </div>
    }
}
