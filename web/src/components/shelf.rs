use yew::prelude::*;

use super::{ArchiveCard, Pickers};
use crate::{
    hooks::Opened,
    i18n::text,
    state::{Archive, Shared},
};

#[derive(Debug, PartialEq, Properties)]
pub struct ShelfProps {
    pub archives: Vec<Shared<Archive>>,
    /// Key of the archive that is shown.
    pub current: Option<AttrValue>,
    pub on_open: Callback<Vec<Opened>>,
}

/// The archives that are open, side by side, and the way to open another.
#[component(Shelf)]
pub fn shelf(props: &ShelfProps) -> Html {
    if props.archives.is_empty() {
        return Html::default();
    }
    html! {
        <nav class="shelf" aria-label={text("shelf.label")}>
            <ul class="shelf__list">
                { for props.archives.iter().map(|archive| html! {
                    <ArchiveCard key={archive.id.0} archive={archive.clone()} current={props.current.as_deref() == Some(&archive.key)} />
                }) }
            </ul>
            if props.current.is_some() {
                <Pickers on_open={props.on_open.clone()} />
            }
        </nav>
    }
}
