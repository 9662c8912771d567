//! The store of this browser: its images, its size against the quota, and what can be done with it.

use layerlab_core::{
    display::{harmless_text, size},
    store::{ImageName, Store, save::Format},
};
use layerlab_web::lazy::{Host, OpenArchive, OpenPhase};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::Puller;
use crate::{fill, opfs::Room, protocol::ToPuller, text};

pub fn shelf(puller: &Puller, host: &Host) -> Html {
    let Some(store) = &puller.desk.store else {
        return html! { <section class="panel shelf-panel"><p class="empty" role="status">{ text("registry.store.opening") }</p></section> };
    };
    html! {
        <section class="panel shelf-panel" aria-labelledby="shelf-title" data-testid="store">
            <h2 id="shelf-title">{ text("registry.store.title") }</h2>
            { room(&puller.desk.room, puller) }
            { images(store, puller) }
            { load(&host.archives(), host, puller) }
        </section>
    }
}

fn room(room: &Room, puller: &Puller) -> Html {
    let empty = {
        let puller = puller.clone();
        Callback::from(move |_| puller.tell(ToPuller::Empty))
    };
    let persist = Callback::from(|_| spawn_local(ask_to_persist()));
    html! {
        <div class="room">
            <meter class="room__meter" min="0" max={room.quota.max(1).to_string()} value={room.usage.to_string()}
                aria-label={text("registry.store.quota")} />
            <p data-testid="room" data-blobs={room.blobs.to_string()} data-parts={room.parts.to_string()} data-private={room.private.to_string()}>
                { fill("registry.store.room", &[("blobs", &size(room.blobs)), ("parts", &size(room.parts)), ("quota", &size(room.quota))]) }
                { " " }
                { text(if room.private { "registry.store.private" } else { "registry.store.database" }) }
            </p>
            <div class="pickers">
                <button class="button button--small" onclick={persist}>{ text("registry.store.persist") }</button>
                <button class="button button--small" data-testid="empty" onclick={empty}>{ text("registry.store.empty") }</button>
            </div>
        </div>
    }
}

fn images(store: &Store, puller: &Puller) -> Html {
    if store.images().is_empty() {
        return html! { <p class="empty">{ text("registry.store.none") }</p> };
    }
    let row = |name: &ImageName| {
        let layers = store.image(&name.to_string()).map_or(0, |image| image.chain_ids().len());
        let shown = harmless_text(&name.to_string());
        let save = |format: Format, layer: Option<usize>| {
            let (puller, name) = (puller.clone(), name.to_string());
            Callback::from(move |_| {
                let asked = name.clone();
                puller.ask(name.clone(), |id| ToPuller::Save { id, name: asked, format, layer }, Vec::new());
            })
        };
        let remove = {
            let (puller, name) = (puller.clone(), name.to_string());
            Callback::from(move |_| puller.tell(ToPuller::Remove { name: name.clone() }))
        };
        html! {
            <li class="stored" key={name.canonical()} data-testid="stored">
                <strong>{ shown.clone() }</strong>
                <span>{ crate::plural("registry.store.layers", layers as u64) }</span>
                <span class="stored__acts" role="group" aria-label={shown}>
                    <button class="button button--small" data-testid="save-docker" onclick={save(Format::Docker, None)}>{ text("registry.store.save_docker") }</button>
                    <button class="button button--small" data-testid="save-oci" onclick={save(Format::Oci, None)}>{ text("registry.store.save_oci") }</button>
                    if layers > 1 {
                        <button class="button button--small" onclick={save(Format::Docker, Some(layers - 1))}>{ text("registry.store.save_layer") }</button>
                    }
                    <button class="button button--small" data-testid="remove" onclick={remove}>{ text("registry.store.remove") }</button>
                </span>
            </li>
        }
    };
    html! { <ul class="stored-list">{ for store.tags().iter().map(|(name, _)| row(name)) }</ul> }
}

/// Archives that are open in the page can be taken into the store.
fn load(archives: &[OpenArchive], host: &Host, puller: &Puller) -> Html {
    let whole = archives.iter().filter(|archive| archive.phase == OpenPhase::Done);
    let button = |archive: &OpenArchive| {
        let (host, puller, archive_id) = (host.clone(), puller.clone(), archive.id);
        let name = harmless_text(&archive.source.name);
        let title = name.clone();
        let onclick = Callback::from(move |_| {
            let (Some(plan), Some(report)) = (host.plan(archive_id), host.report(archive_id)) else { return };
            for (image, read) in report.images.iter().enumerate().filter(|(_, read)| read.config_digest.is_some()) {
                let (plan, report) = (Box::new(plan.clone()), Box::new(read.clone()));
                puller.ask(title.clone(), |id| ToPuller::Load { id, plan, image, report }, host.files(archive_id));
            }
        });
        html! {
            <button class="button button--small" data-testid="load" {onclick}><code>{ format!("docker load -i {name}") }</code></button>
        }
    };
    let buttons: Vec<Html> = whole.map(button).collect();
    if buttons.is_empty() {
        return Html::default();
    }
    html! {
        <div class="load-list">
            <h3>{ text("registry.store.load") }</h3>
            <div class="pickers">{ for buttons }</div>
        </div>
    }
}

/// Only the page may ask; the browser decides, and may ask the visitor.
async fn ask_to_persist() {
    let storage = web_sys::window().map(|window| window.navigator().storage());
    if let Some(asking) = storage.and_then(|storage| storage.persist().ok()) {
        let _ = JsFuture::from(asking).await;
    }
}
