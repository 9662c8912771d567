//! The data of files: read, write, truncate.

use super::{
    Overlay,
    content::Content,
    copy_up::For,
    errno::{Errno, Reason, Refusal, is_a_directory, no_such_entry, not_a_directory, refuse},
    event::Event,
    inode::{Inode, Kind, LayerNo},
    lookup::Dentry,
    op::{Flags, Outcome, Place},
    walk::{LastLink, Walked},
};

/// Bytes that one read gives at most: a scenario's files are small, and holes are not.
const READ_LIMIT: u64 = 64 << 20;

impl Overlay {
    pub(super) fn read(&mut self, path: &[u8]) -> Result<Outcome, Refusal> {
        let dentry = self.walk_existing(path, LastLink::Follow)?;
        match &self.inode(&dentry).kind {
            Kind::Directory(_) => return is_a_directory(),
            // Opened without waiting for a writer, a fifo is at its end at once.
            Kind::Fifo => return Ok(Outcome::Bytes([].into())),
            Kind::CharDevice(_) | Kind::BlockDevice(_) | Kind::Socket => {
                return refuse(Errno::ENXIO, Reason::NothingBehindTheNode);
            }
            Kind::File(_) | Kind::Symlink(_) => {}
        }
        let Some((layer, content)) = self.data(&dentry) else { return refuse(Errno::EIO, Reason::DataLost) };
        if content.len() > READ_LIMIT {
            return refuse(Errno::EFBIG, Reason::FileTooBig);
        }
        let Some(bytes) = content.bytes(READ_LIMIT) else { return refuse(Errno::EIO, Reason::ContentNotKept) };
        self.events.push(Event::Read { path: dentry.path, layer, amount: bytes.len() as u64 });
        Ok(Outcome::Bytes(bytes.into()))
    }

    pub(super) fn write(&mut self, path: &[u8], flags: Flags, place: Place, data: &[u8]) -> Result<Outcome, Refusal> {
        let dentry = self.open_for_writing(path, flags)?;
        let Kind::File(content) = &self.inode(&dentry).kind else {
            return refuse(Errno::EINVAL, Reason::NotARegularFile);
        };
        let before = if flags.truncate { Content::default() } else { content.clone() };
        let offset = match place {
            Place::At(offset) => offset,
            Place::End => before.len(),
        };
        if !data.is_empty() && offset.checked_add(data.len() as u64).is_none_or(|end| end > i64::MAX as u64) {
            return refuse(Errno::EFBIG, Reason::FileTooBig);
        }
        let after = before.written(offset, data);
        self.replace_content(&dentry, after, data.len() as u64, flags.truncate)
    }

    pub(super) fn truncate(&mut self, path: &[u8], len: u64) -> Result<Outcome, Refusal> {
        if len > i64::MAX as u64 {
            return refuse(Errno::EINVAL, Reason::FileTooBig);
        }
        let dentry = self.walk_existing(path, LastLink::Follow)?;
        match &self.inode(&dentry).kind {
            Kind::File(_) => {}
            Kind::Directory(_) => return is_a_directory(),
            _ => return refuse(Errno::EINVAL, Reason::NotARegularFile),
        }
        // truncate(2), unlike open(2) with O_TRUNC, copies all the data up before it is cut.
        let dentry = self.copy_up(&dentry.path, For::Data)?;
        let Kind::File(content) = &self.inode(&dentry).kind else { return no_such_entry() };
        let (after, changed) = (content.resized(len), content.len() != len);
        self.replace_content(&dentry, after, 0, changed)
    }

    /// The bytes of a file and the layer they are in, which with `metacopy` may be another than that of its metadata.
    pub(super) fn data(&self, dentry: &Dentry) -> Option<(LayerNo, &Content)> {
        let (layer, inode) = match (dentry.upper, dentry.lowers.last()) {
            (Some(ino), _) if self.has_upper_data(dentry) => (self.upper_no(), self.upper.layer().inode(ino)),
            (_, Some(&lower)) => (lower.layer, self.lower_inode(lower)),
            _ => return None,
        };
        match &inode.kind {
            Kind::File(content) => Some((layer, content)),
            _ => None,
        }
    }

    fn open_for_writing(&mut self, path: &[u8], flags: Flags) -> Result<Dentry, Refusal> {
        let creates = flags.create.is_some();
        let last_link = if creates { LastLink::Create { exclusive: flags.exclusive } } else { LastLink::Follow };
        let Walked { parent, trailing_slash, dentry, .. } = self.walk(path, last_link)?;
        if let (Some(mode), false) = (flags.create, dentry.exists()) {
            self.create(&parent, &dentry.path, Inode::new(Kind::File(Content::default()), mode & 0o7777))?;
            return self.existing(&dentry.path);
        }
        if !dentry.exists() {
            return no_such_entry();
        }
        if creates && flags.exclusive {
            return refuse(Errno::EEXIST, Reason::AlreadyExists);
        }
        let (inode, directory) = (self.inode(&dentry), self.inode(&parent));
        let strangers_node = directory.mode & 0o1002 == 0o1002 && inode.uid != directory.uid && inode.uid != 0;
        match &inode.kind {
            Kind::Directory(_) => is_a_directory(),
            Kind::CharDevice(_) | Kind::BlockDevice(_) | Kind::Socket if creates && strangers_node => {
                refuse(Errno::EACCES, Reason::StrangersNodeInStickyDirectory)
            }
            _ if trailing_slash => not_a_directory(),
            Kind::File(_) => self.copy_up(&dentry.path, if flags.truncate { For::EmptyData } else { For::Data }),
            _ => refuse(Errno::ENXIO, Reason::NothingBehindTheNode),
        }
    }

    fn replace_content(
        &mut self,
        dentry: &Dentry,
        content: Content,
        written: u64,
        touched: bool,
    ) -> Result<Outcome, Refusal> {
        let (Some(ino), Kind::File(before)) = (dentry.upper, &self.inode(dentry).kind) else { return no_such_entry() };
        let path = dentry.path.clone();
        if written > 0 || before.len() != content.len() {
            self.emit(Event::Write { path: path.clone(), ino, content, written });
        }
        if (written > 0 || touched) && self.upper.layer().inode(ino).mtime != self.now {
            self.emit(Event::SetTime { path, ino, mtime: self.now });
        }
        Ok(Outcome::Done)
    }
}
