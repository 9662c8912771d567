//! The members of an archive before they become a tar: what a test takes away, damages or reorders.

use std::path::Path;

use crate::layer::{Entry, Layer};

/// Files and links by name, in the order in which they will be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(Vec<(String, Member)>);

#[derive(Clone, Debug, PartialEq)]
enum Member {
    File(Vec<u8>),
    Symlink(String),
}

impl Members {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. A name that is there already keeps its place and its first content, as blobs shared between
    /// images do.
    pub fn file(mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        let name = name.into();
        if !self.names().any(|present| present == name) {
            self.0.push((name, Member::File(content.into())));
        }
        self
    }

    pub fn symlink(mut self, name: impl Into<String>, target: impl Into<String>) -> Self {
        self.0.push((name.into(), Member::Symlink(target.into())));
        self
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The content of a file.
    ///
    /// # Panics
    /// Where there is no such file: a test that damages nothing proves nothing.
    pub fn content(&self, name: &str) -> &[u8] {
        match self.0.iter().find(|(present, _)| present == name) {
            Some((_, Member::File(content))) => content,
            _ => panic!("no file {name:?} among {:?}", self.names().collect::<Vec<_>>()),
        }
    }

    /// Takes a member away.
    ///
    /// # Panics
    /// Where there is no such member.
    pub fn without(mut self, name: &str) -> Self {
        let before = self.0.len();
        self.0.retain(|(present, _)| present != name);
        assert_ne!(before, self.0.len(), "no member {name:?}");
        self
    }

    /// Exchanges a file's content and keeps its place.
    ///
    /// # Panics
    /// Where there is no such file.
    pub fn replace(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        *self.content_mut(name) = content.into();
        self
    }

    /// Inverts the bits of one byte.
    ///
    /// # Panics
    /// Where there is no such file or byte.
    pub fn flip(mut self, name: &str, offset: usize) -> Self {
        self.content_mut(name)[offset] ^= 0xff;
        self
    }

    /// Cuts a file's end off.
    ///
    /// # Panics
    /// Where there is no such file.
    pub fn truncate(mut self, name: &str, len: usize) -> Self {
        self.content_mut(name).truncate(len);
        self
    }

    /// The last member first.
    pub fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    /// `prefixed("./")`: as some tools write their members.
    pub fn prefixed(mut self, prefix: &str) -> Self {
        for (name, _) in &mut self.0 {
            name.insert_str(0, prefix);
        }
        self
    }

    /// The members of both; names that both have are kept once.
    pub fn merged(self, other: Self) -> Self {
        other.0.into_iter().fold(self, |all, (name, member)| match member {
            Member::File(content) => all.file(name, content),
            Member::Symlink(target) => all.symlink(name, target),
        })
    }

    /// The archive's bytes.
    pub fn tar(&self) -> Vec<u8> {
        let tar = self.0.iter().fold(Layer::new(), |tar, (name, member)| match member {
            Member::File(content) => tar.entry(Entry::file(name, content).mode(0o444)),
            Member::Symlink(target) => tar.symlink(name, target),
        });
        tar.tar()
    }

    /// The files, for readers of folders. Links are left out: a folder that is dropped into a browser has none.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().filter_map(|(name, member)| match member {
            Member::File(content) => Some((name.as_str(), content.as_slice())),
            Member::Symlink(_) => None,
        })
    }

    /// Writes the files below a folder.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        for (name, content) in self.files() {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            std::fs::write(path, content)?;
        }
        Ok(())
    }

    fn content_mut(&mut self, name: &str) -> &mut Vec<u8> {
        match self.0.iter_mut().find(|(present, _)| present == name) {
            Some((_, Member::File(content))) => content,
            _ => panic!("no file {name:?}"),
        }
    }
}
