//! Pure functions from what was found to groups and words.

use layerlab_core::facts::hidden::{Found, Permission, Place, Reason, fate::Fate};

/// Secrets of one group that are drawn.
const SHOWN: usize = 300;

/// Secrets that share a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// `gone`, `visible`, `config` or `examples`.
    pub key: &'static str,
    pub found: Vec<&'a Found>,
    pub left_out: usize,
}

/// In the order of the ranking, empty groups left out.
pub fn groups(found: &[Found]) -> Vec<Group<'_>> {
    let keys = ["gone", "visible", "config", "examples"];
    let group = |key: &'static str| {
        let mut of_key: Vec<&Found> = found.iter().filter(|found| group_key(found) == key).collect();
        let left_out = of_key.len().saturating_sub(SHOWN);
        of_key.truncate(SHOWN);
        Group { key, found: of_key, left_out }
    };
    keys.into_iter().map(group).filter(|group| !group.found.is_empty()).collect()
}

fn group_key(found: &Found) -> &'static str {
    match &found.place {
        _ if found.among_examples => "examples",
        Place::Config(_) => "config",
        Place::File { .. } if found.is_gone() => "gone",
        Place::File { .. } => "visible",
    }
}

/// The key of the sentence on what became of it, and the layer that the sentence names.
pub fn fate_words(found: &Found) -> (&'static str, Option<u32>) {
    match &found.place {
        Place::Config(_) => ("hidden.fate.config", None),
        Place::File { fate: Fate::Visible, .. } => ("hidden.fate.visible", None),
        Place::File { fate: Fate::Deleted { by }, .. } => ("hidden.fate.deleted", Some(*by)),
        Place::File { fate: Fate::Replaced { by }, .. } => ("hidden.fate.replaced", Some(*by)),
    }
}

/// A line with the secret taken out: of a value of several lines, every line of it.
pub fn masked_line(line: &str, value: &str, number: u32, first: u32) -> String {
    let mut out = line.to_owned();
    for (offset, part) in value.lines().enumerate().filter(|(_, part)| !part.is_empty()) {
        // A short value may stand in other lines by chance, and is taken out of its own only.
        if number == first + offset as u32 || part.len() >= 8 {
            out = out.replace(part, &"•".repeat(part.chars().count().min(24)));
        }
    }
    out
}

/// Neighbours of one reason, as they are sorted.
pub fn by_reason(found: &[Permission]) -> Vec<(Reason, &[Permission])> {
    found.chunk_by(|a, b| a.reason == b.reason).filter_map(|rows| Some((rows.first()?.reason, rows))).collect()
}

#[cfg(test)]
mod tests {
    use layerlab_core::facts::hidden::in_config;
    use layerlab_core::spec::config::{Execution, ImageConfig};

    use super::*;

    fn example() -> Found {
        let execution = Execution { env: vec!["DB_PASSWORD=hunter2".into()], ..Execution::default() };
        in_config(&ImageConfig { execution, ..ImageConfig::default() }).remove(0)
    }

    fn in_file(fate: Fate, among_examples: bool) -> Found {
        let place = Place::File { path: b"a".to_vec(), layers: vec![0], data_offset: 0, fate };
        Found { place, among_examples, ..example() }
    }

    #[test]
    fn what_is_gone_has_its_own_group_and_comes_first() {
        let found = [
            in_file(Fate::Visible, false),
            in_file(Fate::Deleted { by: 2 }, false),
            example(),
            in_file(Fate::Deleted { by: 2 }, true),
        ];
        let keys: Vec<_> = groups(&found).into_iter().map(|group| (group.key, group.found.len())).collect();
        assert_eq!(keys, [("gone", 1), ("visible", 1), ("config", 1), ("examples", 1)]);
        assert_eq!(fate_words(&found[1]), ("hidden.fate.deleted", Some(2)));
    }

    #[test]
    fn a_secret_is_masked_in_every_line_of_it() {
        assert_eq!(masked_line("A=hunter2", "hunter2", 3, 3), "A=•••••••");
        assert_eq!(masked_line("A=hunter2", "hunter2", 4, 3), "A=hunter2");
        let key = "-----BEGIN\nabcdefghij\n";
        assert_eq!(masked_line("abcdefghij", key, 2, 1), "••••••••••");
    }
}
