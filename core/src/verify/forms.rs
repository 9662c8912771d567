//! One image, and the IDs that different tools print for it.

use serde::{Deserialize, Serialize};

use crate::{
    digest::{Digest, ImageId},
    report::ImageReport,
};

/// What tools call "the image ID".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forms {
    /// Classic Docker and podman: the digest of the config.
    pub classic: Option<ImageId>,
    /// Docker on containerd's image store: the digest of what the name points at, an index or a manifest. `None`
    /// where the archive carries neither.
    pub containerd: Option<Digest>,
}

pub fn forms(image: &ImageReport) -> Forms {
    Forms { classic: image.config_digest.clone(), containerd: image.containerd_id.clone() }
}
