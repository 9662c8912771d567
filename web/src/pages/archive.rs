use layerlab_core::display::harmless_text;
use yew::prelude::*;
use yew_router::prelude::*;

use super::{Pane, Route, image::ImagePage};
use crate::{
    components::{failure_note, progress_bar},
    hooks::use_title,
    i18n::{fill, text},
    state::{Archive, Phase, Shared},
};

#[derive(Debug, PartialEq, Properties)]
pub struct ArchivePageProps {
    pub archive: Shared<Archive>,
    pub route: Route,
}

/// One archive: how far it is, and its images as soon as they are known.
#[component(ArchivePage)]
pub fn archive_page(props: &ArchivePageProps) -> Html {
    let archive = &props.archive;
    let plan = archive.plan.as_ref();
    let (image, pane) = match props.route {
        Route::Image { image, pane, .. } => (Some(image), pane),
        _ => (archive.offer.default, Pane::Layers),
    };
    use_settled_address(archive, &props.route, image, pane);
    let name = harmless_text(&archive.source.name);
    use_title(fill("title.page", &[("name", &name)]).to_string());
    let trouble = match &archive.phase {
        Phase::Failed(failure) => failure_note(&name, failure),
        Phase::Cancelled => html! { <p class="empty">{ fill("archive.cancelled-long", &[("name", &name)]) }</p> },
        _ => Html::default(),
    };
    let listed = plan.zip(image).is_some_and(|(plan, image)| image < plan.images.len());
    html! {
        <>
            { trouble }
            if archive.is_busy() { { progress_bar(archive) } }
            if let Some(image) = image.filter(|_| listed) {
                <ImagePage archive={archive.clone()} {image} {pane} />
            } else if plan.is_some() {
                <p class="empty">{ text("archive.no-such-image") }</p>
            } else if archive.is_busy() {
                <p class="empty">{ fill("archive.opening", &[("name", &name)]) }</p>
            }
        </>
    }
}

/// While an archive is opened its address is a number of this visit. As soon as its content is known the address is
/// made from that, in the same place of the history.
#[hook]
fn use_settled_address(archive: &Shared<Archive>, route: &Route, image: Option<usize>, pane: Pane) {
    let navigator = use_navigator();
    let settled = match route {
        Route::Image { key, .. } => *key == archive.key,
        _ => false,
    };
    let wanted = (!settled && archive.plan.is_some()).then_some(image).flatten();
    let wanted = wanted.map(|image| Route::Image { key: archive.key.clone(), image, pane });
    use_effect_with(wanted, move |wanted| {
        if let (Some(route), Some(navigator)) = (wanted, navigator) {
            navigator.replace(route);
        }
    });
}
