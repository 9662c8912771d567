//! Which archive a link needs, remembered beyond a reload.

use crate::state::Archive;

/// What a person needs to find an archive again. The archive itself is never kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub name: String,
    pub size: u64,
    pub config: Option<String>,
}

/// Remembers an archive whose plan is known. A full or forbidden storage costs only the name of the file after a
/// reload.
pub fn remember(archive: &Archive) {
    let known = Known {
        name: archive.source.name.clone(),
        size: archive.source.size,
        config: archive.config_digest().map(ToString::to_string),
    };
    if let Some(storage) = storage() {
        let _ = storage.set_item(&item(&archive.key), &known.encode());
    }
}

/// What is remembered of the archive that a link calls `key`.
pub fn recall(key: &str) -> Option<Known> {
    Known::decode(&storage()?.get_item(&item(key)).ok()??)
}

impl Known {
    /// Size, config digest and name, a line each. The name comes last, because it may hold anything.
    fn encode(&self) -> String {
        format!("{}\n{}\n{}", self.size, self.config.as_deref().unwrap_or_default(), self.name)
    }

    fn decode(text: &str) -> Option<Self> {
        let mut lines = text.splitn(3, '\n');
        let size = lines.next()?.parse().ok()?;
        let config = lines.next().filter(|config| !config.is_empty()).map(str::to_owned);
        Some(Self { name: lines.next()?.to_owned(), size, config })
    }
}

fn item(key: &str) -> String {
    format!("layerlab.archive.{key}")
}

/// `None` where the browser forbids it.
pub(super) fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn what_is_remembered_comes_back_whatever_the_name() {
        for (name, config) in [("app.tar", Some("sha256:00")), ("two\nlines\n", None), ("", None)] {
            let known = Known { name: name.into(), size: 7, config: config.map(str::to_owned) };
            assert_eq!(Known::decode(&known.encode()), Some(known));
        }
        assert_eq!(Known::decode("seven\n\nname"), None);
    }
}
