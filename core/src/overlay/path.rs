//! A place in the merged view, which is also its place in the upperdir.

use std::{fmt, sync::Arc};

use super::inode::Name;

/// An absolute path without `.`, `..` and symbolic links: components joined by `/`, no slash in front. The root is
/// empty. Shown with its slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MergedPath(Arc<[u8]>);

impl MergedPath {
    pub fn root() -> Self {
        Self(Arc::default())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn join(&self, name: &[u8]) -> Self {
        if self.is_root() {
            return Self(name.into());
        }
        Self([&self.0, &b"/"[..], name].concat().into())
    }

    /// The root is its own parent.
    pub fn parent(&self) -> Self {
        match self.0.iter().rposition(|&b| b == b'/') {
            Some(slash) => Self(self.0[..slash].into()),
            None => Self::root(),
        }
    }

    /// The last component; empty for the root.
    pub fn name(&self) -> Name {
        self.components().next_back().unwrap_or_default().into()
    }

    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/').filter(|part| !part.is_empty())
    }

    /// The root and all directories on the way, the path itself left out; topmost first.
    pub fn ancestors(&self) -> Vec<Self> {
        let mut out = Vec::new();
        let mut at = self.clone();
        while !at.is_root() {
            at = at.parent();
            out.push(at.clone());
        }
        out.reverse();
        out
    }

    /// Whether `self` is a directory on the way to `other`.
    pub fn is_ancestor_of(&self, other: &Self) -> bool {
        other.0.len() > self.0.len()
            && other.0.starts_with(&self.0)
            && (self.is_root() || other.0[self.0.len()] == b'/')
    }

    /// Without the slash in front.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for MergedPath {
    /// The path's components as they stand: `.` and `..` are dropped by name.
    fn from(path: &str) -> Self {
        Self(crate::path::clamp(path.as_bytes()).components.join(&b'/').into())
    }
}

impl fmt::Display for MergedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", crate::display::harmless(&self.0))
    }
}

impl fmt::Debug for MergedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sibling_with_a_longer_name_is_no_descendant() {
        let a = MergedPath::from("/a");
        assert!(a.is_ancestor_of(&"/a/b".into()));
        assert!(!a.is_ancestor_of(&"/ab".into()));
        assert!(!a.is_ancestor_of(&a));
        assert!(MergedPath::root().is_ancestor_of(&a));
        assert_eq!(MergedPath::from("a/b/c").ancestors(), ["/", "/a", "/a/b"].map(MergedPath::from));
        assert_eq!(&*MergedPath::from("a/b").name(), b"b");
    }
}
