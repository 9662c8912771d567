//! The documents of `docker save` that no OCI specification describes.
//!
//! Source: moby, image/spec/v1.2.md ("Combined Image JSON + Filesystem Changeset Format") and image/tarexport.

use serde_json::Value;

use super::json::{Fields, JsonError, Ordered, parse, type_name};

/// One element of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerManifestEntry {
    /// Member name of the config document.
    pub config: Option<String>,
    pub repo_tags: Vec<String>,
    /// Member names, base first. An empty name is a layer that a thin archive leaves out.
    pub layers: Vec<String>,
}

impl DockerManifestEntry {
    /// `Err` holds what the element is instead of an object.
    pub fn from_json(value: &Value, fields: &mut Fields<'_>) -> Result<Self, &'static str> {
        let object = value.as_object().ok_or_else(|| type_name(value))?;
        // Names that are no texts keep their place as absent layers: the diff_ids are paired by position.
        let layers = fields.list(object, "Layers").iter().map(|name| name.as_str().unwrap_or_default().to_owned());
        Ok(Self {
            layers: layers.collect(),
            config: fields.string(object, "Config"),
            repo_tags: fields.strings(object, "RepoTags"),
        })
    }
}

/// `repositories` of the v1 format: name, tag and id of the topmost layer, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repositories(pub Vec<RepositoryTag>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryTag {
    pub repository: String,
    pub tag: String,
    pub top: String,
}

impl Repositories {
    pub fn parse(text: &[u8], nesting: usize, values: usize) -> Result<Self, JsonError> {
        let repositories: Ordered<Ordered<Value>> = parse(text, nesting, values)?;
        let tags = repositories.0.into_iter().flat_map(|(repository, tags)| {
            tags.0.into_iter().map(move |(tag, top)| RepositoryTag {
                repository: repository.clone(),
                tag,
                top: top.as_str().unwrap_or_default().to_owned(),
            })
        });
        Ok(Self(tags.collect()))
    }
}
