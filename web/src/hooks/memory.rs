//! Which archive a link needs, remembered beyond a reload.

use serde::{Deserialize, Serialize};

use crate::state::Archive;

/// What a person needs to find an archive again. The archive itself is never kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub key: String,
    pub name: String,
    pub size: u64,
    pub config: Option<String>,
}

const KEY: &str = "layerlab.archives";
/// Older ones are forgotten.
const KEPT: usize = 40;

/// Remembers an archive whose plan is known.
pub fn remember(archive: &Archive) {
    let known = Known {
        key: archive.key.clone(),
        name: archive.source.name.clone(),
        size: archive.source.size,
        config: archive.config_digest().map(ToString::to_string),
    };
    let mut all = all();
    all.retain(|other| other.key != known.key);
    all.insert(0, known);
    all.truncate(KEPT);
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&all)) {
        // A full or forbidden storage costs only the name of the file after a reload.
        let _ = storage.set_item(KEY, &text);
    }
}

/// What is remembered of the archive that a link calls `key`.
pub fn recall(key: &str) -> Option<Known> {
    all().into_iter().find(|known| known.key == key)
}

fn all() -> Vec<Known> {
    let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// `None` where the browser forbids it.
pub(super) fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
