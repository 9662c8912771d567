//! The `platform` object of an image index.
//!
//! Source: OCI image-spec, image-index.md.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json::Fields;

/// What an image runs on. Everything is optional because documents in the wild leave everything out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Platform {
    #[serde(default)]
    pub os: Option<String>,
    #[serde(default)]
    pub architecture: Option<String>,
    #[serde(default)]
    pub variant: Option<String>,
}

impl Platform {
    pub fn from_json(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Self {
        Self {
            os: fields.string(object, "os"),
            architecture: fields.string(object, "architecture"),
            variant: fields.string(object, "variant"),
        }
    }
}

impl fmt::Display for Platform {
    /// `linux/arm64/v8`, as `docker --platform` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |p: &Option<String>| p.clone().unwrap_or_else(|| "unknown".into());
        write!(f, "{}/{}", part(&self.os), part(&self.architecture))?;
        self.variant.as_ref().map_or(Ok(()), |v| write!(f, "/{v}"))
    }
}
