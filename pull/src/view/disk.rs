//! What lies on disk for these images, file by file.

use std::rc::Rc;

use layerlab_core::{
    digest::Digest,
    display::size,
    store::{
        Store,
        layout::{ContainerPlace, FileKind, FileNode, Role, containerd, docker, mount_line},
    },
};
use yew::prelude::*;

use super::which::{Which, choose as choose_store};
use crate::text;

#[derive(Debug, PartialEq, Properties)]
pub struct DiskProps {
    pub practice: Store,
    pub real: Option<Rc<Store>>,
}

/// Keeps which store and which engine's folder is shown, and whether a container runs.
#[component(Disk)]
pub fn disk(props: &DiskProps) -> Html {
    let which = use_state_eq(Which::default);
    let is_docker = use_state_eq(|| true);
    let runs = use_state_eq(|| true);
    let store = match (*which, &props.real) {
        (Which::Browser, Some(real)) => real,
        _ => &props.practice,
    };
    if store.images().is_empty() {
        return html! {
            <div class="diskpage">
                { choose_store(&which, props.real.as_ref()) }
                <p class="empty">{ text("picture.images.none") }</p>
            </div>
        };
    }
    let containers: Vec<ContainerPlace> =
        if *runs && *is_docker { first_container(store).into_iter().collect() } else { Vec::new() };
    let nodes = if *is_docker { docker(store, &containers) } else { containerd(store) };
    let choose = |docker: bool, key: &str| {
        let is_docker = is_docker.clone();
        let chosen = *is_docker == docker;
        html! {
            <button class="button" aria-pressed={chosen.to_string()} onclick={Callback::from(move |_| is_docker.set(docker))}>
                { text(key) }
            </button>
        }
    };
    let toggle = {
        let runs = runs.clone();
        Callback::from(move |_| runs.set(!*runs))
    };
    html! {
        <div class="diskpage">
            { choose_store(&which, props.real.as_ref()) }
            <div class="diskpage__choose">
                { choose(true, "picture.disk.docker") }
                { choose(false, "picture.disk.containerd") }
                if *is_docker {
                    <label><input type="checkbox" checked={*runs} onchange={toggle} />{ " " }{ text("picture.disk.container") }</label>
                }
            </div>
            <p class="choices__note">{ text("picture.disk.invented") }</p>
            { for containers.iter().filter_map(|container| mount_line(store, container)).map(|line| html! {
                <section aria-labelledby="mount">
                    <h2 id="mount">{ text("picture.disk.mount") }</h2>
                    <pre tabindex="0" class="wraps">{ line }</pre>
                </section>
            }) }
            <div class="scrolls" tabindex="0" role="region" aria-label={text("picture.disk.files")}>
            <table class="files">
                <caption class="unseen">{ text("picture.disk.files") }</caption>
                <thead><tr>
                    <th scope="col">{ if *is_docker { "/var/lib/docker" } else { "/var/lib/containerd" } }</th>
                    <th scope="col">{ text("picture.disk.content") }</th>
                    <th scope="col">{ text("picture.disk.role") }</th>
                </tr></thead>
                <tbody>{ for nodes.iter().enumerate().map(|(n, node)| row(n, node, &nodes)) }</tbody>
            </table>
            </div>
        </div>
    }
}

/// A container of the image that comes first by name; its ID is invented.
fn first_container(store: &Store) -> Option<ContainerPlace> {
    let (_, id) = store.tags().iter().next()?;
    let container = Digest::sha256(format!("container {id}").as_bytes());
    Some(ContainerPlace { id: container.encoded().to_owned(), image: id.clone(), running: true })
}

/// What a file is for is said where its kind is first met.
fn row(n: usize, node: &FileNode, nodes: &[FileNode]) -> Html {
    let first = node.role != Role::Folder && nodes[..n].iter().all(|before| before.role != node.role);
    let content = match &node.kind {
        FileKind::Folder => String::new(),
        FileKind::Text(text) => text.clone(),
        FileKind::Link { to } => format!("→ {to}"),
        FileKind::File { bytes } | FileKind::Tree { bytes } => bytes.map(size).unwrap_or_default(),
    };
    let slash = if matches!(node.kind, FileKind::Folder | FileKind::Tree { .. }) { "/" } else { "" };
    html! {
        <tr key={node.path.clone()} style={format!("--depth:{}", node.depth())}>
            <th scope="row">
                <code title={node.path.clone()}>{ shorten(node.name()) }{ slash }</code>
                if node.invented { <small class="mark">{ text("picture.disk.mark") }</small> }
            </th>
            <td><code>{ content }</code></td>
            <td>{ if first { text(&format!("picture.role.{}", node.role.key())) } else { AttrValue::default() } }</td>
        </tr>
    }
}

/// A digest is known by its beginning; the whole name is in the cell's title.
fn shorten(name: &str) -> String {
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.strip_suffix("-init") {
        Some(stem) if hex(stem) => format!("{}…-init", &stem[..12]),
        _ if hex(name) => format!("{}…", &name[..12]),
        _ => name.to_owned(),
    }
}
