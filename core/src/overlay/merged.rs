//! The merged view as a whole: what a process would find if it looked everywhere.
//!
//! Source: "Directories", "readdir".

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Overlay,
    content::Content,
    errno::{Refusal, not_a_directory},
    event::Event,
    inode::{Ino, Inode, LayerNo, Name},
    layer::Layer,
    lookup::Dentry,
    op::{Outcome, Stat},
    path::MergedPath,
    walk::LastLink,
};

/// One path of the merged view.
#[derive(Clone, Debug)]
pub struct MergedEntry<'a> {
    pub path: MergedPath,
    pub stat: Stat,
    /// The inode a process sees, and the layer it is in.
    pub inode: &'a Inode,
    pub part: Part,
    /// Of a file its bytes, and the layer they are in: a lower one where only metadata was copied up.
    pub content: Option<&'a Content>,
    pub data_layer: LayerNo,
}

/// What one layer has at a path, seen or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    pub layer: LayerNo,
    pub ino: Ino,
}

impl Overlay {
    pub(super) fn read_dir(&mut self, path: &[u8]) -> Result<Outcome, Refusal> {
        let dentry = self.walk_existing(path, LastLink::Follow)?;
        if !self.inode(&dentry).is_directory() {
            return not_a_directory();
        }
        let mut reads: Vec<Event> = Vec::new();
        for (layer, entries) in self.directory_parts(&dentry) {
            reads.push(Event::Read { path: dentry.path.clone(), layer, amount: entries.len() as u64 });
        }
        self.events.append(&mut reads);
        let names = self.listed_names(&dentry);
        self.forget_impurity(&dentry)?;
        Ok(Outcome::Names(names.into_iter().collect()))
    }

    /// Everything in the merged view but the root, parents first, in the order of the names' bytes. A name that
    /// cannot be looked up (a redirect where none is followed) is left out.
    pub fn merged(&self) -> Vec<MergedEntry<'_>> {
        let mut out = Vec::new();
        let mut pending = vec![self.root()];
        while let Some(dentry) = pending.pop() {
            if self.inode(&dentry).is_directory() {
                let children = self.merged_names(&dentry).into_iter().rev();
                pending
                    .extend(children.filter_map(|name| self.look_up(&dentry, &name, None).ok()).filter(Dentry::exists));
            }
            if !dentry.path.is_root() {
                out.push(self.merged_entry(dentry));
            }
        }
        out
    }

    /// One path of the merged view, no symbolic link followed.
    pub fn merged_at(&self, path: &MergedPath) -> Option<MergedEntry<'_>> {
        let dentry = self.existing(path).ok()?;
        Some(self.merged_entry(dentry))
    }

    /// The names in a directory of the merged view, in the order of their bytes; none where there is no directory.
    pub fn names_in(&self, directory: &MergedPath) -> Vec<Name> {
        match self.existing(directory) {
            Ok(dentry) if self.inode(&dentry).is_directory() => self.merged_names(&dentry).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// For each path that any layer has, what is there, top first: the columns of the picture. Redirects are not
    /// followed here: a tile stands where its layer has it.
    pub fn columns(&self) -> BTreeMap<MergedPath, Vec<Part>> {
        let mut columns: BTreeMap<MergedPath, Vec<Part>> = BTreeMap::new();
        let upper = (self.upper_no(), self.upper.layer());
        let lowers = (0..self.lowers.len() as u32).rev().map(|no| (LayerNo(no), self.lower(LayerNo(no))));
        for (no, layer) in std::iter::once(upper).chain(lowers) {
            for (path, ino) in layer.walk() {
                columns.entry(path).or_default().push(Part { layer: no, ino });
            }
        }
        columns
    }

    /// The inode of a part of [`Self::columns`].
    pub fn part(&self, part: Part) -> &Inode {
        if part.layer == self.upper_no() {
            self.upper.layer().inode(part.ino)
        } else {
            self.lower(part.layer).inode(part.ino)
        }
    }

    fn merged_entry(&self, dentry: Dentry) -> MergedEntry<'_> {
        let part = match (dentry.upper, dentry.lowers.first()) {
            (Some(ino), _) => Part { layer: self.upper_no(), ino },
            (None, lower) => lower.map_or(Part { layer: self.upper_no(), ino: Layer::ROOT }, |lower| Part {
                layer: lower.layer,
                ino: lower.ino,
            }),
        };
        let data = self.data(&dentry);
        MergedEntry {
            stat: self.stat_of(&dentry),
            inode: self.inode(&dentry),
            part,
            content: data.map(|(_, content)| content),
            data_layer: data.map_or(part.layer, |(layer, _)| layer),
            path: dentry.path,
        }
    }

    /// The names that a merged directory shows: those of all its parts, less what a whiteout hides from the parts below.
    pub(super) fn merged_names(&self, directory: &Dentry) -> BTreeSet<Name> {
        let mut seen: BTreeMap<Name, bool> = BTreeMap::new();
        for (layer, entries) in self.directory_parts(directory) {
            let layer = self.layer(layer);
            for (name, &ino) in entries {
                seen.entry(name.clone()).or_insert_with(|| !layer.inode(ino).is_whiteout());
            }
        }
        seen.into_iter().filter_map(|(name, shown)| shown.then_some(name)).collect()
    }

    /// What readdir(3) gives. A directory with one part, and none before, is passed through as it is: should it hold
    /// whiteouts that hide nothing, their names are listed, though no look-up finds them.
    fn listed_names(&self, directory: &Dentry) -> BTreeSet<Name> {
        let parts = self.directory_parts(directory);
        match &parts[..] {
            [(_, entries)] if self.inode(directory).overlay.origin.is_none() => entries.keys().cloned().collect(),
            _ => self.merged_names(directory),
        }
    }

    fn directory_parts(&self, directory: &Dentry) -> Vec<(LayerNo, &BTreeMap<Name, Ino>)> {
        let upper = directory.upper.map(|ino| (self.upper_no(), ino));
        let lowers = directory.lowers.iter().map(|lower| (lower.layer, lower.ino));
        upper.into_iter().chain(lowers).filter_map(|(no, ino)| Some((no, self.layer(no).entries(ino)?))).collect()
    }

    fn layer(&self, no: LayerNo) -> &Layer {
        if no == self.upper_no() { self.upper.layer() } else { self.lower(no) }
    }

    /// Reading a directory of the upperdir that has no lower part is an occasion to see that nothing in it was copied
    /// up any more.
    fn forget_impurity(&mut self, directory: &Dentry) -> Result<(), Refusal> {
        let Some(ino) = directory.upper else { return Ok(()) };
        let inode = self.upper.layer().inode(ino);
        if !inode.overlay.impure || inode.overlay.origin.is_some() || !directory.lowers.is_empty() {
            return Ok(());
        }
        for name in self.merged_names(directory) {
            let entry = self.look_up(directory, &name, None)?;
            if entry.upper.is_some_and(|ino| self.upper.layer().inode(ino).overlay.origin.is_some()) {
                return Ok(());
            }
        }
        self.emit(Event::Impure { path: directory.path.clone(), ino, impure: false });
        Ok(())
    }
}
