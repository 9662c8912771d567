//! What a lesson starts with: images here and in the registry, a build context, and the commands already done.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Command, Entry, LessonError, entry::parse_size};
use crate::{
    overlay::{
        Dialect, Mode,
        engine::{Builder, HostSystem},
    },
    store::Policy,
};

/// Images, here and in the registry together.
const IMAGES: usize = 40;
/// Layers of one image with those of the image it is made from. (overlay2 has room for 128.)
const LAYERS: usize = 40;
/// Entries of all layers.
const ENTRIES: usize = 5_000;
/// Bytes of all files: they are hashed when the scenario starts.
const FILE_BYTES: u64 = 128 << 20;
const COMMANDS: usize = 100;
const CONTEXT_FILES: usize = 50;
const CONTEXT_BYTES: usize = 64 << 10;

/// Everything that decides the state a lesson or a sandbox begins in: two sessions of one scenario are equal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Scenario {
    /// The options of every mount.
    pub mode: Mode,
    /// Whose words and forms are shown.
    pub dialect: Dialect,
    pub host: HostSystem,
    pub images: Vec<ScenarioImage>,
    /// What `docker pull` can fetch.
    pub registry: Vec<ScenarioImage>,
    /// The files of the build context by their names.
    pub context: BTreeMap<String, String>,
    pub builder: Builder,
    /// How a pull decides what must come.
    pub store: Policy,
    /// The image whose place one of the learner's own takes, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<String>,
    /// Union mounts on an image's layers, and nothing else: name to image. Beside them the containers of `docker run`,
    /// with the init layer and the files that an engine mounts over its own, are the full truth and a fuller picture.
    pub mounts: BTreeMap<String, String>,
    /// Run before the learner comes; they are no moves.
    pub commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScenarioImage {
    /// `name` or `name:tag`.
    pub name: String,
    /// The image whose layers lie below, by its name among the images of the same list before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Base first.
    pub layers: Vec<LayerSource>,
}

/// A layer: entries, or what a line of shell leaves, or both (the entries first).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LayerSource {
    /// The instruction that made it, as `docker history` shows it.
    pub created_by: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// A line of the learner's shell, run on the layers below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The size of the real layer (`69.3MB`), of which the entries are a few files only. Without it the sum of the files.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "size")]
    pub size: Option<u64>,
    /// The size of its blob in a registry. Without it that of the compressed tar, or of `size`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "size")]
    pub download: Option<u64>,
}

impl Scenario {
    pub(super) fn check(&self) -> Result<(), LessonError> {
        let limits = [
            ("images", self.images.len() + self.registry.len(), IMAGES),
            ("commands", self.commands.len(), COMMANDS),
            ("mounts", self.mounts.len(), IMAGES),
            ("context", self.context.len(), CONTEXT_FILES),
            ("context", self.context.values().map(String::len).sum(), CONTEXT_BYTES),
        ];
        for (at, found, limit) in limits {
            if found > limit {
                return Err(LessonError::new(at, format!("expected at most {limit}, found {found}")));
            }
        }
        for (file, text) in &self.context {
            let edit = Command::Edit { file: file.clone(), text: text.clone() };
            edit.check().map_err(|error| LessonError::new("context", error.to_string()))?;
        }
        let mut entries = 0;
        for (list, images) in [("images", &self.images), ("registry", &self.registry)] {
            let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
            for (number, image) in images.iter().enumerate() {
                let at = format!("{list}[{number}]");
                let below = match &image.from {
                    None => 0,
                    Some(from) => *depths.get(&from[..]).ok_or_else(|| {
                        let problem = format!("expected an image of the list before it, found {}", super::shown(from));
                        LessonError::new(format!("{at}.from"), problem)
                    })?,
                };
                let depth = below + image.layers.len();
                if depth == 0 || depth > LAYERS {
                    let problem = format!("expected 1 to {LAYERS} layers, found {depth}");
                    return Err(LessonError::new(format!("{at}.layers"), problem));
                }
                depths.insert(&image.name, depth);
                entries += image.layers.iter().map(|layer| layer.entries.len()).sum::<usize>();
            }
        }
        let sources = self.images.iter().chain(&self.registry).flat_map(|image| &image.layers);
        let bytes = sources.flat_map(|layer| &layer.entries).map(Entry::bytes).fold(0, u64::saturating_add);
        if bytes > FILE_BYTES {
            let problem = format!("expected files of at most {FILE_BYTES} bytes together, found {bytes}");
            return Err(LessonError::new("images", problem));
        }
        if entries > ENTRIES {
            return Err(LessonError::new("images", format!("expected at most {ENTRIES} entries, found {entries}")));
        }
        Ok(())
    }
}

/// A number of bytes, or a text such as `69.3MB`.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Bytes(u64),
        Text(String),
    }
    /// More than any layer has, and little enough that sums of them do not overflow.
    const LARGEST: u64 = 1 << 50;
    let size = match Written::deserialize(deserializer)? {
        Written::Bytes(bytes) => Some(bytes),
        Written::Text(text) => parse_size(&text),
    };
    let size = size.filter(|&size| size <= LARGEST);
    size.map(Some).ok_or_else(|| serde::de::Error::custom("expected a size such as 69.3MB"))
}
