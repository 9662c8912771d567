//! COPY: from the context, or from another stage.

use super::{BuildError, Context, State, stage_index};
use crate::overlay::{
    CommitError, FileType, Flags, Kind, MergedEntry, MergedPath, Mode, Op, Overlay, Place,
    engine::{
        EngineError,
        dockerfile::{Instruction, InstructionKind, Stage},
    },
    errno::Errno,
};

/// Something that COPY copies.
pub(super) struct File {
    /// Below the source; the root for the source itself.
    pub path: MergedPath,
    /// The source's own name, for copying into a directory.
    name: String,
    /// Whether the source is a directory, of which the entries are copied and not it.
    of_directory: bool,
    file_type: FileType,
    pub mode: u16,
    mtime: i64,
    /// The bytes of a file, the target of a link.
    pub bytes: Vec<u8>,
}

impl File {
    /// Writes it to a place, or, `into` a directory, under its own name.
    pub fn write(&self, overlay: &mut Overlay, target: &MergedPath, into: bool) -> Result<(), Errno> {
        let top = if into && !self.of_directory { target.join(self.name.as_bytes()) } else { target.clone() };
        let at = self.path.components().fold(top, |at, name| at.join(name));
        let path = [b"/", at.bytes()].concat();
        make_directories(overlay, &at.parent())?;
        match self.file_type {
            FileType::Directory => {
                make_directories(overlay, &at)?;
                overlay.apply(&Op::Chmod { path: path.clone(), mode: self.mode }).0?;
            }
            FileType::Symlink => {
                overlay.apply(&Op::Symlink { target: self.bytes.clone(), path: path.clone() }).0?;
            }
            _ => {
                let flags = Flags { create: Some(self.mode), exclusive: false, truncate: true };
                let (path, data) = (path.clone(), self.bytes.clone());
                overlay.apply(&Op::Write { path: path.clone(), flags, place: Place::At(0), data }).0?;
                overlay.apply(&Op::Chmod { path, mode: self.mode }).0?;
            }
        }
        overlay.apply(&Op::SetTime { path, mtime: self.mtime, follow: false }).0?;
        Ok(())
    }
}

pub(super) fn make_directories(overlay: &mut Overlay, path: &MergedPath) -> Result<(), Errno> {
    for at in path.ancestors().into_iter().chain([path.clone()]).filter(|at| !at.is_root()) {
        match overlay.apply(&Op::Mkdir { path: [b"/", at.bytes()].concat(), mode: 0o755 }).0 {
            Ok(_) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// The files of a COPY, from the context or from another stage; none for other instructions.
pub(super) fn files_of(
    instruction: &Instruction,
    context: &Context,
    stages: &[Stage],
    done: &[Option<State>],
) -> Result<Vec<File>, BuildError> {
    let InstructionKind::Copy { from, sources, .. } = &instruction.kind else { return Ok(Vec::new()) };
    let overlay = match from {
        None => Overlay::with_upper(Vec::new(), context.clone(), Mode::Default),
        Some(name) => {
            let at = stage_index(stages, name);
            let Some(Some(state)) = at.and_then(|at| done.get(at)) else {
                return Err(BuildError::NoSuchStage { instruction: instruction.text.clone(), stage: name.clone() });
            };
            state.overlay()
        }
    };
    let merged = overlay.merged();
    let mut files = Vec::new();
    for source in sources {
        let root = MergedPath::from(&source[..]);
        let of_directory = root.is_root() || overlay.merged_at(&root).is_some_and(|entry| entry.inode.is_directory());
        let below = |entry: &&MergedEntry<'_>| entry.path == root || root.is_ancestor_of(&entry.path);
        let before = files.len();
        for entry in merged.iter().filter(below).filter(|entry| !(of_directory && entry.path == root)) {
            let bytes = match &entry.inode.kind {
                Kind::File(_) => entry.content.and_then(|content| content.bytes(64 << 20)),
                Kind::Symlink(target) => Some(target.to_vec()),
                _ => Some(Vec::new()),
            };
            let Some(bytes) = bytes else {
                let error = CommitError::ContentNotKept { path: entry.path.clone() };
                return Err(BuildError::Engine(EngineError::Commit(error)));
            };
            let rest = entry.path.components().skip(root.components().count());
            files.push(File {
                path: rest.fold(MergedPath::root(), |at, name| at.join(name)),
                name: String::from_utf8_lossy(&root.name()).into_owned(),
                of_directory,
                file_type: entry.stat.file_type,
                mode: entry.stat.mode,
                mtime: entry.stat.mtime,
                bytes,
            });
        }
        if files.len() == before && !of_directory {
            return Err(BuildError::NoSuchSource { instruction: instruction.text.clone(), source: source.clone() });
        }
    }
    Ok(files)
}
