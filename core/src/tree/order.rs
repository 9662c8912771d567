//! The order of full paths, byte by byte, without writing them out.

use std::cmp::Ordering;

use crate::path::{PathId, PathTable};

/// Compares as [`PathTable::bytes`] would: `a` < `a-b` < `a/b`, since `-` is before `/`.
pub fn compare(paths: &PathTable, a: PathId, b: PathId) -> Ordering {
    let (depth_a, depth_b) = (paths.depth(a), paths.depth(b));
    let common = depth_a.min(depth_b);
    let mut up_a = ancestor(paths, a, depth_a - common);
    let mut up_b = ancestor(paths, b, depth_b - common);
    if up_a == up_b {
        return depth_a.cmp(&depth_b);
    }
    let (mut deeper_a, mut deeper_b) = (depth_a > common, depth_b > common);
    while paths.parent(up_a) != paths.parent(up_b) {
        (up_a, up_b) = (paths.parent(up_a), paths.parent(up_b));
        (deeper_a, deeper_b) = (true, true);
    }
    compare_names((paths.name(up_a), deeper_a), (paths.name(up_b), deeper_b))
}

/// Compares two names of one directory, each with a slash behind it where a deeper path is meant.
pub fn compare_names(a: (&[u8], bool), b: (&[u8], bool)) -> Ordering {
    let with_slash = |(name, slash): (&[u8], bool), at: usize| match at {
        at if at < name.len() => Some(name[at]),
        at if at == name.len() && slash => Some(b'/'),
        _ => None,
    };
    let shorter = a.0.len().min(b.0.len());
    a.0[..shorter]
        .cmp(&b.0[..shorter])
        .then_with(|| with_slash(a, shorter).cmp(&with_slash(b, shorter)))
        .then_with(|| (a.0.len() + usize::from(a.1)).cmp(&(b.0.len() + usize::from(b.1))))
}

fn ancestor(paths: &PathTable, path: PathId, levels: usize) -> PathId {
    (0..levels).fold(path, |at, _| paths.parent(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_compare_as_their_bytes() {
        let texts = ["", "a", "a!b", "a-b", "a/b", "a/b/c", "a/b-c", "a/c", "ab", "b", "a\u{0}", "a/b/c/d/e", "a0/x"];
        let mut table = PathTable::new();
        let ids: Vec<PathId> = texts
            .iter()
            .map(|text| table.path(text.as_bytes().split(|&b| b == b'/').filter(|part| !part.is_empty())))
            .collect();
        for (a, &id_a) in texts.iter().zip(&ids) {
            for (b, &id_b) in texts.iter().zip(&ids) {
                assert_eq!(compare(&table, id_a, id_b), a.as_bytes().cmp(b.as_bytes()), "{a:?} {b:?}");
            }
        }
    }
}
