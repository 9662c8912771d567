//! Images back out: as the archives that `docker load`, `podman load` and `skopeo` take.
//!
//! Config and manifest are written byte for byte as they came, so that the image ID and the registry's digest stay.
//! Layers are streamed and hashed on the way: an archive that is written whole holds what its names say.
//!
//! Sources: OCI image-spec, image-layout.md; moby, `image/tarexport`.

mod image;
mod tape;

use std::{
    fmt,
    io::{self, Read, Write},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::image::{ArchiveBlobs, SavedImage, SavedLayer};
use self::tape::{Tape, Verified};
use crate::{
    digest::Digest,
    layer::{Compression, decompress::Decompress},
    limits::Limits,
    spec::layout::blob_path,
};

/// Where stored layers are read from.
pub trait Blobs {
    /// The bytes of a layer as it is stored, by their digest.
    fn open(&mut self, blob: &Digest) -> io::Result<Box<dyn Read + '_>>;
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `manifest.json`, the config and the decompressed layers: what every Docker and Podman loads.
    Docker,
    /// An OCI layout with the layers as they are stored, and a `manifest.json` that points into it for Docker.
    Oci,
}

#[derive(Debug)]
pub enum SaveError {
    /// Nothing can be read or written any more.
    Io(io::Error),
    /// The layer's bytes are not what its digest says (0 is the base).
    Layer { layer: usize, expected: Digest, found: Digest },
    /// The layer has another number of bytes than it had when it was measured.
    Size { layer: usize, expected: u64, found: u64 },
}

/// Writes one image. After an error what was written is to be thrown away.
pub fn save(
    image: &SavedImage,
    format: Format,
    blobs: &mut dyn Blobs,
    limits: &Limits,
    out: &mut dyn Write,
) -> Result<(), SaveError> {
    let mut tape = Tape::new(out);
    match format {
        Format::Docker => docker(image, blobs, limits, &mut tape)?,
        Format::Oci => oci(image, blobs, &mut tape)?,
    }
    Ok(tape.finish()?)
}

fn docker(image: &SavedImage, blobs: &mut dyn Blobs, limits: &Limits, tape: &mut Tape<'_>) -> Result<(), SaveError> {
    let mut names = Vec::new();
    for (number, layer) in image.layers.iter().enumerate() {
        let name = format!("{}.tar", layer.diff_id.0.encoded());
        // An image may use a layer twice.
        if !names.contains(&name) {
            let stored = blobs.open(&layer.blob)?;
            let tar: Box<dyn Read + '_> = match layer.compression {
                Compression::None => stored,
                _ => Box::new(Decompress::new(stored, limits)?),
            };
            stream(tape, number, &name, tar, &layer.diff_id.0, layer.tar_size)?;
        }
        names.push(name);
    }
    let config = format!("{}.json", Digest::sha256(&image.config).encoded());
    tape.file(&config, &image.config)?;
    Ok(tape.file("manifest.json", docker_manifest(image, &config, &names).as_bytes())?)
}

fn oci(image: &SavedImage, blobs: &mut dyn Blobs, tape: &mut Tape<'_>) -> Result<(), SaveError> {
    let mut names = Vec::new();
    for (number, layer) in image.layers.iter().enumerate() {
        let name = blob_path(&layer.blob);
        if !names.contains(&name) {
            stream(tape, number, &name, blobs.open(&layer.blob)?, &layer.blob, layer.blob_size)?;
        }
        names.push(name);
    }
    let manifest = image.manifest_document();
    let (config_name, manifest_digest) = (blob_path(&Digest::sha256(&image.config)), Digest::sha256(&manifest));
    tape.file(&config_name, &image.config)?;
    tape.file(&blob_path(&manifest_digest), &manifest)?;
    let descriptor = |name: Option<&String>| {
        let mut descriptor = json!({
            "mediaType": image.manifest_type(),
            "digest": manifest_digest.to_string(),
            "size": manifest.len(),
        });
        if let Some(name) = name {
            descriptor["annotations"] = json!({
                "io.containerd.image.name": name,
                "org.opencontainers.image.ref.name": name.rsplit_once(':').map_or(&**name, |(_, tag)| tag),
            });
        }
        descriptor
    };
    let manifests: Vec<Value> = match &image.names[..] {
        [] => vec![descriptor(None)],
        names => names.iter().map(|name| descriptor(Some(name))).collect(),
    };
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": manifests,
    });
    tape.file("index.json", index.to_string().as_bytes())?;
    tape.file("manifest.json", docker_manifest(image, &config_name, &names).as_bytes())?;
    Ok(tape.file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?)
}

fn docker_manifest(image: &SavedImage, config: &str, layers: &[String]) -> String {
    let tags = if image.names.is_empty() { Value::Null } else { json!(image.names) };
    json!([{ "Config": config, "RepoTags": tags, "Layers": layers }]).to_string()
}

/// Writes a layer and compares what passed with what was said of it.
fn stream(
    tape: &mut Tape<'_>,
    layer: usize,
    name: &str,
    bytes: impl Read,
    expected: &Digest,
    size: u64,
) -> Result<(), SaveError> {
    let mut verified = Verified::new(bytes, expected);
    let written = tape.stream(name, size, &mut verified);
    // A short stream is told as what it is before the tar that it spoils.
    let (read, found) = verified.finish()?;
    written?;
    if read != size {
        return Err(SaveError::Size { layer, expected: size, found: read });
    }
    match found {
        Some(found) if found != *expected => Err(SaveError::Layer { layer, expected: expected.clone(), found }),
        _ => Ok(()),
    }
}

impl From<io::Error> for SaveError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "The image cannot be saved: {error}."),
            Self::Layer { layer, expected, found } => write!(
                f,
                "Layer {} is not what it is named for: expected {expected}, found {found}. Nothing was saved.",
                layer + 1
            ),
            Self::Size { layer, expected, found } => {
                write!(
                    f,
                    "Layer {} has {found} bytes where {expected} were found before. Nothing was saved.",
                    layer + 1
                )
            }
        }
    }
}

impl std::error::Error for SaveError {}
