//! A tiny archive for the tests: two layers over one config, listed by a manifest.

use std::{collections::BTreeMap, rc::Rc};

use layerlab_core::{
    archive::*,
    digest::{Algorithm, DiffId, Digest, ImageId},
    layer::{Compression, LayerSummary},
    spec::config::ImageConfig,
};

use crate::{
    bridge::Event,
    protocol::{ArchiveId, Passes, SourceInfo},
    state::{Action, Archive, State},
};

pub const ID: ArchiveId = ArchiveId(1);

pub fn source(size: u64) -> SourceInfo {
    SourceInfo { name: "app.tar".into(), size, folder: false, paths: vec!["app.tar".into()] }
}

pub fn accepted(size: u64) -> Archive {
    Archive::new(ID, source(size), 0.0)
}

/// `base` and `top` are the contents whose digests the layers have.
pub fn image(via: Via, tag: &str) -> Image {
    let config = ImageConfig {
        diff_ids: vec![Some(DiffId(Digest::sha256(b"base"))), Some(DiffId(Digest::sha256(b"top")))],
        ..ImageConfig::default()
    };
    let digest = Digest::sha256(b"config");
    let layer = |content: &[u8], n: u32| ImageLayer {
        path: format!("layer-{n}"),
        media_type: None,
        declared: (via == Via::Oci).then(|| DeclaredBlob { digest: Digest::sha256(content), size: Some(100) }),
        diff_id_declared: Some(DiffId(Digest::sha256(content))),
        created_by: Some("/bin/sh -c make".into()),
        source: LayerSource::Blob(BlobId(n)),
    };
    let manifest = ManifestRef {
        declared: Some(Digest::sha256(b"manifest")),
        declared_size: None,
        digest: Some(Digest::sha256(b"manifest")),
        size: Some(8),
        media_type: None,
        artifact_type: None,
    };
    Image {
        via,
        nature: ImageNature::Filesystem,
        tags: vec![tag.into()],
        manifest: (via == Via::Oci).then_some(manifest),
        index_digest: None,
        platform: None,
        config: Some(ConfigRef {
            path: "config.json".into(),
            declared: Some(digest.clone()),
            declared_size: None,
            digest: ImageId(digest),
            size: 6,
            config,
        }),
        layers: vec![layer(b"base", 0), layer(b"top", 1)],
        findings: vec![],
    }
}

pub fn plan() -> ImageArchive {
    let blob = |n: u32, size| LayerBlob {
        location: Location { volume: 0, offset: 0, size },
        path: format!("layer-{n}"),
        blob_algorithm: Algorithm::Sha256,
        diff_id_algorithm: Algorithm::Sha256,
        expect_tar: true,
    };
    ImageArchive {
        kind: ArchiveKind::OciArchive,
        findings: vec![],
        images: vec![image(Via::Oci, "app:1")],
        blobs: vec![blob(0, 100), blob(1, 200)],
        documents: vec![],
    }
}

pub fn summary(content: &[u8]) -> LayerSummary {
    LayerSummary {
        compression: Compression::None,
        blob_size: 100,
        blob_digest: Digest::sha256(content),
        tar_size: 100,
        diff_id: DiffId(Digest::sha256(content)),
        entries: 3,
        types: BTreeMap::new(),
        regular_bytes: 50,
        findings: vec![],
    }
}

pub fn read(blob: u32, content: &[u8]) -> Event {
    Event::LayerRead { id: ID, blob: BlobId(blob), summary: Rc::new(summary(content)) }
}

/// `plan`, accepted and planned, and then what happened.
pub fn state(plan: ImageArchive, events: impl IntoIterator<Item = Event>) -> State {
    let planned = Event::Planned { id: ID, plan: Rc::new(plan), passes: Passes::Direct };
    State::default()
        .after(Action::Accepted { id: ID, source: source(1_000), at: 0.0 })
        .after(Action::Heard { events: std::iter::once(planned).chain(events).collect(), now: 1.0 })
}

pub fn archive(plan: ImageArchive, events: impl IntoIterator<Item = Event>) -> Archive {
    Archive::clone(state(plan, events).archive(ID).expect("it was accepted"))
}

pub fn half_read() -> Archive {
    archive(plan(), [read(0, b"base")])
}
