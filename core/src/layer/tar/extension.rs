//! Extension headers: what they say about the next member, or about all.

use std::mem;

use super::{
    header::{BLOCK, until_nul},
    member::Refusal,
    pax::{Malformed, PaxExtensions},
};

/// Bytes of extended attributes that a global header may give to every member: they are copied for each.
const GLOBAL_XATTR_BYTES: usize = 4 << 10;

/// What has been said and not yet been used up by a member.
#[derive(Debug, Default)]
pub struct Extensions {
    pub global: PaxExtensions,
    local: Option<PaxExtensions>,
    gnu_name: Option<Vec<u8>>,
    gnu_link: Option<Vec<u8>>,
    /// Set where one was too large to keep: it may have held the name.
    refused: Option<Refusal>,
    /// Bytes of all that the next member has had so far.
    kept: u64,
}

/// What belongs to one member. Without PAX records of its own the global ones hold.
#[derive(Debug)]
pub struct Taken {
    pub pax: Option<PaxExtensions>,
    pub gnu_name: Option<Vec<u8>>,
    pub gnu_link: Option<Vec<u8>>,
    pub refused: Option<Refusal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionKind {
    PaxLocal,
    PaxGlobal,
    GnuName,
    GnuLink,
}

/// What could not be understood, and where in the extension.
pub type Complaint = (usize, String);

impl ExtensionKind {
    /// `None` for the type flag of a member. ('X' is Solaris' older form of 'x'.)
    pub fn of(type_flag: u8) -> Option<Self> {
        Some(match type_flag {
            b'x' | b'X' => Self::PaxLocal,
            b'g' => Self::PaxGlobal,
            b'L' => Self::GnuName,
            b'K' => Self::GnuLink,
            _ => return None,
        })
    }
}

impl Extensions {
    /// Takes in the bytes of one extension.
    pub fn read(&mut self, kind: ExtensionKind, bytes: &[u8]) -> Vec<Complaint> {
        match kind {
            ExtensionKind::GnuName => self.gnu_name = Some(until_nul(bytes).to_vec()),
            ExtensionKind::GnuLink => self.gnu_link = Some(until_nul(bytes).to_vec()),
            ExtensionKind::PaxLocal => {
                let records = self.local.get_or_insert_with(|| self.global.clone());
                return records.read(bytes).into_iter().map(complaint).collect();
            }
            ExtensionKind::PaxGlobal => {
                let mut complaints: Vec<Complaint> = self.global.read(bytes).into_iter().map(complaint).collect();
                self.global.settle();
                complaints.extend(self.restrict_global().map(|words| (0, words)));
                return complaints;
            }
        }
        Vec::new()
    }

    /// Whether an extension of `size` bytes may be kept. All those of one member share the bound `limit`, each
    /// counted with its header; what is passed over is remembered, or told at once where it is global.
    pub fn admit(&mut self, kind: ExtensionKind, size: u64, limit: u64) -> Result<bool, String> {
        if kind == ExtensionKind::PaxGlobal {
            let words = || format!("a global extension of {size} bytes passes the bound of {limit} and is left out");
            return if size <= limit { Ok(true) } else { Err(words()) };
        }
        let kept = self.kept + BLOCK as u64 + size;
        if kept > limit {
            self.refused = Some(Refusal::ExtensionTooLarge { size: kept, limit });
            return Ok(false);
        }
        self.kept = kept;
        Ok(true)
    }

    /// Hands out what was said of one member: the PAX records, and GNU's long name and link name.
    pub fn take(&mut self) -> Taken {
        self.kept = 0;
        let mut pax = self.local.take();
        pax.iter_mut().for_each(PaxExtensions::settle);
        Taken { pax, gnu_name: self.gnu_name.take(), gnu_link: self.gnu_link.take(), refused: self.refused.take() }
    }

    /// Leaves of the global records what makes sense for every member.
    fn restrict_global(&mut self) -> Option<String> {
        let PaxExtensions { path, link_path, size, sparse, xattrs, .. } = &mut self.global;
        let named = path.take().is_some() | link_path.take().is_some() | size.take().is_some();
        if named | (mem::take(sparse) != Default::default()) {
            return Some("one name, size or sparse map for all members makes no sense and is left out".into());
        }
        let bytes: usize = xattrs.iter().map(|xattr| xattr.name.len() + xattr.value.len()).sum();
        if bytes > GLOBAL_XATTR_BYTES {
            xattrs.clear();
            return Some(format!("{bytes} bytes of attributes for all members pass the bound of {GLOBAL_XATTR_BYTES}"));
        }
        None
    }
}

fn complaint(malformed: Malformed) -> Complaint {
    let Malformed { at, keyword, problem } = malformed;
    let keyword = crate::display::harmless(&keyword);
    (at, if keyword.is_empty() { problem.into() } else { format!("{keyword}: {problem}") })
}
