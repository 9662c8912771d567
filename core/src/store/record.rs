//! What the documents of an image say, as far as a store needs it.
//!
//! Source: OCI image-spec, manifest.md and config.md.

use std::{collections::VecDeque, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::LayerFacts;
use crate::{
    digest::{ChainId, DiffId, Digest, ImageId},
    finding::Findings,
    limits::Limits,
    report::ImageReport,
    spec::{
        config::{History, ImageConfig},
        json::{Fields, JsonError, parse},
        manifest::ImageManifest,
        platform::Platform,
    },
};

/// An image by its documents: everything but the bytes of its layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The index that the tag leads to, where it leads to one.
    pub index: Option<Document>,
    /// `None` for an image that came in an archive of classic Docker, which keeps no manifest.
    pub manifest: Option<Document>,
    pub config: Document,
    /// Base first.
    pub layers: Vec<LayerRecord>,
    pub platform: Platform,
    pub created: Option<String>,
    pub history: Vec<History>,
}

/// A document by its digest, which was computed from its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub digest: Digest,
    pub size: u64,
    /// Empty where nothing says.
    pub media_type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// From the manifest: the digest of the layer as it is stored.
    pub blob: Digest,
    pub blob_size: u64,
    pub media_type: String,
    /// From the config: the digest of the layer once it is decompressed.
    pub diff_id: DiffId,
    pub created_by: Option<String>,
    /// Known where the layer was read before.
    pub facts: Option<LayerFacts>,
}

/// Why documents are not those of an image with layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    Json {
        document: &'static str,
        error: JsonError,
    },
    /// The document is no object, or lacks what makes it one of its kind.
    NotA {
        document: &'static str,
    },
    /// The manifest's layer at this place has no digest or no size.
    Layer {
        layer: usize,
    },
    /// The config's diff_id at this place is no digest.
    DiffId {
        layer: usize,
    },
    Count {
        layers: usize,
        diff_ids: usize,
    },
}

impl ImageRecord {
    /// From the bytes of a manifest and of its config. Whether the digests are those that were asked for is for the
    /// caller to check; here they are computed.
    pub fn from_documents(manifest: &[u8], config: &[u8], limits: &Limits) -> Result<Self, RecordError> {
        let mut findings = Findings::new(limits.findings);
        let object = object("manifest", manifest, limits)?;
        let read = ImageManifest::from_json(&object, &mut Fields::new(b"manifest", &mut findings));
        let read = read.ok_or(RecordError::NotA { document: "manifest" })?;
        let config_type = read.config.as_ref().and_then(|config| config.media_type.clone()).unwrap_or_default();
        let parsed = self::object("config", config, limits)?;
        let parsed = ImageConfig::from_json(&parsed, &mut Fields::new(b"config", &mut findings));
        if read.layers.len() != parsed.diff_ids.len() {
            return Err(RecordError::Count { layers: read.layers.len(), diff_ids: parsed.diff_ids.len() });
        }
        let mut made_by: VecDeque<_> = parsed.layer_history().map(|entry| entry.created_by.clone()).collect();
        let mut layers = Vec::new();
        for (layer, (descriptor, diff_id)) in read.layers.iter().zip(&parsed.diff_ids).enumerate() {
            let size = descriptor.size.and_then(|size| u64::try_from(size).ok());
            layers.push(LayerRecord {
                blob: descriptor.digest.clone().ok_or(RecordError::Layer { layer })?,
                blob_size: size.ok_or(RecordError::Layer { layer })?,
                media_type: descriptor.media_type.clone().unwrap_or_default(),
                diff_id: diff_id.clone().ok_or(RecordError::DiffId { layer })?,
                created_by: made_by.pop_front().flatten(),
                facts: None,
            });
        }
        Ok(Self {
            index: None,
            manifest: Some(Document::new(manifest, read.media_type.as_deref().unwrap_or_default())),
            config: Document::new(config, &config_type),
            layers,
            platform: Platform { os: parsed.os, architecture: parsed.architecture, variant: parsed.variant },
            created: parsed.created,
            history: parsed.history,
        })
    }

    /// From an opened archive's report, as `docker load` takes an image over: every layer was read, and is as the
    /// config declares it. `None` where one is absent or not so.
    pub fn from_report(image: &ImageReport, config_size: u64) -> Option<Self> {
        let layers = image.layers.iter().map(|layer| {
            let (tar_size, compression) = (layer.tar_size?, layer.compression?);
            Some(LayerRecord {
                blob: layer.blob_digest.clone()?,
                blob_size: layer.blob_size?,
                media_type: layer.media_type.clone().unwrap_or_default(),
                diff_id: layer.diff_id.clone().filter(|_| layer.diff_id_ok == Some(true))?,
                created_by: layer.created_by.clone(),
                facts: Some(LayerFacts { compression, tar_size, unpacked_size: layer.regular_bytes? }),
            })
        });
        let document = |digest: &Digest| Document { media_type: String::new(), ..Document::of(digest, 0) };
        Some(Self {
            index: image.index_digest.as_ref().map(document),
            manifest: image.manifest_digest.as_ref().map(document),
            config: Document::of(&image.config_digest.as_ref()?.0, config_size),
            layers: layers.collect::<Option<_>>()?,
            platform: Platform {
                os: image.os.clone(),
                architecture: image.architecture.clone(),
                variant: image.variant.clone(),
            },
            created: image.created.clone(),
            history: Vec::new(),
        })
    }

    pub fn id(&self) -> ImageId {
        ImageId(self.config.digest.clone())
    }

    /// What the tag leads to: the digest that `docker pull` prints last.
    pub fn target(&self) -> Option<&Document> {
        self.index.as_ref().or(self.manifest.as_ref())
    }

    /// Base first.
    pub fn chain_ids(&self) -> Vec<ChainId> {
        ChainId::chain(self.layers.iter().map(|layer| &layer.diff_id))
    }
}

impl Document {
    pub fn new(bytes: &[u8], media_type: &str) -> Self {
        Self { digest: Digest::sha256(bytes), size: bytes.len() as u64, media_type: media_type.into() }
    }

    pub(super) fn of(digest: &Digest, size: u64) -> Self {
        Self { digest: digest.clone(), size, media_type: String::new() }
    }
}

fn object(document: &'static str, bytes: &[u8], limits: &Limits) -> Result<Map<String, Value>, RecordError> {
    let value: Value = parse(bytes, limits.document_nesting, limits.document_values)
        .map_err(|error| RecordError::Json { document, error })?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(RecordError::NotA { document }),
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { document, error } => write!(f, "The {document} cannot be understood: {error}."),
            Self::NotA { document } => write!(f, "The document that came is no image {document}."),
            Self::Layer { layer } => write!(f, "The manifest gives no digest or no size for layer {}.", layer + 1),
            Self::DiffId { layer } => write!(f, "The config gives no diff_id for layer {}.", layer + 1),
            Self::Count { layers, diff_ids } => {
                write!(f, "The manifest lists {layers} layers, and the config {diff_ids} diff_ids.")
            }
        }
    }
}

impl std::error::Error for RecordError {}
