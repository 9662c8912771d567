//! What a pull has found, verified.

use serde::{Deserialize, Serialize};

use crate::{
    digest::{DiffId, Digest, ImageId},
    spec::{config::ImageConfig, platform::Platform},
};

/// The bytes of a document whose digest was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentText {
    pub digest: Digest,
    pub media_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// The documents of one image, each verified against the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// From the one that the reference names to the one that lists the manifest.
    pub indexes: Vec<DocumentText>,
    /// What the indexes list; empty where there is none.
    pub platforms: Vec<Platform>,
    pub manifest: DocumentText,
    pub image_id: ImageId,
    pub config_text: DocumentText,
    pub config: ImageConfig,
    /// Base first.
    pub layers: Vec<FoundLayer>,
}

/// One layer, as manifest and config name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLayer {
    pub digest: Digest,
    pub size: u64,
    pub media_type: Option<String>,
    pub diff_id: DiffId,
}

impl Found {
    /// What the reference names: what `docker pull` prints as the digest.
    pub fn digest(&self) -> &Digest {
        self.indexes.first().map_or(&self.manifest.digest, |index| &index.digest)
    }

    pub fn platform(&self) -> Platform {
        Platform {
            os: self.config.os.clone(),
            architecture: self.config.architecture.clone(),
            variant: self.config.variant.clone(),
        }
    }
}
