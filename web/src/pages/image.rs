use layerlab_core::archive::ImageNature;
use yew::prelude::*;
use yew_router::prelude::*;

use super::{Pane, Query, Route};
use crate::{
    components::{
        Chain, Documents, Findings, ImagePicker, LayerDetails, LayerTable, Mismatch, Strata, Trust, TwoSeals, Waste,
    },
    hooks::Commands,
    i18n::{fill, plural, text},
    state::{Archive, Phase, Shared},
    view_model::{findings, format, images, slabs::View, words},
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
                    <Waste archive={archive.clone()} image={*image} />
                </div>
                if let Some(layer) = layer {
                    <LayerDetails archive={archive.clone()} image={*image} {layer} on_close={on_layer.reform(|()| None)} />
                }
            </div>
        },
        Pane::Table => html! { <LayerTable archive={archive.clone()} image={*image} /> },
        Pane::Chain => {
            html! { <><Trust archive={archive.clone()} image={*image} /><Chain archive={archive.clone()} image={*image} /></> }
        }
        Pane::Findings => html! { <Findings archive={archive.clone()} image={*image} /> },
        Pane::Documents => html! { <Documents archive={archive.clone()} /> },
    };
    html! {
        <>
            <Title archive={archive.clone()} image={*image} {on_image} />
            <TwoSeals archive={archive.clone()} image={*image} />
            <Mismatch archive={archive.clone()} image={*image} />
            if view.image.nature != ImageNature::Filesystem {
                <p class="empty">{ text(words::nature(view.image.nature)) }</p>
            }
            <Tabs archive={archive.clone()} image={*image} pane={*pane} />
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
    let Some(pick) = images::pick_of(plan, props.image) else { return Html::default() };
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

#[derive(Debug, PartialEq, Properties)]
struct TabsProps {
    archive: Shared<Archive>,
    image: usize,
    pane: Pane,
}

#[component(Tabs)]
fn tabs(props: &TabsProps) -> Html {
    let views = props.archive.plan.as_ref().and_then(|plan| images::pick_of(plan, props.image)).map(|pick| pick.views);
    let views: Vec<View<'_>> =
        views.unwrap_or_default().into_iter().filter_map(|image| View::new(&props.archive, image)).collect();
    let count = findings::count(&views);
    html! {
        <nav class="tabs" aria-label={text("panes.label")}>
            { for Pane::ALL.map(|pane| html! {
                <Link<Route>
                    classes={classes!("tab", (pane == props.pane).then_some("tab--current"))}
                    to={Route::Image { key: props.archive.key.clone(), image: props.image, pane }}
                >
                    { text(&format!("panes.{}", pane.word())) }
                    if pane == Pane::Findings && count > 0 { <span class="count">{ format::count(count as u64) }</span> }
                </Link<Route>>
            }) }
        </nav>
    }
}
