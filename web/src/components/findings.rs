use layerlab_core::{display::harmless_text, finding::Finding};
use yew::prelude::*;

use crate::{
    i18n::{Language, fill, plural, text},
    state::Archive,
    view_model::{
        findings::{self, Group, Scope},
        format, hex,
        slabs::View,
        words,
    },
};

/// Findings of a severity that are drawn at once; an archive can have thousands.
const SHOWN: usize = 200;

/// What is wrong, odd or worth knowing, the worst first.
pub fn findings(archive: &Archive, image: usize) -> Html {
    let views = archive.offer.views(image);
    let views: Vec<View<'_>> = views.into_iter().filter_map(|image| View::new(archive, image)).collect();
    let groups = findings::groups(&views);
    if groups.is_empty() {
        let key = if archive.is_busy() { "findings.none-yet" } else { "findings.none" };
        return html! { <p class="empty">{ text(key) }</p> };
    }
    html! { <div class="findings" data-testid="findings">{ for groups.iter().map(group) }</div> }
}

fn group(group: &Group) -> Html {
    let hidden = group.items.len().saturating_sub(SHOWN);
    html! {
        <section>
            <h2>{ text(words::severity(group.severity)) }{ " " }<span class="count">{ format::count(group.items.len() as u64) }</span></h2>
            { for group.items.iter().take(SHOWN).map(|(scope, finding)| finding_item(Some(*scope), finding)) }
            if hidden > 0 { <p class="empty">{ plural("findings.more", hidden as u64) }</p> }
        </section>
    }
}

/// One finding: its name, what it means, the engine's sentence, and where it is.
pub fn finding_item(scope: Option<Scope>, finding: &Finding) -> Html {
    let scope = scope.map(|scope| match scope {
        Scope::Archive => text("scope.archive"),
        Scope::Image => text("scope.image"),
        Scope::Layer(layer) => fill("scope.layer", &[("n", &(layer + 1))]),
    });
    let severity = words::name(words::severity(finding.severity));
    html! {
        <article class={classes!("finding", format!("finding--{severity}"))} data-testid="finding" data-code={finding.code.as_str()}>
            <p class="finding__title">
                { text(&format!("finding.{}", finding.code.as_str())) }
                if let Some(scope) = scope { <span class="finding__scope">{ scope }</span> }
            </p>
            <p class="finding__about">{ text(&format!("finding-about.{}", finding.code.as_str())) }</p>
            { sentence(finding) }
            if let Some(path) = &finding.path { <p class="finding__where"><code>{ path }</code></p> }
            if let Some(offset) = finding.offset { <p class="finding__where">{ fill("finding-at", &[("offset", &format::count(offset))]) }</p> }
            if let (Some(expected), Some(found)) = (&finding.expected, &finding.found) { { compared(expected, found) } }
        </article>
    }
}

/// The engine's own sentence holds what no catalogue can: it is English, and in another language a detail.
fn sentence(finding: &Finding) -> Html {
    let said = html! { <p class="finding__sentence" lang="en">{ harmless_text(&finding.message) }</p> };
    match Language::spoken() {
        Language::English => said,
        Language::SimplifiedChinese => {
            html! { <details><summary>{ text("finding-sentence") }</summary>{ said }</details> }
        }
    }
}

/// Two values, one above the other, in columns of equal width: what differs stands out.
pub fn compared(declared: &str, computed: &str) -> Html {
    let (declared, computed) = (harmless_text(declared), harmless_text(computed));
    let (declared, computed) = hex::align(&declared, &computed);
    let line = |runs: Vec<hex::Run>| {
        html! {
            <code>{ for runs.into_iter().map(|run| if run.differs { html! { <mark>{ run.text }</mark> } } else { html! { run.text } }) }</code>
        }
    };
    html! {
        <dl class="compared">
            <dt>{ text("compared.expected") }</dt><dd>{ line(declared) }</dd>
            <dt>{ text("compared.found") }</dt><dd>{ line(computed) }</dd>
        </dl>
    }
}
