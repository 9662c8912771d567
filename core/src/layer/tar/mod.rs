//! A tar reader that is pushed: bytes in, events out.
//!
//! Slices of any length go in, and no more than one header and one extension record is ever kept, so that reading
//! and hashing can share one pass over the bytes and neither waits for the other.
//!
//! Sources: POSIX.1-2001 (ustar and pax), the GNU tar manual. Where readers differ, Go's archive/tar (which builders
//! and runtimes use) and Python's tarfile decide.

mod extension;
pub mod header;
mod member;
mod parser;
pub mod pax;
pub mod sparse;

pub use header::Header;
pub use member::{Member, MemberKind, Refusal};
pub use parser::Parser;
pub use pax::PaxExtensions;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Member(&'a Member),
    /// The next bytes of the member's file.
    Data(&'a [u8]),
    /// The next bytes of the member's file are so many zeros.
    Hole(u64),
    /// The member's data is whole.
    MemberEnd,
    Problem(Problem),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Offset in the stream where it was seen.
    pub offset: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The first block is no tar header.
    NotTar,
    /// A later block is no tar header, or one that nobody could follow: parsing ends.
    Damaged(String),
    /// The stream ends within a member. `missing` bytes of data are known to be missing; `name` is empty within a
    /// header.
    Truncated { name: Vec<u8>, missing: u64 },
    /// The stream ends without a zero block.
    NoEndBlocks,
    /// Something follows the end of the archive.
    TrailingData,
    /// An extension record or a sparse map that says nothing sensible; reading goes on.
    Extension(String),
}
