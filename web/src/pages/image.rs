use layerlab_core::archive::ImageNature;
use yew::prelude::*;
use yew_router::prelude::*;

use super::{Pane, Query, Route};
use crate::{
    components::{
        Chain, ImagePicker, LayerTable, LazyModule, Strata, Trust, documents, findings, layer_details, mismatch,
        two_seals, waste_panel,
    },
    hooks::Commands,
    i18n::{fill, plural, text},
    state::{Archive, Phase, Shared},
    view_model::{self, format, slabs::View, words},
};

#[derive(Debug, PartialEq, Properties)]
pub struct ImagePageProps {
    pub archive: Shared<Archive>,
    pub image: usize,
    pub pane: Pane,
}

/// One image: its name, its two seals, and its sides.
#[component(ImagePage)]
pub fn image_page(props: &ImagePageProps) -> Html {
    let ImagePageProps { archive, image, pane } = props;
    let navigator = use_navigator();
    let query = use_location().and_then(|location| location.query::<Query>().ok()).unwrap_or_default();
    let go = {
        let (navigator, key) = (navigator, archive.key.clone());
        move |image: usize, pane: Pane, layer: Option<usize>| {
            if let Some(navigator) = &navigator {
                let route = Route::Image { key: key.clone(), image, pane };
                let next = Query { layer: layer.map(|layer| layer + 1) };
                // Walking from layer to layer is one step of the history, not fifty.
                let _ = match (query.layer, next.layer) {
                    (Some(_), Some(_)) => navigator.replace_with_query(&route, next),
                    (_, Some(_)) => navigator.push_with_query(&route, next),
                    (_, None) => {
                        navigator.push(&route);
                        Ok(())
                    }
                };
            }
        }
    };
    let on_image = {
        let (go, pane) = (go.clone(), *pane);
        Callback::from(move |image| go(image, pane, None))
    };
    let on_layer = {
        let (go, image, pane) = (go.clone(), *image, *pane);
        Callback::from(move |layer| go(image, pane, layer))
    };
    let Some(view) = View::new(archive, *image) else { return Html::default() };
    let layer = query.layer.and_then(|number| number.checked_sub(1)).filter(|layer| *layer < view.layers());
    let side = match pane {
        Pane::Layers => html! {
            <div class={classes!("layers", layer.map(|_| "layers--split"))}>
                <div class="layers__stack">
                    <Strata archive={archive.clone()} image={*image} {layer} on_layer={on_layer.clone()} />
                    { waste_panel(archive, *image) }
                </div>
                if let Some(layer) = layer {
                    { layer_details(archive, *image, layer, &on_layer.reform(|()| None)) }
                }
            </div>
        },
        Pane::Table => html! { <LayerTable archive={archive.clone()} image={*image} /> },
        Pane::Chain => {
            html! { <><Trust archive={archive.clone()} image={*image} /><Chain archive={archive.clone()} image={*image} /></> }
        }
        Pane::Findings => findings(archive, *image),
        Pane::Documents => documents(archive),
        Pane::Files | Pane::Cost | Pane::Facts | Pane::Hidden | Pane::Compare => {
            html! { <LazyModule name="explore" /> }
        }
    };
    html! {
        <>
            <Title archive={archive.clone()} image={*image} {on_image} />
            { two_seals(archive, *image) }
            { mismatch(archive, *image) }
            if view.image.nature != ImageNature::Filesystem {
                <p class="empty">{ text(words::nature(view.image.nature)) }</p>
            }
            { tabs(archive, *image, *pane) }
            { side }
        </>
    }
}

#[derive(Debug, PartialEq, Properties)]
struct TitleProps {
    archive: Shared<Archive>,
    image: usize,
    on_image: Callback<usize>,
}

#[component(Title)]
fn title(props: &TitleProps) -> Html {
    let archive = &props.archive;
    let commands = use_context::<Commands>();
    let Some((plan, view)) = archive.plan.as_ref().zip(View::new(archive, props.image)) else { return Html::default() };
    let Some(pick) = archive.offer.pick(props.image) else { return Html::default() };
    let created = view.image.config.as_ref().and_then(|config| config.config.created.clone());
    let export = {
        let id = archive.id;
        Callback::from(move |_| {
            if let Some(commands) = &commands {
                commands.export_json(id);
            }
        })
    };
    html! {
        <div class="title">
            <div class="title__words">
                <h1>{ pick.title().map_or_else(|| text("picker.untagged"), |title| title.to_owned().into()) }</h1>
                <p class="title__facts">
                    <span>{ text(words::kind(plan.kind)) }</span>
                    if let Some(platform) = &pick.platform { <span>{ platform }</span> }
                    <span>{ plural("count.layers", view.layers() as u64) }</span>
                    if let Some(date) = created.as_deref().and_then(format::date) { <span>{ fill("title.created", &[("date", &date)]) }</span> }
                    if pick.views.len() > 1 { <span>{ text("title.two-views") }</span> }
                </p>
                if pick.tags.len() > 1 {
                    <p class="title__tags">{ for pick.tags.iter().skip(1).take(12).map(|tag| html! { <code>{ tag }</code> }) }</p>
                }
            </div>
            <ImagePicker archive={archive.clone()} image={props.image} on_image={props.on_image.clone()} />
            <button class="button" data-testid="export-json" onclick={export} disabled={archive.phase != Phase::Done}>{ text("title.export") }</button>
        </div>
    }
}

fn tabs(archive: &Archive, image: usize, pane: Pane) -> Html {
    let views: Vec<View<'_>> =
        archive.offer.views(image).into_iter().filter_map(|image| View::new(archive, image)).collect();
    let count = view_model::findings::count(&views);
    html! {
        <nav class="tabs" aria-label={text("panes.label")}>
            { for Pane::ALL.map(|side| html! {
                <Link<Route>
                    classes={classes!("tab", (side == pane).then_some("tab--current"))}
                    to={Route::Image { key: archive.key.clone(), image, pane: side }}
                >
                    { text(&format!("panes.{}", side.word())) }
                    if side == Pane::Findings && count > 0 { <span class="count">{ format::count(count as u64) }</span> }
                </Link<Route>>
            }) }
        </nav>
    }
}
