use yew::prelude::*;

use super::Copy;
use crate::{
    i18n::text,
    state::Archive,
    view_model::{format, words},
};

/// Rows that are drawn: an archive can list thousands of documents.
const SHOWN: usize = 300;

/// The documents of the archive, and what it lists besides images: attestations and artifacts.
pub fn documents(archive: &Archive) -> Html {
    let Some(plan) = &archive.plan else { return Html::default() };
    let others = &archive.offer.documents;
    html! {
        <div class="documents" data-testid="documents">
            if !others.is_empty() {
                <section>
                    <h2>{ text("documents.others") }</h2>
                    <ul class="documents__list">
                        { for others.iter().take(SHOWN).map(|pick| html! {
                            <li>
                                <span class="documents__role">{ text(words::nature(pick.nature)) }</span>
                                <span>{ pick.title().unwrap_or("—").to_owned() }</span>
                                <span>{ pick.platform.clone() }</span>
                            </li>
                        }) }
                    </ul>
                </section>
            }
            <section>
                <h2>{ text("documents.title") }</h2>
                if plan.documents.is_empty() { <p class="empty">{ text("documents.none") }</p> }
                <ul class="documents__list">
                    { for plan.documents.iter().take(SHOWN).map(|document| html! {
                        <li>
                            <span class="documents__role">{ text(words::role(document.role)) }</span>
                            <code>{ &document.path }</code>
                            <span>{ format::bytes(document.location.size) }</span>
                            <Copy value={document.digest.to_string()} what={text("documents.digest")} />
                        </li>
                    }) }
                </ul>
            </section>
        </div>
    }
}
