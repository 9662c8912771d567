//! Which of two versions is the later.
//!
//! Source: deb-version(7). apk's versions follow the same order once its suffixes of versions to come (`_rc1`) are
//! written with a tilde.

use std::cmp::Ordering;

/// Orders two versions of one package.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (with_tildes(a), with_tildes(b));
    let (epoch_a, rest_a) = epoch(&a);
    let (epoch_b, rest_b) = epoch(&b);
    let (upstream_a, revision_a) = rest_a.rsplit_once('-').unwrap_or((rest_a, "0"));
    let (upstream_b, revision_b) = rest_b.rsplit_once('-').unwrap_or((rest_b, "0"));
    epoch_a
        .cmp(&epoch_b)
        .then_with(|| part(upstream_a.as_bytes(), upstream_b.as_bytes()))
        .then_with(|| part(revision_a.as_bytes(), revision_b.as_bytes()))
}

fn with_tildes(version: &str) -> String {
    let mut version = version.to_owned();
    for suffix in ["_alpha", "_beta", "_pre", "_rc"] {
        version = version.replace(suffix, &suffix.replace('_', "~"));
    }
    version
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':').and_then(|(epoch, rest)| Some((epoch.parse().ok()?, rest))) {
        Some(split) => split,
        None => (0, version),
    }
}

/// Texts and numbers in turn.
fn part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (text_a, text_b) = (split(&mut a, false), split(&mut b, false));
        let texts = text(text_a, text_b);
        if texts != Ordering::Equal {
            return texts;
        }
        let (number_a, number_b) = (split(&mut a, true), split(&mut b, true));
        let numbers = number(number_a, number_b);
        if numbers != Ordering::Equal || (a.is_empty() && b.is_empty()) {
            return numbers;
        }
    }
}

fn split<'t>(rest: &mut &'t [u8], digits: bool) -> &'t [u8] {
    let end = rest.iter().position(|b| b.is_ascii_digit() != digits).unwrap_or(rest.len());
    let (head, tail) = rest.split_at(end);
    *rest = tail;
    head
}

/// A tilde is before the end, the end before letters, letters before the rest.
fn text(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(b) if b.is_ascii_alphabetic() => i32::from(*b),
        Some(b) => i32::from(*b) + 256,
    };
    (0..a.len().max(b.len()))
        .map(|at| weight(a.get(at)).cmp(&weight(b.get(at))))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

/// By value, however many digits there are.
fn number(a: &[u8], b: &[u8]) -> Ordering {
    let significant = |n: &[u8]| n.iter().skip_while(|b| **b == b'0').copied().collect::<Vec<_>>();
    let (a, b) = (significant(a), significant(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order is that of `dpkg --compare-versions`.
    #[test]
    fn versions_are_ordered_as_dpkg_orders_them() {
        for (a, b) in [
            ("1.0", "1.1"),
            ("1.9", "1.10"),
            ("1.0~rc1", "1.0"),
            ("1.0", "1.0a"),
            ("1.0a", "1.0+b"),
            ("9", "1:1"),
            ("1.0-1", "1.0-1.1"),
            ("1.0-9", "1.0-10"),
            ("1.0", "1.0-1"),
            ("1.2.4_rc1-r0", "1.2.4-r0"),
            ("0009", "99999999999999999999999"),
        ] {
            assert_eq!((compare(a, b), compare(b, a)), (Ordering::Less, Ordering::Greater), "{a} {b}");
        }
        assert_eq!(compare("1.01-0", "1.1"), Ordering::Equal);
    }
}
