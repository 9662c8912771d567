use yew::prelude::*;

use super::brand::brand;
use crate::{
    hooks::{Opened, use_file_drop},
    i18n::text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct DropZoneProps {
    pub on_open: Callback<Vec<Opened>>,
}

/// Covers the window while files are dragged over it.
#[component(DropZone)]
pub fn drop_zone(props: &DropZoneProps) -> Html {
    if !use_file_drop(props.on_open.clone()) {
        return Html::default();
    }
    html! {
        <div class="drop" data-testid="drop-zone">
            <div class="drop__card">
                { brand() }
                <p class="drop__title">{ text("drop.title") }</p>
                <p>{ text("privacy.long") }</p>
            </div>
        </div>
    }
}
