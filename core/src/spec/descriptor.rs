//! The descriptor: how one document points at another, or at a layer.
//!
//! Source: OCI image-spec, descriptor.md.

use serde_json::{Map, Value};

use super::{json::Fields, media_type::MediaType, platform::Platform};
use crate::{
    digest::Digest,
    display::harmless_text,
    finding::{Code, Finding},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    pub media_type: Option<String>,
    /// `None` where it is absent or no digest; the finding says so.
    pub digest: Option<Digest>,
    /// Signed, because a hostile descriptor may say so.
    pub size: Option<i64>,
    pub artifact_type: Option<String>,
    /// Only in an index.
    pub platform: Option<Platform>,
    /// Whether it names other places where the blob may be had.
    pub has_urls: bool,
    /// `io.containerd.image.name`: a whole name, as `docker save` of the containerd store writes it.
    pub containerd_name: Option<String>,
    /// `org.opencontainers.image.ref.name`: a bare tag or a whole name, as the tool likes.
    pub ref_name: Option<String>,
    /// `vnd.docker.reference.type`: "attestation-manifest" on BuildKit's.
    pub docker_reference_type: Option<String>,
}

impl Descriptor {
    pub fn from_json(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Self {
        let text = fields.string(object, "digest");
        let digest = text.as_deref().and_then(|text| text.parse().map_err(|error| malformed(fields, text, error)).ok());
        let annotations = fields.object(object, "annotations");
        let mut annotation = |key| annotations.and_then(|annotations| fields.string(annotations, key));
        let (containerd_name, ref_name, docker_reference_type) = (
            annotation("io.containerd.image.name"),
            annotation("org.opencontainers.image.ref.name"),
            annotation("vnd.docker.reference.type"),
        );
        Self {
            digest,
            containerd_name,
            ref_name,
            docker_reference_type,
            media_type: fields.string(object, "mediaType"),
            size: fields.integer(object, "size"),
            artifact_type: fields.string(object, "artifactType"),
            platform: fields.object(object, "platform").map(|platform| Platform::from_json(platform, fields)),
            has_urls: !fields.list(object, "urls").is_empty(),
        }
    }

    /// The media type; empty where it is absent.
    pub fn media_type(&self) -> MediaType<'_> {
        MediaType(self.media_type.as_deref().unwrap_or_default())
    }

    /// The names it gives to what it points at, containerd's first.
    pub fn tags(&self) -> Vec<String> {
        self.containerd_name.iter().chain(&self.ref_name).cloned().collect()
    }

    pub fn is_attestation(&self) -> bool {
        self.docker_reference_type.as_deref() == Some("attestation-manifest")
    }
}

fn malformed(fields: &mut Fields<'_>, text: &str, error: crate::digest::DigestError) {
    let message = format!("{} holds a digest that is none: {}: {error}.", fields.document(), harmless_text(text));
    fields.finding(Finding::error(Code::DocumentUnreadable, message));
}
