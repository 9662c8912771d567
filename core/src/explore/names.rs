//! The names of a timeline's paths, made to be searched and listed.

use memchr::memmem::Finder;

use crate::path::{PathId, PathTable};

/// All names in one piece of memory, in lower case, and the children of every path, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// ASCII letters in lower case, all else as it is.
    folded: Vec<u8>,
    /// By path, the start of its name; one more at the end.
    starts: Vec<u32>,
    children: Vec<PathId>,
    /// By path, the start of its children; one more at the end.
    child_starts: Vec<u32>,
}

impl Names {
    pub fn new(paths: &PathTable) -> Self {
        let mut folded = Vec::new();
        let mut starts = Vec::with_capacity(paths.len() + 1);
        let mut counts = vec![0_u32; paths.len() + 1];
        for path in paths.ids() {
            starts.push(folded.len() as u32);
            folded.extend(paths.name(path).iter().map(u8::to_ascii_lowercase));
            if path != PathId::ROOT {
                counts[paths.parent(path).index() + 1] += 1;
            }
        }
        starts.push(folded.len() as u32);
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        let child_starts = counts.clone();
        let mut children = vec![PathId::ROOT; paths.len().saturating_sub(1)];
        for path in paths.ids().skip(1) {
            let next = &mut counts[paths.parent(path).index()];
            children[*next as usize] = path;
            *next += 1;
        }
        for window in child_starts.windows(2) {
            children[window[0] as usize..window[1] as usize].sort_unstable_by_key(|&path| paths.name(path));
        }
        Self { folded, starts, children, child_starts }
    }

    /// All children a path ever has, by name.
    pub fn children(&self, path: PathId) -> &[PathId] {
        match (self.child_starts.get(path.index()), self.child_starts.get(path.index() + 1)) {
            (Some(&from), Some(&to)) => &self.children[from as usize..to as usize],
            _ => &[],
        }
    }

    /// The name in lower case.
    pub fn folded(&self, path: PathId) -> &[u8] {
        &self.folded[self.starts[path.index()] as usize..self.starts[path.index() + 1] as usize]
    }

    /// For each path, whether `query` is in its name, or, where it holds slashes, in its full path. Letters of ASCII
    /// are the same in upper and lower case.
    ///
    /// One search through all names at once: a search a name would spend its time on starting.
    pub fn find(&self, paths: &PathTable, query: &[u8]) -> Vec<bool> {
        let query = query.to_ascii_lowercase();
        let mut found = vec![false; paths.len()];
        if query.is_empty() {
            return found;
        }
        if query.contains(&b'/') {
            let parts: Vec<&[u8]> = query.split(|&b| b == b'/').collect();
            for path in paths.ids().skip(1) {
                found[path.index()] = self.ends_in(paths, path, &parts);
            }
            return found;
        }
        let finder = Finder::new(&query);
        let (mut at, mut path) = (0, 0);
        while let Some(start) = finder.find(&self.folded[at..]).map(|offset| at + offset) {
            while self.starts[path + 1] as usize <= start {
                path += 1;
            }
            let end = self.starts[path + 1] as usize;
            if start + query.len() <= end {
                found[path] = true;
                at = end;
            } else {
                // It begins in one name and ends in the next.
                at = start + 1;
            }
        }
        found
    }

    /// Whether the full path, with a slash before it, holds the parts joined by slashes with the last of them in its
    /// last component: the parts in the middle are whole names.
    fn ends_in(&self, paths: &PathTable, path: PathId, parts: &[&[u8]]) -> bool {
        let Some((last, above)) = parts.split_last() else { return false };
        let Some((first, middle)) = above.split_first() else { return false };
        if !self.folded(path).starts_with(last) {
            return false;
        }
        let mut at = path;
        for part in middle.iter().rev() {
            at = paths.parent(at);
            if at == PathId::ROOT || self.folded(at) != *part {
                return false;
            }
        }
        if first.is_empty() {
            return true;
        }
        at = paths.parent(at);
        at != PathId::ROOT && self.folded(at).ends_with(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(query: &str) -> Vec<String> {
        let mut paths = PathTable::new();
        for path in ["etc/Passwd", "etc/pass", "usr/lib/ssl", "usr/lib64/sslx", "ab", "ba", "x/usr/lib/s"] {
            paths.path(path.as_bytes().split(|&b| b == b'/'));
        }
        let found = Names::new(&paths).find(&paths, query.as_bytes());
        paths.ids().filter(|path| found[path.index()]).map(|path| paths.display(path)).collect()
    }

    #[test]
    fn a_word_is_found_in_names_whatever_its_case() {
        assert_eq!(hits("PASS"), ["etc/Passwd", "etc/pass"]);
        assert_eq!(hits("lib"), ["usr/lib", "usr/lib64", "x/usr/lib"]);
        assert_eq!(hits(""), [""; 0]);
        // "ab" and "ba" stand one behind the other.
        assert_eq!(hits("bb"), [""; 0]);
        assert_eq!(hits("ba"), ["ba"]);
    }

    #[test]
    fn a_slash_asks_for_the_path() {
        assert_eq!(hits("etc/pa"), ["etc/Passwd", "etc/pass"]);
        assert_eq!(hits("lib/s"), ["usr/lib/ssl", "x/usr/lib/s"]);
        assert_eq!(hits("r/lib/s"), ["usr/lib/ssl", "x/usr/lib/s"]);
        assert_eq!(hits("/usr"), ["usr", "x/usr"]);
        assert_eq!(hits("etc/"), ["etc/Passwd", "etc/pass"]);
    }

    #[test]
    fn children_come_by_name() {
        let mut paths = PathTable::new();
        for name in ["b", "a", "c"] {
            paths.child(PathId::ROOT, name.as_bytes());
        }
        let names = Names::new(&paths);
        let listed: Vec<&[u8]> = names.children(PathId::ROOT).iter().map(|&path| paths.name(path)).collect();
        assert_eq!(listed, [b"a", b"b", b"c"]);
        assert_eq!(names.children(PathId(1)), []);
    }
}
