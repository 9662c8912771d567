//! What the Tab key gives.

use super::command::COMMANDS;
use crate::overlay::{MergedPath, Overlay};

pub(super) fn complete(overlay: &Overlay, cwd: &MergedPath, line: &str) -> Vec<String> {
    let word = line.rsplit([' ', '>', ';', '&']).next().unwrap_or_default();
    let before = line[..line.len() - word.len()].trim_end();
    if before.is_empty() || before.ends_with([';', '&']) {
        let names = COMMANDS.iter().filter(|name| name.starts_with(word));
        return names.map(|name| (*name).to_string()).collect();
    }
    let (directory, start) =
        word.rsplit_once('/').map_or(("", word), |(_, start)| (&word[..word.len() - start.len()], start));
    let from = if directory.starts_with('/') { MergedPath::root() } else { cwd.clone() };
    let at = crate::path::clamp(directory.as_bytes()).components.into_iter().fold(from, |at, name| at.join(name));
    let names = overlay.names_in(&at);
    let texts = names.iter().filter_map(|name| std::str::from_utf8(name).ok());
    texts
        .filter(|name| name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.')))
        .map(|name| {
            let is_dir = overlay.merged_at(&at.join(name.as_bytes())).is_some_and(|entry| entry.inode.is_directory());
            format!("{directory}{}{}", escaped(name), if is_dir { "/" } else { "" })
        })
        .collect()
}

fn escaped(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if !(c.is_alphanumeric() || "._-+,:@%/=~".contains(c)) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
