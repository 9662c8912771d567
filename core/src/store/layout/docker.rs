//! `/var/lib/docker` with the overlay2 driver.
//!
//! Source: moby 24, `image/fs.go`, `layer/filestore.go`, `distribution/metadata`, `reference/store.go` and
//! `daemon/graphdriver/overlay2`.

use std::collections::BTreeMap;

use serde_json::json;

use super::{ContainerPlace, FileKind, FileNode, Role, Tree, cache_id, mount_id, short_name};
use crate::{
    digest::{ChainId, DiffId},
    store::Store,
};

const ROOT: &str = "/var/lib/docker";

/// Every file that Docker keeps for the images of a store and for these containers, folders before what is in them.
pub fn docker(store: &Store, containers: &[ContainerPlace]) -> Vec<FileNode> {
    let mut tree = Tree::default();
    tree.folder("image", Role::Folder);
    tree.folder("image/overlay2", Role::Folder);
    tree.text("image/overlay2/repositories.json", Role::Repositories, repositories(store));
    images(&mut tree, store);
    layers(&mut tree, store);
    mounts(&mut tree, store, containers);
    distribution(&mut tree, store);
    tree.about_nothing();
    tree.folder("overlay2", Role::Folder);
    short_names(&mut tree, store, containers);
    for (chain, layer) in store.layers().iter() {
        tree.about_layer(chain);
        let bytes = layer.facts.map(|facts| facts.unpacked_size);
        let lowers = lowers(store, layer.parent.as_ref());
        overlay(&mut tree, &cache_id(chain), &lowers, Role::Overlay, FileKind::Tree { bytes });
    }
    for container in containers {
        tree.about_image(&container.image);
        let Some(lowers) = container_lowers(store, container) else { continue };
        let folder = mount_id(&container.id);
        let init = format!("{folder}-init");
        overlay(&mut tree, &init, &lowers[1..], Role::OverlayInit, FileKind::Tree { bytes: Some(0) });
        overlay(&mut tree, &folder, &lowers, Role::OverlayContainer, FileKind::Tree { bytes: None });
        if container.running {
            tree.folder(format!("overlay2/{folder}/merged"), Role::Merged).invented();
        }
    }
    tree.nodes
}

/// The line that `mount` prints for a running container: the short names of `-init` and of the layers, top first.
/// `None` where its image is not here.
pub fn mount_line(store: &Store, container: &ContainerPlace) -> Option<String> {
    let lowers: Vec<String> = container_lowers(store, container)?
        .iter()
        .map(|folder| format!("{ROOT}/overlay2/l/{}", short_name(folder)))
        .collect();
    let folder = format!("{ROOT}/overlay2/{}", mount_id(&container.id));
    Some(format!(
        "overlay on {folder}/merged type overlay (rw,relatime,lowerdir={},upperdir={folder}/diff,workdir={folder}/work)",
        lowers.join(":")
    ))
}

/// Names and digests, by repository.
fn repositories(store: &Store) -> String {
    let mut repositories: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (name, id) in store.tags().iter() {
        let names = repositories.entry(name.repository()).or_default();
        names.insert(name.to_string(), id.to_string());
        let records = store.images().get(id).map(|image| image.records()).unwrap_or_default();
        for target in records.iter().filter_map(|record| record.target()) {
            names.insert(format!("{}@{}", name.repository(), target.digest), id.to_string());
        }
    }
    json!({ "Repositories": repositories }).to_string()
}

fn images(tree: &mut Tree, store: &Store) {
    for folder in ["imagedb", "imagedb/content", "imagedb/content/sha256"] {
        tree.folder(format!("image/overlay2/{folder}"), Role::Folder);
    }
    for image in store.images().iter() {
        tree.about_image(&image.id);
        let path = format!("image/overlay2/imagedb/content/sha256/{}", image.id.0.encoded());
        tree.add(path, Role::ImageConfig, FileKind::File { bytes: Some(image.record().config.size) });
    }
    tree.about_nothing();
    for folder in ["imagedb/metadata", "imagedb/metadata/sha256"] {
        tree.folder(format!("image/overlay2/{folder}"), Role::Folder);
    }
}

fn layers(tree: &mut Tree, store: &Store) {
    tree.folder("image/overlay2/layerdb", Role::Folder);
    tree.folder("image/overlay2/layerdb/sha256", Role::Folder);
    for (chain, layer) in store.layers().iter() {
        tree.about_layer(chain);
        let folder = format!("image/overlay2/layerdb/sha256/{}", chain.0.encoded());
        tree.folder(folder.clone(), Role::LayerFolder);
        tree.text(format!("{folder}/cache-id"), Role::LayerCacheId, cache_id(chain)).invented();
        tree.text(format!("{folder}/diff"), Role::LayerDiff, layer.diff_id.to_string());
        if let Some(parent) = &layer.parent {
            tree.text(format!("{folder}/parent"), Role::LayerParent, parent.to_string());
        }
        if let Some(facts) = layer.facts {
            tree.text(format!("{folder}/size"), Role::LayerSize, facts.unpacked_size.to_string());
        }
        tree.add(format!("{folder}/tar-split.json.gz"), Role::TarSplit, FileKind::File { bytes: None });
    }
    tree.about_nothing();
}

fn mounts(tree: &mut Tree, store: &Store, containers: &[ContainerPlace]) {
    if containers.is_empty() {
        return;
    }
    tree.folder("image/overlay2/layerdb/mounts", Role::Folder);
    for container in containers {
        let Some(top) = store.images().get(&container.image).and_then(|image| image.chain_ids().last()) else {
            continue;
        };
        tree.about_image(&container.image);
        let folder = format!("image/overlay2/layerdb/mounts/{}", container.id);
        let mount = mount_id(&container.id);
        tree.folder(folder.clone(), Role::MountFolder).invented();
        tree.text(format!("{folder}/init-id"), Role::InitId, format!("{mount}-init")).invented();
        tree.text(format!("{folder}/mount-id"), Role::MountId, mount).invented();
        tree.text(format!("{folder}/parent"), Role::MountParent, top.to_string());
    }
    tree.about_nothing();
}

/// Docker keeps no blob, only what blob had which content, and where it was to be had.
fn distribution(tree: &mut Tree, store: &Store) {
    for folder in ["", "/diffid-by-digest", "/diffid-by-digest/sha256"] {
        tree.folder(format!("image/overlay2/distribution{folder}"), Role::Folder);
    }
    let mut sources: BTreeMap<&DiffId, Vec<_>> = BTreeMap::new();
    for (blob, diff_id) in store.layers().notes() {
        let path = format!("image/overlay2/distribution/diffid-by-digest/sha256/{}", blob.encoded());
        tree.text(path, Role::DiffIdByDigest, diff_id.to_string());
        let repository = store
            .users_of_blob(blob)
            .flat_map(|image| store.tags().of(&image.id))
            .map(|name| format!("{}/{}", name.host, name.path))
            .next();
        sources.entry(diff_id).or_default().push(json!({
            "Digest": blob.to_string(),
            "SourceRepository": repository.unwrap_or_default(),
            "HMAC": "",
        }));
    }
    for folder in ["", "/sha256"] {
        tree.folder(format!("image/overlay2/distribution/v2metadata-by-diffid{folder}"), Role::Folder);
    }
    for (diff_id, sources) in sources {
        let path = format!("image/overlay2/distribution/v2metadata-by-diffid/sha256/{}", diff_id.0.encoded());
        tree.text(path, Role::DigestsByDiffId, json!(sources).to_string());
    }
}

fn short_names(tree: &mut Tree, store: &Store, containers: &[ContainerPlace]) {
    tree.folder("overlay2/l", Role::Folder);
    for (chain, _) in store.layers().iter() {
        tree.about_layer(chain);
        short_link(tree, &cache_id(chain));
    }
    for container in containers {
        tree.about_image(&container.image);
        let folder = mount_id(&container.id);
        short_link(tree, &format!("{folder}-init"));
        short_link(tree, &folder);
    }
    tree.about_nothing();
}

fn short_link(tree: &mut Tree, folder: &str) {
    let to = format!("../{folder}/diff");
    tree.add(format!("overlay2/l/{}", short_name(folder)), Role::ShortName, FileKind::Link { to }).invented();
}

/// A layer's folder. `lowers` are the folders below it, the next one first; a base has neither `lower` nor `work`.
fn overlay(tree: &mut Tree, folder: &str, lowers: &[String], role: Role, files: FileKind) {
    let path = format!("overlay2/{folder}");
    let is_container = role == Role::OverlayContainer;
    tree.folder(path.clone(), role).invented();
    if !is_container {
        let committed = FileKind::File { bytes: Some(0) };
        tree.add(format!("{path}/committed"), Role::Committed, committed).invented();
    }
    let diff = if is_container { Role::DiffContainer } else { Role::Diff };
    tree.add(format!("{path}/diff"), diff, files).invented();
    tree.text(format!("{path}/link"), Role::LinkName, short_name(folder)).invented();
    if !lowers.is_empty() {
        let names: Vec<String> = lowers.iter().map(|folder| format!("l/{}", short_name(folder))).collect();
        tree.text(format!("{path}/lower"), Role::Lower, names.join(":")).invented();
        tree.folder(format!("{path}/work"), Role::Work).invented();
    }
}

/// The folders below a layer, its parent first.
fn lowers(store: &Store, parent: Option<&ChainId>) -> Vec<String> {
    let above = std::iter::successors(parent, |chain| store.layers().get(chain)?.parent.as_ref());
    above.map(cache_id).collect()
}

/// `-init` first: the layer with the mount points of /etc/hosts and the like, between image and container.
fn container_lowers(store: &Store, container: &ContainerPlace) -> Option<Vec<String>> {
    let top = store.images().get(&container.image)?.chain_ids().last()?;
    let init = format!("{}-init", mount_id(&container.id));
    Some([init].into_iter().chain(lowers(store, Some(top))).collect())
}
