use layerlab_core::compare::{DiffDocument, How, Verdict};
use layerlab_web::view_model::format;
use yew::prelude::*;

use crate::{fill, plural, text};

/// The comparison in one line, and the figures of the trees.
pub fn verdict(document: &DiffDocument) -> Html {
    let same = matches!(document.verdict, Verdict::SameImage | Verdict::SameLayers | Verdict::SameTree);
    let class = classes!("verdict", if same { "verdict--same" } else { "verdict--other" });
    let strict = document.how == How::Strict;
    let bytes = |bytes: Option<u64>| bytes.map_or_else(|| "—".to_owned(), format::bytes);
    html! {
        <section {class} aria-live="polite" data-testid="verdict">
            <p class="verdict__line"><span class="verdict__sign" aria-hidden="true">{ if same { "=" } else { "≠" } }</span>{ sentence(document.verdict) }</p>
            <p class="verdict__facts">
                <span>{ plural("compare.trunk", document.layers.trunk) }</span>
                if let Some(counts) = document.counts { <span>{ plural("compare.same-paths", counts.same) }</span> }
                <span>{ fill("compare.sizes", &[("a", &bytes(document.a.bytes)), ("b", &bytes(document.b.bytes))]) }</span>
                <span>{ text(if strict { "compare.how.strict" } else { "compare.how.semantic" }) }</span>
            </p>
        </section>
    }
}

fn sentence(verdict: Verdict) -> AttrValue {
    match verdict {
        Verdict::SameImage => text("compare.verdict.same-image"),
        Verdict::SameLayers => text("compare.verdict.same-layers"),
        Verdict::SameTree => text("compare.verdict.same-tree"),
        Verdict::OtherConfig { changes } => plural("compare.verdict.other-config", changes),
        Verdict::Different { added, removed, changed, config } => {
            let count = format::count;
            let figures: [(&str, &dyn std::fmt::Display); 4] = [
                ("added", &count(added)),
                ("removed", &count(removed)),
                ("changed", &count(changed)),
                ("config", &count(config)),
            ];
            fill(if config > 0 { "compare.verdict.different-both" } else { "compare.verdict.different" }, &figures)
        }
        Verdict::Undecided => text("compare.verdict.undecided"),
    }
}
