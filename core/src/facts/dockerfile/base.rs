//! Where the base image ends and the Dockerfile begins, and what its FROM may have been.
//!
//! The history of an image contains that of its base. Only buildah writes the FROM down (in a comment), and some
//! builds label it; elsewhere it is a guess.

use super::{Certainty, Guess, Line};
use crate::{display::harmless_block, facts::distribution::Distribution, spec::config::ImageConfig};

/// The label by which a build names its base.
/// Source: OCI image-spec, annotations.md.
const BASE_NAME: &str = "org.opencontainers.image.base.name";
/// A pause in the history after which the lines belong to another build, in seconds.
const PAUSE: i64 = 3_600;
const NAME_BYTES: usize = 512;

/// Puts the FROM in its place and marks what is below it.
pub fn add(lines: &mut Vec<Line>, config: &ImageConfig, distribution: Option<&Distribution>) {
    let (at, text, certainty) = found(lines, config, distribution);
    for line in &mut lines[..at] {
        line.in_base = true;
    }
    let text = harmless_block(&text, NAME_BYTES);
    lines.insert(at, Line { text, certainty, layer: None, entry: None, in_base: false });
}

/// The line the FROM stands before, its text, and how far it can be relied on.
fn found(lines: &[Line], config: &ImageConfig, distribution: Option<&Distribution>) -> (usize, String, Certainty) {
    let line_of = |entry: usize| lines.iter().position(|line| line.entry == Some(entry));
    let written = config.history.iter().enumerate().find_map(|(entry, history)| {
        let name = history.comment.as_deref()?.strip_prefix("FROM ")?.trim();
        // buildah names the images between two instructions by the start of their IDs.
        (is_reference(name) && !is_short_id(name)).then_some((line_of(entry)?, name))
    });
    if let Some((at, name)) = written {
        return (at, format!("FROM {name}"), Certainty::Known);
    }
    let pauses: Vec<usize> = pauses(config).into_iter().filter_map(line_of).collect();
    let labelled = config.execution.labels.get(BASE_NAME).filter(|name| is_reference(name));
    if let Some(name) = labelled {
        return (pauses.last().copied().unwrap_or(0), format!("FROM {name}"), Certainty::Known);
    }
    let guessed = |at, name: String, guess| (at, format!("FROM {name}"), Certainty::Guessed(guess));
    // The distribution's own image is the lowest of the bases, so it ends at the first break.
    let end = distribution_end(lines).or(pauses.first().copied());
    let own_file_system = lines.iter().find(|line| line.layer.is_some()).is_none_or(brings_file_system);
    match (end, distribution.and_then(Distribution::image_name)) {
        (Some(at), Some(name)) => guessed(at, name, Guess::BaseFromDistribution),
        (None, _) | (_, None) if own_file_system => guessed(0, "scratch".into(), Guess::BaseScratch),
        (None, Some(name)) => guessed(0, name, Guess::BaseFromDistribution),
        (at, None) => guessed(at.unwrap_or(0), "scratch".into(), Guess::BaseUnknown),
    }
}

/// The images of distributions are a file system and a command, and no more.
fn distribution_end(lines: &[Line]) -> Option<usize> {
    match lines {
        [first, second, _, ..] if brings_file_system(first) && second.text.starts_with("CMD ") => Some(2),
        _ => None,
    }
}

/// `ADD file:… /`, `ADD rootfs.tar.gz /`, or a line of a tool that makes base images.
fn brings_file_system(line: &Line) -> bool {
    match line.text.split_whitespace().next() {
        Some("ADD" | "COPY") => line.text.trim_end().ends_with(" /"),
        Some("#") => line.certainty == Certainty::Comment,
        _ => false,
    }
}

/// The entries that come after a long pause.
fn pauses(config: &ImageConfig) -> Vec<usize> {
    let times: Vec<Option<i64>> =
        config.history.iter().map(|entry| entry.created.as_deref().and_then(seconds)).collect();
    let after_pause = |entry: &usize| match (times[*entry - 1], times[*entry]) {
        (Some(before), Some(after)) => after - before > PAUSE && before > 0,
        _ => false,
    };
    (1..times.len()).filter(after_pause).collect()
}

/// Seconds since the epoch of an RFC 3339 time, to the second; its offset from UTC is left out, because only long
/// pauses count.
fn seconds(time: &str) -> Option<i64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) {
        return None;
    }
    // Days from civil: years begin in March, so that the leap day is the last of a year.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 153 + 2) / 5 + day - 719_469;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn is_reference(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_BYTES
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/:@._-+[]".contains(&b))
}

fn is_short_id(name: &str) -> bool {
    name.len() >= 12 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2024-02-29T12:00:01.5Z"), Some(1_709_208_001));
        assert_eq!(seconds("0001-01-01T00:00:00Z").map(|s| s < 0), Some(true));
        for text in ["", "yesterday", "2024-13-01T00:00:00Z", "2024-02-2é"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn ids_between_instructions_are_no_names() {
        assert!(is_short_id("683cf59c7d5b") && !is_short_id("debian") && !is_reference("a b"));
    }
}
