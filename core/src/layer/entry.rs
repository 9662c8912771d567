//! From tar members to the entries of a changeset: names clamped, whiteouts recognised, contents hashed.
//!
//! Source: OCI image-spec, layer.md ("Whiteouts", "Opaque Whiteout"); aufs(5) for `.wh..wh.` names; the estargz
//! format for its landmarks.

use std::collections::BTreeMap;

use super::{
    changeset::{
        Changeset, ContentHash, ContentKey, DeviceNumber, Entry, EntryKind, Metadata, Whiteout, Xattr, XattrsId,
    },
    content::{Comparable, ContentHasher},
    tar::{Member, MemberKind, Refusal},
};
use crate::{
    display::harmless,
    finding::{Code, Finding, Findings},
    limits::Limits,
    path::{PathId, clamp},
};

const WHITEOUT_PREFIX: &[u8] = b".wh.";
/// The trap: by the prefix alone this would be a whiteout of a file named `.wh..opq`.
const OPAQUE_MARKER: &[u8] = b".wh..wh..opq";
/// Names that AUFS keeps for itself (`.wh..wh.plnk`, `.wh..wh.aufs`, `.wh..wh.orph`).
const AUFS_PREFIX: &[u8] = b".wh..wh.";
const STARGZ_NAMES: [&[u8]; 3] = [b"stargz.index.json", b".prefetch.landmark", b".no.prefetch.landmark"];

/// Memory of one node of the path table, its place in the look-up included.
const NODE_BYTES: u64 = 24;
/// Memory of one kept text (link target, attribute) beside its bytes.
const TEXT_BYTES: u64 = 32;

/// Builds the changeset of one layer, member by member.
#[derive(Debug)]
pub struct ChangesetBuilder<'l> {
    limits: &'l Limits,
    changeset: Changeset,
    findings: Findings,
    entries: u64,
    types: BTreeMap<&'static str, u64>,
    regular_bytes: u64,
    pending: Pending,
    content: ContentHasher,
    last_directory: LastDirectory,
    last_xattrs: XattrsId,
    /// What is left of `Limits::layer_tree_bytes`.
    memory_left: u64,
    absolute_names: Tally,
    aufs_names: Tally,
}

/// What building has given.
#[derive(Debug, Default)]
pub struct Built {
    pub changeset: Changeset,
    pub entries: u64,
    pub types: BTreeMap<String, u64>,
    pub regular_bytes: u64,
    pub findings: Vec<Finding>,
}

/// A bound that ends the building: what follows is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitHit {
    pub what: &'static str,
    pub limit: u64,
}

/// The member whose data is passing.
#[derive(Debug, Default)]
struct Pending {
    entry: Option<Entry>,
    word: &'static str,
    regular_bytes: u64,
    /// Of a sparse file: where its first header begins.
    sparse_header: Option<u64>,
}

/// Neighbours in a tar mostly share their directory, whose name then need not be taken apart again.
#[derive(Debug)]
struct LastDirectory {
    name: Vec<u8>,
    path: PathId,
    depth: usize,
    in_aufs_metadata: bool,
}

/// Counts what would be a thousand findings in one.
#[derive(Debug, Default)]
struct Tally {
    count: u64,
    first: Vec<u8>,
}

/// Where a name leads: the directory and the last component, or the root itself.
struct Place<'n> {
    parent: PathId,
    last: Option<&'n [u8]>,
    in_aufs_metadata: bool,
}

impl<'l> ChangesetBuilder<'l> {
    pub fn new(key: ContentKey, limits: &'l Limits) -> Self {
        Self {
            limits,
            changeset: Changeset::default(),
            findings: Findings::new(limits.findings),
            entries: 0,
            types: BTreeMap::new(),
            regular_bytes: 0,
            pending: Pending::default(),
            content: ContentHasher::new(key, limits.ratio_grace_bytes),
            last_directory: LastDirectory { name: Vec::new(), path: PathId::ROOT, depth: 0, in_aufs_metadata: false },
            last_xattrs: XattrsId::default(),
            memory_left: limits.layer_tree_bytes,
            absolute_names: Tally::default(),
            aufs_names: Tally::default(),
        }
    }

    /// Members that are whole so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    pub fn push_finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Starts a member. It counts when [`ChangesetBuilder::end`] says that its data is whole.
    pub fn member(&mut self, member: &Member) -> Result<(), LimitHit> {
        if self.changeset.entries.len() >= self.limits.layer_entries {
            return Err(LimitHit { what: "entries", limit: self.limits.layer_entries as u64 });
        }
        let entry = self.entry(member)?;
        match entry {
            Some(Entry { kind: EntryKind::File { .. }, .. }) => self.start_content(member),
            _ => self.content.start_ignored(),
        }
        let regular_bytes = if member.kind == MemberKind::File { member.size } else { 0 };
        let sparse_header = (member.holes > 0).then_some(member.offset);
        self.pending = Pending { entry, word: member.kind.word(), regular_bytes, sparse_header };
        Ok(())
    }

    pub fn data(&mut self, bytes: &[u8]) {
        self.content.data(bytes);
    }

    /// So many zeros that are not stored.
    pub fn hole(&mut self, len: u64) {
        self.content.hole(len);
    }

    pub fn end(&mut self) {
        let Pending { entry, word, regular_bytes, sparse_header } = std::mem::take(&mut self.pending);
        self.entries += 1;
        *self.types.entry(word).or_default() += 1;
        self.regular_bytes = self.regular_bytes.saturating_add(regular_bytes);
        if let Some(mut entry) = entry {
            if let EntryKind::File { content } = &mut entry.kind {
                *content = self.content.finish();
                if let Some(header) = sparse_header {
                    self.changeset.next_is_sparse(header);
                }
            }
            self.changeset.entries.push(entry);
        }
    }

    pub fn finish(mut self) -> Built {
        let Tally { count, first } = &self.absolute_names;
        if *count > 0 {
            let message = format!("Names that begin with a slash are taken from the root of the image: {count}.");
            self.findings.push(Finding::note(Code::EntryUnsafePath, message).at_path(first));
        }
        let Tally { count, first } = &self.aufs_names;
        if *count > 0 {
            let message = format!("Entries that are metadata of AUFS, and no files of the image: {count}.");
            self.findings.push(Finding::note(Code::AufsMetadata, message).at_path(first));
        }
        Built {
            changeset: self.changeset,
            entries: self.entries,
            types: self.types.into_iter().map(|(word, count)| (word.to_owned(), count)).collect(),
            regular_bytes: self.regular_bytes,
            findings: self.findings.into_vec(),
        }
    }

    /// `Ok(None)` where the member cannot be placed in the tree; the finding says why.
    fn entry(&mut self, member: &Member) -> Result<Option<Entry>, LimitHit> {
        if let Some(refusal) = member.refused {
            self.findings.push(refused(refusal, member));
            return Ok(None);
        }
        let Some(Place { parent, last, in_aufs_metadata }) = self.place(&member.name, member.offset)? else {
            return Ok(None);
        };
        let last = last.unwrap_or_default();
        let whiteout = whiteout(last);
        let path = match whiteout {
            Some((_, Some(hidden))) => self.child(parent, hidden)?,
            Some((_, None)) => parent,
            None if last.is_empty() => parent,
            None => self.child(parent, last)?,
        };
        if path == PathId::ROOT && whiteout.is_none() && member.kind != MemberKind::Directory {
            let message = "An entry that is no directory stands for the root of the image; it is left out.";
            let finding = Finding::warning(Code::EntryUnsafePath, message).at_path(&member.name);
            self.findings.push(finding.at_offset(member.offset));
            return Ok(None);
        }
        if in_aufs_metadata || (last.starts_with(AUFS_PREFIX) && whiteout.is_none()) {
            self.aufs_names.add(&member.name);
        } else if parent == PathId::ROOT && STARGZ_NAMES.contains(&last) {
            let message = "This entry is metadata of the estargz format, no file of the image.";
            self.findings.push(Finding::note(Code::StargzMetadata, message).at_path(&member.name));
        }
        let kind = match whiteout {
            Some((whiteout, _)) => {
                if whiteout == Whiteout::Bare {
                    let message = "This whiteout names nothing; it hides nothing.";
                    self.findings.push(Finding::note(Code::WhiteoutBare, message).at_path(&member.name));
                }
                EntryKind::Whiteout(whiteout)
            }
            None => match self.kind(member)? {
                Some(kind) => kind,
                None => return Ok(None),
            },
        };
        Ok(Some(Entry {
            path,
            kind,
            metadata: Metadata {
                mode: member.mode,
                uid: member.uid,
                gid: member.gid,
                mtime: member.mtime,
                mtime_nanos: member.mtime_nanos,
                xattrs: self.xattrs(member)?,
            },
            size: member.size,
            data_offset: member.data_offset,
        }))
    }

    fn kind(&mut self, member: &Member) -> Result<Option<EntryKind>, LimitHit> {
        let (major, minor) = member.device;
        Ok(Some(match member.kind {
            MemberKind::File => EntryKind::File { content: ContentHash([0; 2]) },
            MemberKind::Directory => EntryKind::Directory,
            MemberKind::Symlink => {
                self.charge(TEXT_BYTES + member.link_name.len() as u64)?;
                EntryKind::Symlink { target: self.changeset.add_target(&member.link_name) }
            }
            MemberKind::HardLink => {
                let Some(Place { parent, last, .. }) = self.place(&member.link_name, member.offset)? else {
                    return Ok(None);
                };
                EntryKind::HardLink { target: last.map_or(Ok(parent), |last| self.child(parent, last))? }
            }
            MemberKind::CharDevice => EntryKind::CharDevice(DeviceNumber { major, minor }),
            MemberKind::BlockDevice => EntryKind::BlockDevice(DeviceNumber { major, minor }),
            MemberKind::Fifo => EntryKind::Fifo,
            MemberKind::Unknown(flag) => {
                let letter = harmless(&[flag]);
                let message = format!("The type flag '{letter}' has no meaning; the entry's data is passed over.");
                let finding = Finding::note(Code::EntryUnknownType, message).at_path(&member.name);
                self.findings.push(finding.at_offset(member.offset));
                EntryKind::Other(flag)
            }
        }))
    }

    fn xattrs(&mut self, member: &Member) -> Result<XattrsId, LimitHit> {
        if member.xattrs.is_empty() {
            return Ok(XattrsId::default());
        }
        let id = self.changeset.add_xattrs(member.xattrs.clone());
        // Neighbours share their set, and are charged for it once.
        if id != self.last_xattrs {
            self.last_xattrs = id;
            let bytes = |xattr: &Xattr| TEXT_BYTES + (xattr.name.len() + xattr.value.len()) as u64;
            self.charge(TEXT_BYTES + member.xattrs.iter().map(bytes).sum::<u64>())?;
        }
        Ok(id)
    }

    /// Clamps a name into the root and interns its directory.
    fn place<'n>(&mut self, name: &'n [u8], offset: u64) -> Result<Option<Place<'n>>, LimitHit> {
        if name.len() > self.limits.path_bytes {
            let (limit, len) = (self.limits.path_bytes, name.len());
            let message = format!("A name of {len} bytes passes the bound of {limit}; the entry is left out.");
            self.findings.push(too_deep(message, name, offset).expected_found(limit, len));
            return Ok(None);
        }
        let whole = name.len() - name.iter().rev().take_while(|&&b| b == b'/').count();
        let split = name[..whole].iter().rposition(|&b| b == b'/').map_or(0, |slash| slash + 1);
        let (directory, last) = (&name[..split], &name[split..whole]);
        if directory == self.last_directory.name && !matches!(last, b"" | b"." | b"..") {
            let LastDirectory { path, in_aufs_metadata, depth, .. } = self.last_directory;
            if depth < self.limits.path_depth {
                return Ok(Some(Place { parent: path, last: Some(last), in_aufs_metadata }));
            }
        }
        let clamped = clamp(name);
        let depth = clamped.components.len();
        if depth > self.limits.path_depth {
            let limit = self.limits.path_depth;
            let message = format!("A path of {depth} levels passes the bound of {limit}; the entry is left out.");
            self.findings.push(too_deep(message, name, offset).expected_found(limit, depth));
            return Ok(None);
        }
        if clamped.dot_dot {
            let message = "A name with '..' is taken as if the root of the image were the end of the way up.";
            let inside = harmless(&clamped.components.join(&b'/'));
            let finding = Finding::warning(Code::EntryUnsafePath, message).at_path(name).at_offset(offset);
            self.findings.push(finding.expected_found("a path inside the image", format!("taken as {inside}")));
        }
        if clamped.absolute {
            self.absolute_names.add(name);
        }
        let Some((&last, parents)) = clamped.components.split_last() else {
            return Ok(Some(Place { parent: PathId::ROOT, last: None, in_aufs_metadata: false }));
        };
        let mut parent = PathId::ROOT;
        for component in parents {
            parent = self.child(parent, component)?;
        }
        let in_aufs_metadata = parents.iter().any(|name| name.starts_with(AUFS_PREFIX));
        if !clamped.dot_dot && !clamped.absolute {
            self.last_directory.name.clear();
            self.last_directory.name.extend_from_slice(directory);
            self.last_directory = LastDirectory {
                name: std::mem::take(&mut self.last_directory.name),
                path: parent,
                depth: parents.len(),
                in_aufs_metadata,
            };
        }
        Ok(Some(Place { parent, last: Some(last), in_aufs_metadata }))
    }

    fn child(&mut self, parent: PathId, name: &[u8]) -> Result<PathId, LimitHit> {
        let before = self.changeset.paths.len();
        let path = self.changeset.paths.child(parent, name);
        if self.changeset.paths.len() > before {
            self.charge(NODE_BYTES + name.len() as u64)?;
        }
        Ok(path)
    }

    fn charge(&mut self, bytes: u64) -> Result<(), LimitHit> {
        let limit = LimitHit { what: "bytes of names, targets and attributes", limit: self.limits.layer_tree_bytes };
        self.memory_left = self.memory_left.checked_sub(bytes).ok_or(limit)?;
        Ok(())
    }

    fn start_content(&mut self, member: &Member) {
        let holes = member.holes;
        if self.content.start(member.size, holes) == Comparable::WithSameMap {
            let message = format!(
                "The holes of this sparse file ({holes} bytes) pass the bound: its content is compared by its map, and \
                 differs from the same content stored otherwise."
            );
            let finding = Finding::warning(Code::LimitReached, message).at_path(&member.name);
            self.findings.push(finding.at_offset(member.offset));
        }
    }
}

/// The whiteout that a last component stands for, and the name it hides.
fn whiteout(name: &[u8]) -> Option<(Whiteout, Option<&[u8]>)> {
    if name == OPAQUE_MARKER {
        return Some((Whiteout::Opaque, None));
    }
    match name.strip_prefix(WHITEOUT_PREFIX)? {
        _ if name.starts_with(AUFS_PREFIX) => None,
        // `.wh..` and `.wh...` would hide the directory itself and its parent.
        b"" | b"." | b".." => Some((Whiteout::Bare, None)),
        hidden => Some((Whiteout::Explicit, Some(hidden))),
    }
}

fn refused(refusal: Refusal, member: &Member) -> Finding {
    match refusal {
        Refusal::ExtensionTooLarge { size, limit } => Finding::warning(
            Code::LimitReached,
            format!("Extensions of {size} bytes pass the bound of {limit}; the entry they belong to is left out."),
        )
        .expected_found(limit, size),
        Refusal::NulInName => Finding::warning(
            Code::ExtensionMalformed,
            "A name holds a NUL, which no file name can; the entry is left out, because readers differ over its name.",
        ),
    }
    .at_path(&member.name)
    .at_offset(member.offset)
}

fn too_deep(message: String, name: &[u8], offset: u64) -> Finding {
    Finding::warning(Code::EntryTooDeep, message).at_path(name).at_offset(offset)
}

impl Tally {
    fn add(&mut self, name: &[u8]) {
        if self.count == 0 {
            self.first = name.to_vec();
        }
        self.count += 1;
    }
}
