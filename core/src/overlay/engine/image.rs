//! Images: layers, the steps that made them, and the config document.
//!
//! Source: OCI image-spec, config.md.

use std::sync::Arc;

use serde_json::json;

use super::Engine;
use crate::{
    digest::{ChainId, DiffId, Digest, ImageId},
    overlay::{CommittedLayer, Layer, shell::Time},
};

#[derive(Clone, Debug)]
pub struct Image {
    pub id: ImageId,
    /// Base first.
    pub layers: Vec<ImageLayer>,
    /// Oldest first; the entries that have a layer have those of `layers` in their order.
    pub history: Vec<History>,
    pub run_config: RunConfig,
    /// The document that `id` is the digest of.
    pub config: Vec<u8>,
    pub created: i64,
}

/// What a container of the image starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunConfig {
    pub env: Vec<(String, String)>,
    pub cmd: Option<String>,
    pub workdir: String,
}

/// One step of how an image came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The instruction or command.
    pub created_by: String,
    pub created: i64,
    /// ENV, CMD and the like change the config only.
    pub has_layer: bool,
}

#[derive(Clone, Debug)]
pub struct ImageLayer {
    pub layer: Arc<Layer>,
    pub diff_id: DiffId,
    /// Bytes of the regular files.
    pub size: u64,
    /// How a registry has it; `None` for a layer that was made here.
    pub blob: Option<Blob>,
}

/// A layer as it is stored compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub digest: Digest,
    pub size: u64,
    /// Bytes of the tar inside.
    pub tar_size: u64,
}

impl Engine {
    /// An image that is there already stays as it is.
    pub(super) fn keep(&mut self, layers: Vec<ImageLayer>, history: Vec<History>, run_config: RunConfig) -> ImageId {
        let image = self.image_of(layers, history, run_config);
        let id = image.id.clone();
        self.hold(image);
        id
    }

    /// Writes the config document, whose digest is the image's ID.
    pub(super) fn image_of(&self, layers: Vec<ImageLayer>, history: Vec<History>, run_config: RunConfig) -> Image {
        let steps: Vec<_> = history
            .iter()
            .map(|step| {
                let (created, created_by) = (Time::rfc3339(step.created), &step.created_by);
                if step.has_layer {
                    json!({ "created": created, "created_by": created_by })
                } else {
                    json!({ "created": created, "created_by": created_by, "empty_layer": true })
                }
            })
            .collect();
        let env: Vec<String> = run_config.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let document = json!({
            "architecture": "amd64",
            "os": "linux",
            "created": Time::rfc3339(history.last().map_or(self.now, |step| step.created)),
            "config": {
                "Env": env,
                "Cmd": run_config.cmd.as_ref().map(|cmd| ["/bin/sh", "-c", cmd]),
                "WorkingDir": run_config.workdir,
            },
            "rootfs": {
                "type": "layers",
                "diff_ids": layers.iter().map(|layer| layer.diff_id.0.to_string()).collect::<Vec<_>>(),
            },
            "history": steps,
        });
        let config = document.to_string().into_bytes();
        let id = ImageId(Digest::sha256(&config));
        Image { id, layers, history, run_config, config, created: self.now }
    }
}

impl Image {
    /// Base first.
    pub fn chain_ids(&self) -> Vec<ChainId> {
        ChainId::chain(self.layers.iter().map(|layer| &layer.diff_id))
    }

    /// Bytes of the regular files of all layers, those that an upper layer hides included.
    pub fn size(&self) -> u64 {
        self.layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add)
    }

    /// Base first.
    pub fn lowers(&self) -> Vec<Arc<Layer>> {
        self.layers.iter().map(|layer| layer.layer.clone()).collect()
    }
}

impl Default for RunConfig {
    fn default() -> Self {
        Self { env: Vec::new(), cmd: None, workdir: "/".into() }
    }
}

impl From<CommittedLayer> for ImageLayer {
    fn from(committed: CommittedLayer) -> Self {
        let CommittedLayer { layer, diff_id, .. } = committed;
        Self { size: layer.file_bytes(), layer: Arc::new(layer), diff_id, blob: None }
    }
}
