use yew::prelude::*;
use yew_router::prelude::*;

use super::{ArchiveCard, pickers};
use crate::{
    hooks::Opened,
    i18n::text,
    pages::Route,
    state::{Archive, Shared},
};

/// The archives that are open, side by side, and the way to open another.
pub fn shelf(archives: &[Shared<Archive>], route: &Route, on_open: &Callback<Vec<Opened>>) -> Html {
    let current = archives.iter().map(|archive| archive.key.as_str()).find(|key| route.key() == Some(*key));
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
            if current.is_some() || *route == Route::Forest {
                { pickers(on_open) }
            }
        </nav>
    }
}
