//! `*` and `?`.

use super::words::Word;
use crate::overlay::{MergedPath, Overlay};

/// The words of a command with their patterns replaced by the names that match; a pattern without a match stays.
pub(super) fn expand(overlay: &Overlay, cwd: &MergedPath, words: &[Word]) -> Vec<String> {
    words
        .iter()
        .flat_map(|word| {
            let is_pattern = word.text.chars().zip(&word.quoted).any(|(c, &quoted)| !quoted && matches!(c, '*' | '?'));
            let found = if is_pattern { matches(overlay, cwd, word) } else { Vec::new() };
            if found.is_empty() { vec![word.text.clone()] } else { found }
        })
        .collect()
}

/// Whether a name matches a pattern of which some characters may be quoted. Only the last `*` is ever tried again, so
/// that a pattern of many stars takes no longer than the product of the lengths.
pub(super) fn is_match(pattern: &[(char, bool)], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(('*', false)) => {
                star = Some((p, n));
                p += 1;
            }
            Some(&(c, quoted)) if (c == '?' && !quoted) || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match &mut star {
                Some((at, taken)) => {
                    *taken += 1;
                    (p, n) = (*at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&part| part == ('*', false))
}

/// Characters of a pattern that is not quoted anywhere.
pub(super) fn pattern(text: &str) -> Vec<(char, bool)> {
    text.chars().map(|c| (c, false)).collect()
}

fn matches(overlay: &Overlay, cwd: &MergedPath, word: &Word) -> Vec<String> {
    let all: Vec<(char, bool)> = word.text.chars().zip(word.quoted.iter().copied()).collect();
    let absolute = word.text.starts_with('/');
    let mut found: Vec<(MergedPath, String)> =
        vec![if absolute { (MergedPath::root(), "/".into()) } else { (cwd.clone(), String::new()) }];
    for part in all.split(|&(c, _)| c == '/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for (directory, shown) in found {
            for name in overlay.names_in(&directory) {
                let Ok(text) = std::str::from_utf8(&name) else { continue };
                let chars: Vec<char> = text.chars().collect();
                let hidden = text.starts_with('.') && part[0].0 != '.';
                if !hidden && is_match(part, &chars) {
                    let separator = if shown.is_empty() || shown.ends_with('/') { "" } else { "/" };
                    next.push((directory.join(&name), format!("{shown}{separator}{text}")));
                }
            }
        }
        found = next;
    }
    found.into_iter().map(|(_, shown)| shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_as_in_a_shell() {
        for (text, name, matches) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("*a*b", "xaxbxb", true),
            ("?b", "ab", true),
            ("?", "", false),
            ("a", "ab", false),
            ("**", "x", true),
        ] {
            let name: Vec<char> = name.chars().collect();
            assert_eq!(is_match(&pattern(text), &name), matches, "{text}");
        }
        let stars = pattern(&"a*".repeat(2_000));
        assert!(!is_match(&[&stars[..], &[('b', false)]].concat(), &['a'; 255]));
        assert!(is_match(&[('*', true)], &['*']) && !is_match(&[('*', true)], &['x']));
    }
}
