//! One sentence for each step.

use layerlab_core::{
    display::{harmless_text, size},
    store::{ImageKey, ImageRecord, LookUp, PullEvent},
};
use yew::AttrValue;

use crate::fill;

/// What an event says, with the numbers of its layer and the beginnings of its digests.
pub fn caption(event: &PullEvent, record: &ImageRecord) -> AttrValue {
    let layer = event.layer().map_or(0, |layer| layer + 1);
    let bytes = size(bytes_of(event, record));
    let (digest, other) = digests(event);
    fill(
        &format!("picture.event.{}", event.key()),
        &[("layer", &layer), ("size", &bytes), ("digest", &digest), ("other", &other), ("name", &name(event))],
    )
}

fn name(event: &PullEvent) -> String {
    match event {
        PullEvent::Ask { name } | PullEvent::Tagged { name, .. } => harmless_text(&name.to_string()),
        _ => String::new(),
    }
}

fn bytes_of(event: &PullEvent, record: &ImageRecord) -> u64 {
    let of_layer = |layer: usize| record.layers.get(layer);
    match event {
        PullEvent::Exists { size, .. } | PullEvent::Fetch { size, .. } | PullEvent::BlobVerified { size, .. } => *size,
        PullEvent::Decompress { tar_size, .. } => tar_size.unwrap_or(0),
        PullEvent::Register { layer, stored, .. } => match stored.facts {
            Some(facts) => facts.unpacked_size,
            None => of_layer(*layer).map_or(0, |layer| layer.blob_size),
        },
        event => event.came(),
    }
}

/// The digest it speaks of, and the one that follows from it or stands against it.
fn digests(event: &PullEvent) -> (String, String) {
    let one = |digest: &layerlab_core::digest::Digest| (digest.short().to_owned(), String::new());
    match event {
        PullEvent::Index { document } | PullEvent::Manifest { document } | PullEvent::Config { document } => {
            one(&document.digest)
        }
        PullEvent::DocumentLookUp { digest, .. } => one(digest),
        PullEvent::ImageLookUp { by: ImageKey::Config(id), .. } => one(&id.0),
        PullEvent::ImageLookUp { by: ImageKey::Target(digest), .. } => one(digest),
        PullEvent::LayerLookUp { by, .. } => match by {
            LookUp::Note(digest) | LookUp::Blob(digest) => one(digest),
            LookUp::Chain(chain) => one(&chain.0),
            LookUp::DiffId(diff_id) => one(&diff_id.0),
        },
        PullEvent::Exists { chain, .. } => one(&chain.0),
        PullEvent::Fetch { blob, .. } | PullEvent::BlobVerified { blob, .. } | PullEvent::Decompress { blob, .. } => {
            one(blob)
        }
        PullEvent::DiffIdVerified { diff_id, .. } => one(&diff_id.0),
        PullEvent::Register { chain, stored, .. } => (
            chain.0.short().to_owned(),
            stored.parent.as_ref().map_or("—".into(), |parent| parent.0.short().to_owned()),
        ),
        PullEvent::ImageRegistered { record } => one(&record.config.digest),
        PullEvent::Tagged { id, was, .. } => {
            (id.0.short().to_owned(), was.as_ref().map_or(String::new(), |was| was.0.short().to_owned()))
        }
        PullEvent::Refused { expected, found, .. } => (harmless_text(expected), harmless_text(found)),
        PullEvent::Ask { .. } | PullEvent::LookUpStopped { .. } => Default::default(),
    }
}
