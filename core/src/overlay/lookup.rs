//! One name, looked for from the top layer down.
//!
//! Source: Documentation/filesystems/overlayfs.rst ("Upper and Lower", "Directories", "whiteouts and opaque
//! directories", "Metadata only copy up").

use std::sync::Arc;

use super::{
    Overlay,
    errno::{Errno, Reason, Refusal, no_such_entry, refuse},
    event::{Event, Found},
    inode::{Bytes, Ino, Inode, LayerNo, Name, Origin},
    layer::Layer,
    path::MergedPath,
};

/// What a name in the merged view is made of. Negative where it stands for nothing.
#[derive(Clone, Debug)]
pub(super) struct Dentry {
    pub path: MergedPath,
    pub upper: Option<Ino>,
    /// Whether the upperdir has this very name: with `index=on` the inode may have been copied up under another.
    pub upper_name: bool,
    /// The lower part, top first: all directories that merge; or one file; or a chain that ends at the data; or, of a
    /// file that was copied up, its origin.
    pub lowers: Vec<LowerInode>,
    /// The upperdir has a whiteout or an opaque directory under this name.
    pub upper_opaque: bool,
    pub index: Option<Origin>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LowerInode {
    pub layer: LayerNo,
    pub ino: Ino,
}

/// The state of one look-up on its way down. `name` changes when a redirect is met.
struct Search<'a> {
    path: &'a MergedPath,
    name: Vec<Name>,
    /// `name` starts at the root of the layer, not in the parent directory.
    absolute: bool,
    redirect: Option<Bytes>,
    is_dir: bool,
    opaque: bool,
    metacopy: bool,
    stop: bool,
    /// No layer follows, so that neither opaque marks nor redirects matter.
    last: bool,
    steps: Option<&'a mut Vec<Event>>,
}

impl Dentry {
    pub fn exists(&self) -> bool {
        self.upper.is_some() || !self.lowers.is_empty()
    }

    /// Deleted by a whiteout in the upperdir. (One in a lower layer leaves nothing to be done above.)
    pub fn is_upper_whiteout(&self) -> bool {
        !self.exists() && self.upper_opaque
    }

    pub fn in_upper(&self) -> bool {
        self.upper.is_some() && self.upper_name
    }
}

impl Overlay {
    pub(super) fn root(&self) -> Dentry {
        Dentry {
            path: MergedPath::root(),
            upper: Some(Layer::ROOT),
            upper_name: true,
            lowers: self.lower_roots().collect(),
            upper_opaque: false,
            index: None,
        }
    }

    /// Looks a name up in a directory, and notes each step where `steps` is given.
    pub(super) fn look_up(
        &self,
        parent: &Dentry,
        name: &[u8],
        steps: Option<&mut Vec<Event>>,
    ) -> Result<Dentry, Refusal> {
        let path = parent.path.join(name);
        let follow = self.mode.redirect_dir();
        let mut search = Search {
            path: &path,
            name: vec![name.into()],
            absolute: false,
            redirect: None,
            is_dir: false,
            opaque: false,
            metacopy: false,
            stop: false,
            last: !follow && parent.lowers.is_empty(),
            steps,
        };
        let mut stack: Vec<LowerInode> = parent.lowers.clone();
        let mut upper = None;
        let mut upper_metacopy = false;
        if let Some(directory) = parent.upper {
            upper = search.in_layer(self.upper.layer(), self.upper_no(), directory);
            upper_metacopy = search.metacopy;
            if search.absolute {
                stack = self.lower_roots().collect();
            }
        }
        let upper_opaque = search.opaque;

        let mut lowers: Vec<LowerInode> = Vec::new();
        let mut at = 0;
        while !search.stop && at < stack.len() {
            let LowerInode { layer, ino } = stack[at];
            search.last = if follow { layer.0 == 0 } else { at + 1 == stack.len() };
            let was_absolute = search.absolute;
            let found = search.in_layer(self.lower(layer), layer, ino);
            at += 1;
            let Some(found) = found else { continue };
            if (upper_metacopy || search.metacopy) && !self.mode.metacopy() {
                return refuse(Errno::EPERM, Reason::MetacopyNotFollowed);
            }
            // Of a chain of metadata-only files the topmost and the one with the data count.
            if !search.metacopy || lowers.is_empty() {
                lowers.push(LowerInode { layer, ino: found });
            }
            if search.redirect.is_some() && !follow {
                return refuse(Errno::EPERM, Reason::RedirectNotFollowed);
            }
            if search.absolute && !was_absolute {
                stack = self.lower_roots().collect();
                at = stack.iter().position(|root| root.layer < layer).unwrap_or(stack.len());
            }
        }
        if search.metacopy || (upper_metacopy && lowers.is_empty()) {
            return refuse(Errno::EIO, Reason::DataLost);
        }

        let mut dentry = Dentry { path, upper, upper_name: upper.is_some(), lowers, upper_opaque, index: None };
        self.add_origin_and_index(&mut dentry);
        Ok(dentry)
    }

    /// Looks up a path that has no symbolic link in it, without telling.
    pub(super) fn dentry(&self, path: &MergedPath) -> Result<Dentry, Refusal> {
        path.components().try_fold(self.root(), |at, name| self.look_up(&at, name, None))
    }

    /// The same for a path that must exist.
    pub(super) fn existing(&self, path: &MergedPath) -> Result<Dentry, Refusal> {
        let dentry = self.dentry(path)?;
        if dentry.exists() { Ok(dentry) } else { no_such_entry() }
    }

    fn add_origin_and_index(&self, dentry: &mut Dentry) {
        let upper_origin = dentry.upper.and_then(|ino| {
            let inode = self.upper.layer().inode(ino);
            if inode.is_directory() { None } else { inode.overlay.origin }
        });
        if let (Some(origin), true) = (upper_origin, dentry.lowers.is_empty()) {
            dentry.lowers.push(LowerInode { layer: origin.layer, ino: origin.ino });
        }
        if !self.mode.index() || !dentry.exists() || self.inode(dentry).is_directory() {
            return;
        }
        let origin = upper_origin.or_else(|| {
            dentry
                .lowers
                .first()
                .filter(|_| dentry.upper.is_none())
                .map(|&LowerInode { layer, ino }| Origin { layer, ino })
        });
        if let Some(origin) = origin
            && let Some(&indexed) = self.upper.index().get(&origin)
            && dentry.upper.is_none_or(|ino| ino == indexed)
        {
            dentry.upper = Some(indexed);
            dentry.index = Some(origin);
        }
    }

    /// The inode that a process sees: the upper one if there is one.
    pub(super) fn inode(&self, dentry: &Dentry) -> &Inode {
        match dentry.upper {
            Some(ino) => self.upper.layer().inode(ino),
            None => self.lower_inode(dentry.lowers[0]),
        }
    }

    pub(super) fn lower_inode(&self, at: LowerInode) -> &Inode {
        self.lower(at.layer).inode(at.ino)
    }

    /// Whether data of this file is in the upperdir.
    pub(super) fn has_upper_data(&self, dentry: &Dentry) -> bool {
        dentry.upper.is_some_and(|ino| !self.upper.layer().inode(ino).overlay.metacopy)
    }

    /// A directory with parts in more than one layer, or a file whose data is in another layer than its metadata.
    pub(super) fn is_merge(&self, dentry: &Dentry) -> bool {
        match dentry.upper {
            Some(_) => !dentry.lowers.is_empty() && (self.inode(dentry).is_directory() || !self.has_upper_data(dentry)),
            None => dentry.lowers.len() > 1,
        }
    }

    /// Nothing of it ever was in a lower layer.
    pub(super) fn is_pure_upper(&self, dentry: &Dentry) -> bool {
        let origin = dentry.upper.and_then(|ino| self.upper.layer().inode(ino).overlay.origin);
        dentry.lowers.is_empty() && origin.is_none()
    }

    pub(super) fn is_merge_or_lower(&self, dentry: &Dentry) -> bool {
        dentry.upper.is_none() || self.is_merge(dentry)
    }

    /// Copied up with its inode number kept: not so for a lower hard link that copy-up broke.
    pub(super) fn has_origin(&self, dentry: &Dentry) -> bool {
        let Some(&lower) = dentry.lowers.first() else { return false };
        let lower = self.lower_inode(lower);
        dentry.upper.is_some() && (lower.is_directory() || lower.links == 1 || dentry.index.is_some())
    }

    /// Whether the lower layers would show something under this name, were the upper entry gone.
    pub(super) fn is_lower_positive(&self, parent: &Dentry, dentry: &Dentry) -> bool {
        if !dentry.exists() {
            return dentry.upper_opaque;
        }
        if dentry.upper.is_none() {
            return true;
        }
        let name = dentry.path.name();
        parent
            .lowers
            .iter()
            .find_map(|at| {
                self.lower(at.layer).child(at.ino, &name).map(|ino| !self.lower(at.layer).inode(ino).is_whiteout())
            })
            .unwrap_or(false)
    }
}

impl Search<'_> {
    /// Looks for the name in one layer, from `base`, its part of the parent directory or its root.
    fn in_layer(&mut self, layer: &Layer, no: LayerNo, base: Ino) -> Option<Ino> {
        if !self.absolute {
            return self.single(layer, no, base, 0);
        }
        // A redirect may be met half-way and change the part of the name that was walked, so the rest is counted.
        let mut at = base;
        let mut rest = self.name.len();
        loop {
            let i = self.name.len() - rest;
            at = self.single(layer, no, at, i)?;
            rest -= 1;
            if rest == 0 {
                return Some(at);
            }
        }
    }

    fn single(&mut self, layer: &Layer, no: LayerNo, base: Ino, i: usize) -> Option<Ino> {
        let last_element = i + 1 == self.name.len();
        let Some(ino) = layer.child(base, &self.name[i]) else {
            self.note(no, Found::Nothing);
            return None;
        };
        let inode = layer.inode(ino);
        if inode.is_whiteout() {
            (self.stop, self.opaque) = (true, true);
            self.note(no, Found::Whiteout);
            return None;
        }
        if (last_element && self.metacopy && !inode.is_file())
            || (!inode.is_directory() && (self.is_dir || !last_element))
        {
            self.stop = true;
            self.note(no, Found::HiddenByDirectory);
            return None;
        }
        let mut found = Found::Directory;
        if inode.is_directory() {
            self.is_dir |= last_element;
            if self.last {
                self.note(no, found);
                return Some(ino);
            }
            if inode.overlay.opaque {
                self.stop = true;
                self.opaque |= last_element;
                self.note(no, Found::OpaqueDirectory);
                return Some(ino);
            }
        } else {
            self.metacopy = inode.overlay.metacopy;
            self.stop = !self.metacopy;
            found = if self.metacopy { Found::MetadataOnly } else { Found::Other(inode.file_type()) };
            if !self.metacopy || self.last {
                self.note(no, found);
                return Some(ino);
            }
        }
        self.note(no, found);
        if let Some(to) = &inode.overlay.redirect {
            self.note(no, Found::Redirect { to: to.clone() });
            self.follow(to, i);
        }
        Some(ino)
    }

    /// Puts a redirect in the place of component `i`, or of all up to it. An invalid one is ignored, as the kernel does.
    fn follow(&mut self, to: &Bytes, i: usize) {
        let parts: Vec<Name> = to.split(|&b| b == b'/').map(Arc::from).collect();
        if to.first() == Some(&b'/') {
            if parts[1..].iter().any(|part| part.is_empty()) {
                return;
            }
            self.name.splice(..=i, parts.into_iter().skip(1));
            self.absolute = true;
            self.stop = false;
        } else {
            let [part] = &parts[..] else { return };
            if part.is_empty() {
                return;
            }
            self.name[i] = part.clone();
        }
        self.redirect = Some(to.clone());
    }

    fn note(&mut self, layer: LayerNo, found: Found) {
        if let Some(steps) = &mut self.steps {
            steps.push(Event::LookUp { path: self.path.clone(), layer, found });
        }
    }
}
