//! Hidden things: secrets in any layer, those that a later layer deleted first, and permissions that deserve a look.
//!
//! Precise before many: each rule has its true and its false examples as tests, and what looks like a placeholder or
//! lies among tests and documentation says so or is left out. Values are masked until they are asked for.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::scan::LayerScan;
use crate::{display::harmless, spec::config::ImageConfig};

mod assignment;
mod config;
pub mod fate;
mod files;
mod jwt;
mod pem;
pub mod permission;
mod placeholder;
mod rule;
mod text;
mod token;

pub use config::in_config;
use fate::{Fate, Marks};
pub use permission::{Permission, Reason, permissions};
pub use rule::{Rule, Severity};
pub use text::{find, is_text};

/// Bytes of a value that are kept; a private key of 4,096 bits has about 3,300.
const VALUE_BYTES: usize = 4_096;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Secret {
    pub rule: Rule,
    /// What it belongs to: the name of a variable, a user, a registry. Harmless.
    pub name: Option<String>,
    /// Line and byte offset in the file; lines count from 1.
    pub line: u32,
    pub offset: u64,
    pub value: Value,
}

/// A secret in a file of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub path: Vec<u8>,
    /// Which entry of that path: see [`super::contents::FileHead::data_offset`].
    pub data_offset: u64,
    pub secret: Secret,
}

/// The value itself, which no debug output shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Value(Vec<u8>);

/// A secret of an image: where it is and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub secret: Secret,
    pub place: Place,
    /// It lies among tests, examples or documentation, where keys are often published on purpose.
    pub among_examples: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The layers that store the same value at the same path, base first; the fate is that of the last of them.
    File { path: Vec<u8>, layers: Vec<u32>, data_offset: u64, fate: Fate },
    /// The config document, which everybody who pulls the image reads.
    Config(ConfigPart),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigPart {
    Env,
    Label,
    /// Entrypoint, command, health check or a later build's instructions.
    Command,
    /// Index of the entry.
    History(u32),
}

/// The secrets of an image, ranked: gone from the image and still stored first, then by how usable they are, those
/// among examples last. `marks` and `scans` are base first, `None` where a layer is absent.
pub fn ranked(config: Option<&ImageConfig>, marks: &[Option<Marks<'_>>], scans: &[Option<&LayerScan>]) -> Vec<Found> {
    // One value at one path is one secret, however many layers store it.
    type Key<'a> = (&'a [u8], Rule, &'a Option<String>, &'a Value);
    let mut places: BTreeMap<Key<'_>, (Vec<u32>, &Hit)> = BTreeMap::new();
    for (layer, scan) in scans.iter().enumerate() {
        for hit in scan.iter().flat_map(|scan| &scan.hits) {
            let secret = &hit.secret;
            let key = (hit.path.as_slice(), secret.rule, &secret.name, &secret.value);
            let (layers, last) = places.entry(key).or_insert((Vec::new(), hit));
            layers.push(layer as u32);
            layers.dedup();
            *last = hit;
        }
    }
    let in_files = places.into_values().map(|(layers, hit)| {
        let last = layers.last().copied().unwrap_or(0);
        Found {
            secret: hit.secret.clone(),
            among_examples: placeholder::among_examples(&hit.path),
            place: Place::File {
                fate: fate::fate(marks, last as usize, &hit.path, hit.data_offset),
                path: hit.path.clone(),
                layers,
                data_offset: hit.data_offset,
            },
        }
    });
    let mut found: Vec<Found> = in_files.chain(config.map(in_config).unwrap_or_default()).collect();
    found.sort_by(|a, b| a.rank().cmp(&b.rank()));
    found
}

impl Found {
    fn rank(&self) -> (bool, bool, Severity, Rule, &[u8], u64) {
        let path = match &self.place {
            Place::File { path, .. } => path.as_slice(),
            Place::Config(_) => &[],
        };
        (self.among_examples, !self.is_gone(), self.secret.rule.severity(), self.secret.rule, path, self.secret.offset)
    }

    /// Whether a later layer deleted it or wrote over it, so that the image's files do not show it.
    pub fn is_gone(&self) -> bool {
        matches!(&self.place, Place::File { fate: Fate::Deleted { .. } | Fate::Replaced { .. }, .. })
    }
}

impl Secret {
    /// Built from the bytes that hold it.
    fn new(rule: Rule, text: &[u8], start: usize, len: usize) -> Self {
        let value = text.get(start..start + len).unwrap_or_default();
        let line = 1 + text[..start.min(text.len())].iter().filter(|&&b| b == b'\n').count();
        Self {
            rule,
            name: None,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            offset: start as u64,
            value: Value(value[..value.len().min(VALUE_BYTES)].to_vec()),
        }
    }

    fn named(mut self, name: &[u8]) -> Self {
        self.name = Some(harmless(name));
        self
    }

    /// What may be shown: what tells the kind of token apart, and how long the rest is.
    pub fn masked(&self) -> String {
        let open = self.rule.open_chars(&self.value.0);
        let shown = String::from_utf8_lossy(&self.value.0[..open.min(self.value.0.len())]).into_owned();
        let hidden = self.value.0.len().saturating_sub(open);
        if self.value.is_empty() {
            return String::new();
        }
        format!("{}{}", harmless(shown.as_bytes()), "•".repeat(hidden.clamp(4, 12)))
    }
}

impl Value {
    /// The secret itself, harmless for display and with its lines.
    pub fn reveal(&self) -> String {
        crate::display::harmless_block(&String::from_utf8_lossy(&self.0), VALUE_BYTES)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests;
