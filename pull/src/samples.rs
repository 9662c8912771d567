//! The registry of miniatures that comes with the app, read and checked as a client would.

use std::rc::Rc;

use gloo_net::http::Request;
use layerlab_core::{
    archive::{LayerBlob, Location},
    digest::{Algorithm, Digest},
    layer::{changeset::ContentKey, read::read_layer},
    limits::Limits,
    store::{ImageName, ImageRecord, LayerFacts, tamper::Shelf},
};
use serde::Deserialize;

/// An image of that registry: its documents, its layers' bytes, and what they say.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub name: ImageName,
    pub set: Set,
    pub record: Rc<ImageRecord>,
    pub shelf: Rc<Shelf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// One of the two redis; the real one takes about so many bytes.
    Redis { real_size: u64 },
    /// A node of the forest of eleven.
    Forest { node: usize, parent: Option<usize> },
}

/// `index.json`: names, and no digest.
#[derive(Clone, Debug, Deserialize)]
struct Index {
    images: Vec<Listed>,
}

#[derive(Clone, Debug, Deserialize)]
struct Listed {
    path: String,
    tag: String,
    real_size: Option<u64>,
    node: Option<usize>,
    parent: Option<usize>,
}

const FOLDER: &str = "registry";

/// Every image of the registry.
///
/// # Errors
///
/// A sentence: what could not be had, or is not what its digest says.
pub async fn fetch_all() -> Result<Vec<Rc<Sample>>, String> {
    let index: Index = serde_json::from_slice(&get("index.json").await?).map_err(|error| error.to_string())?;
    let mut samples = Vec::new();
    for listed in index.images {
        samples.push(Rc::new(fetch(listed).await?));
    }
    Ok(samples)
}

async fn fetch(listed: Listed) -> Result<Sample, String> {
    let folder = format!("v2/{}", listed.path);
    let manifest = get(&format!("{folder}/manifests/{}", listed.tag)).await?;
    let named: Named = serde_json::from_slice(&manifest).map_err(|error| error.to_string())?;
    let config = blob(&folder, &named.config.digest).await?;
    let mut record = ImageRecord::from_documents(&manifest, &config, &Limits::default()).map_err(|e| e.to_string())?;
    let mut layers = Vec::new();
    for layer in &mut record.layers {
        let bytes = blob(&folder, &layer.blob).await?;
        layer.facts = Some(facts(&bytes)?);
        layers.push(bytes);
    }
    let set = match listed.node {
        Some(node) => Set::Forest { node, parent: listed.parent },
        None => Set::Redis { real_size: listed.real_size.unwrap_or(0) },
    };
    let name = ImageName { host: "docker.io".into(), path: listed.path, tag: listed.tag };
    Ok(Sample { name, set, record: Rc::new(record), shelf: Rc::new(Shelf { manifest, config, layers }) })
}

#[derive(Clone, Debug, Deserialize)]
struct Named {
    config: NamedConfig,
}

#[derive(Clone, Debug, Deserialize)]
struct NamedConfig {
    digest: Digest,
}

async fn blob(folder: &str, digest: &Digest) -> Result<Vec<u8>, String> {
    let bytes = get(&format!("{folder}/blobs/{digest}")).await?;
    let found = Digest::sha256(&bytes);
    if found == *digest { Ok(bytes) } else { Err(format!("expected {digest}, found {found}")) }
}

async fn get(path: &str) -> Result<Vec<u8>, String> {
    let response = Request::get(&format!("{FOLDER}/{path}")).send().await.map_err(|error| error.to_string())?;
    if !response.ok() {
        return Err(format!("{path}: {}", response.status()));
    }
    response.binary().await.map_err(|error| error.to_string())
}

/// Reads a layer, to know its sizes.
fn facts(bytes: &[u8]) -> Result<LayerFacts, String> {
    let job = LayerBlob {
        location: Location { volume: 0, offset: 0, size: bytes.len() as u64 },
        path: String::new(),
        blob_algorithm: Algorithm::Sha256,
        diff_id_algorithm: Algorithm::Sha256,
        expect_tar: true,
    };
    // The key guards against collisions that somebody prepared; nobody but the app made these layers.
    let key = ContentKey([0; 4]);
    let reading = read_layer(&mut &*bytes, &job, key, &Limits::default(), &mut |_| {});
    reading.map(|reading| LayerFacts::from(&reading)).map_err(|error| error.to_string())
}
