//! Images and readings as the archive and layer readers would make them.

use std::collections::BTreeMap;

use crate::{
    archive::{
        ArchiveKind, BlobId, ConfigRef, DeclaredBlob, Image, ImageArchive, ImageLayer, ImageNature, LayerSource,
        ManifestRef, Via,
    },
    digest::{DiffId, Digest, ImageId},
    finding::{Code, Finding},
    layer::{Compression, LayerReading, LayerSummary},
    spec::config::ImageConfig,
    tree::testing::{Item, changeset, regular_bytes},
};

/// The summary of a gzip layer whose digests come from `seed`.
pub fn summary(seed: &str) -> LayerSummary {
    LayerSummary {
        compression: Compression::Gzip,
        blob_size: 100,
        blob_digest: Digest::sha256(format!("{seed} stored").as_bytes()),
        tar_size: 1024,
        diff_id: DiffId(Digest::sha256(seed.as_bytes())),
        entries: 0,
        types: BTreeMap::new(),
        regular_bytes: 0,
        findings: Vec::new(),
    }
}

pub fn reading(seed: &str, items: &[Item]) -> LayerReading {
    let changeset = changeset(items);
    let mut types: BTreeMap<String, u64> = BTreeMap::new();
    for entry in &changeset.entries {
        *types.entry(entry.kind.word().into()).or_default() += 1;
    }
    let summary = LayerSummary {
        entries: changeset.entries.len() as u64,
        types,
        regular_bytes: regular_bytes(&changeset),
        ..summary(seed)
    };
    LayerReading { summary, changeset }
}

/// A layer that is all it is declared to be.
pub fn layer(blob: u32, summary: &LayerSummary) -> ImageLayer {
    ImageLayer {
        path: format!("blobs/sha256/{}", summary.blob_digest.encoded()),
        media_type: Some("application/vnd.oci.image.layer.v1.tar+gzip".into()),
        declared: Some(DeclaredBlob { digest: summary.blob_digest.clone(), size: Some(summary.blob_size as i64) }),
        diff_id_declared: Some(summary.diff_id.clone()),
        created_by: Some(format!("RUN {}", summary.diff_id.0.short())),
        source: LayerSource::Blob(BlobId(blob)),
    }
}

pub fn absent_layer(summary: &LayerSummary) -> ImageLayer {
    let finding = Finding::warning(Code::LayerAbsent, "The layer is not in this archive.");
    ImageLayer { source: LayerSource::Absent(finding), ..layer(0, summary) }
}

/// An image of an OCI layout whose documents are as declared.
pub fn image(layers: Vec<ImageLayer>) -> Image {
    let manifest = Digest::sha256(b"the manifest");
    let config = Digest::sha256(CONFIG_SEED);
    Image {
        via: Via::Oci,
        nature: ImageNature::Filesystem,
        tags: vec!["example:1".into()],
        manifest: Some(ManifestRef {
            declared: Some(manifest.clone()),
            declared_size: None,
            digest: Some(manifest),
            size: Some(400),
            media_type: Some("application/vnd.oci.image.manifest.v1+json".into()),
            artifact_type: None,
        }),
        index_digest: None,
        platform: None,
        config: Some(ConfigRef {
            path: format!("blobs/sha256/{}", config.encoded()),
            declared: Some(config.clone()),
            declared_size: None,
            digest: ImageId(config),
            size: 300,
            config: ImageConfig::default(),
        }),
        layers,
        findings: Vec::new(),
    }
}

pub const CONFIG_SEED: &[u8] = b"the config";

pub fn archive(images: Vec<Image>) -> ImageArchive {
    ImageArchive {
        kind: ArchiveKind::OciArchive,
        findings: Vec::new(),
        images,
        blobs: Vec::new(),
        documents: Vec::new(),
    }
}
