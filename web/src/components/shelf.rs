use yew::prelude::*;
use yew_router::prelude::*;

use super::{ArchiveCard, pickers};
use crate::{
    hooks::Opened,
    i18n::text,
    pages::Route,
    state::{Archive, Shared},
};

/// The archives that are open, side by side, and, where the page has none of its own, the way to open another.
pub fn shelf(
    archives: &[Shared<Archive>],
    current: Option<&str>,
    picks: bool,
    on_open: &Callback<Vec<Opened>>,
) -> Html {
    if archives.is_empty() {
        return Html::default();
    }
    html! {
        <nav class="shelf" aria-label={text("shelf.label")}>
            <ul class="shelf__list">
                { for archives.iter().map(|archive| html! {
                    <ArchiveCard key={archive.id.0} archive={archive.clone()} current={current == Some(archive.key.as_str())} />
                }) }
            </ul>
            if archives.len() > 1 {
                <Link<Route> classes="button" to={Route::Forest}>{ text("shelf.forest") }</Link<Route>>
            }
            if picks {
                { pickers(on_open) }
            }
        </nav>
    }
}
