//! What is here, what it takes, and what goes when an image goes.

use std::rc::Rc;

use layerlab_core::{
    display::{harmless_text, size},
    store::{ImageName, ImageRecord, Measure, Removed, Store},
};
use layerlab_web::lazy::{Host, OpenArchive, OpenPhase};
use yew::prelude::*;

use super::which::{Which, choose};
use crate::{
    fill, plural,
    state::{Action, Shop},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct StoreProps {
    pub shop: Shop,
    pub act: Callback<Action>,
    pub real: Option<Rc<Store>>,
    pub host: Host,
    /// Grows whenever the page has told of a change.
    pub turn: u32,
}

/// Keeps which of the two stores is shown.
#[component(StorePage)]
pub fn store_page(props: &StoreProps) -> Html {
    let StoreProps { shop, act, real, host, .. } = props;
    let which = use_state_eq(Which::default);
    if let (Which::Browser, Some(real)) = (*which, real) {
        return html! {
            <div class="storepage">
                { choose(&which, Some(real)) }
                { usage(real) }
                { images(real, None) }
                <p><a href="#/pull/registry">{ text("picture.which.go") }</a></p>
            </div>
        };
    }
    let (store, archives) = (shop.store(), host.archives());
    html! {
        <div class="storepage">
            { choose(&which, real.as_ref()) }
            { usage(&store) }
            { images(&store, Some(act)) }
            { match &shop.removed {
                Some(Ok(removed)) => removal(removed, &store),
                Some(Err(error)) => html! { <p class="terminal__error" role="status">{ format!("Error response from daemon: {error}") }</p> },
                None => Html::default(),
            } }
            { load(&archives, host, act) }
        </div>
    }
}

fn usage(store: &Store) -> Html {
    let row = |measure: Measure, key: &str| {
        let usage = store.usage(measure);
        let share = usage.physical as f64 / usage.logical.max(1) as f64 * 100.0;
        html! {
            <tr>
                <th scope="row">{ text(key) }</th>
                <td>{ size(usage.logical) }</td><td>{ size(usage.physical) }</td><td class="saved">{ size(usage.saved()) }</td>
                <td class="usage__bar" aria-hidden="true"><span style={format!("width:{share:.1}%")} /></td>
            </tr>
        }
    };
    html! {
        <section aria-labelledby="usage">
            <h2 id="usage">{ text("picture.usage.title") }</h2>
            <div class="scrolls" tabindex="0" role="region" aria-labelledby="usage"><table class="usage">
                <thead><tr>
                    <th />
                    <th scope="col">{ text("picture.usage.logical") }</th>
                    <th scope="col">{ text("picture.usage.physical") }</th>
                    <th scope="col">{ text("picture.usage.saved") }</th>
                    <th />
                </tr></thead>
                <tbody>
                    { row(Measure::Blobs, "picture.usage.blobs") }
                    { row(Measure::Unpacked, "picture.usage.unpacked") }
                </tbody>
            </table></div>
        </section>
    }
}

/// Without `act` they are only shown.
fn images(store: &Store, act: Option<&Callback<Action>>) -> Html {
    if store.images().is_empty() {
        return html! { <p class="empty">{ text("picture.images.none") }</p> };
    }
    let usages = store.usage_by_image(Measure::Unpacked);
    html! {
        <section aria-labelledby="images">
            <h2 id="images">{ text("picture.images.title") }</h2>
            <div class="scrolls" tabindex="0" role="region" aria-labelledby="images"><table class="images">
                <thead><tr>
                    { for ["name", "id", "layers", "size", "shared", "unique"].map(|key| html! {
                        <th scope="col">{ text(&format!("picture.images.{key}")) }</th>
                    }) }
                    <th />
                </tr></thead>
                <tbody>
                    { for usages.iter().map(|usage| {
                        let names: Vec<String> = store.tags().of(&usage.id).map(|it| harmless_text(&it.to_string())).collect();
                        let by = names.first().cloned().unwrap_or_else(|| usage.id.0.short().to_owned());
                        let layers = store.images().get(&usage.id).map_or(0, |image| image.chain_ids().len());
                        html! {
                            <tr key={usage.id.to_string()}>
                                <th scope="row">{ if names.is_empty() { "<none>".to_owned() } else { names.join(", ") } }</th>
                                <td><code>{ usage.id.0.short().to_owned() }</code></td>
                                <td>{ layers }</td>
                                <td>{ size(usage.size) }</td><td class="saved">{ size(usage.shared) }</td><td>{ size(usage.unique()) }</td>
                                <td>{ for act.map(|act| html! {
                                    <div class="images__acts">
                                        { button("picture.images.tag", act, Action::Tag { id: usage.id.clone(), name: another(&by) }) }
                                        { button("picture.images.remove", act, Action::Remove(by.clone())) }
                                    </div>
                                }) }</td>
                            </tr>
                        }
                    }) }
                </tbody>
            </table></div>
            { for act.map(|act| button("picture.images.empty", act, Action::Empty)) }
        </section>
    }
}

/// One more name, as somebody would give it.
fn another(name: &str) -> ImageName {
    ImageName { tag: "mine".into(), ..ImageName::parse(name) }
}

/// What `docker rmi` prints, and why the rest stays.
pub fn removal(removed: &Removed, store: &Store) -> Html {
    let needed = |ids: &[layerlab_core::digest::ImageId]| -> String {
        let names = ids.iter().map(|id| {
            let name = store.tags().of(id).next().map(ImageName::to_string);
            harmless_text(&name.unwrap_or_else(|| id.0.short().to_owned()))
        });
        names.collect::<Vec<_>>().join(", ")
    };
    html! {
        <section class="removal" aria-labelledby="removal" role="status">
            <h2 id="removal">{ text("picture.removal.title") }</h2>
            <pre tabindex="0">{ removed.lines().join("\n") }</pre>
            if removed.image.is_some() {
                <p>{ fill("picture.removal.freed", &[("size", &size(removed.freed))]) }</p>
            } else {
                <p>{ text("picture.removal.untagged") }</p>
            }
            if !removed.kept.is_empty() {
                <p>{ plural("picture.removal.kept", removed.kept.len() as u64) }</p>
                <ul>
                    { for removed.kept.iter().map(|kept| html! {
                        <li><code>{ kept.chain.0.short().to_owned() }</code>{ " — " }
                            { fill("picture.removal.needed", &[("names", &needed(&kept.needed_by))]) }</li>
                    }) }
                </ul>
            }
        </section>
    }
}

/// Archives that are open in the page can be taken over, as `docker load` does.
fn load(archives: &[OpenArchive], host: &Host, act: &Callback<Action>) -> Html {
    let whole: Vec<&OpenArchive> = archives.iter().filter(|archive| archive.phase == OpenPhase::Done).collect();
    html! {
        <section class="load" aria-labelledby="load">
            <h2 id="load">{ text("picture.load.title") }</h2>
            if whole.is_empty() {
                <p>{ text("picture.load.none") }</p>
            } else {
                <p>{ text("picture.load.about") }</p>
                <ul class="load__list">
                    { for whole.into_iter().map(|archive| {
                        let (host, act, id) = (host.clone(), act.clone(), archive.id);
                        let onclick = Callback::from(move |_| {
                            loaded(&host, id).into_iter().for_each(|action| act.emit(action));
                        });
                        html! {
                            <li><button class="button" {onclick}>
                                <code>{ format!("docker load -i {}", harmless_text(&archive.source.name)) }</code>
                            </button></li>
                        }
                    }) }
                </ul>
            }
        </section>
    }
}

/// Each image of an archive that is whole and as it says.
fn loaded(host: &Host, id: layerlab_web::protocol::ArchiveId) -> Vec<Action> {
    let (Some(plan), Some(report)) = (host.plan(id), host.report(id)) else { return Vec::new() };
    let images = plan.images.iter().zip(&report.images).filter_map(|(planned, read)| {
        let record = ImageRecord::from_report(read, planned.config.as_ref()?.size)?;
        let name = read.tags.first().map(|tag| ImageName::parse(tag));
        Some(Action::Keep { name, record: Rc::new(record) })
    });
    images.collect()
}

pub fn button(key: &str, act: &Callback<Action>, action: Action) -> Html {
    let act = act.clone();
    html! {
        <button class="button button--small" onclick={Callback::from(move |_| act.emit(action.clone()))}>{ text(key) }</button>
    }
}
