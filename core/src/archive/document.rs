//! Reads the documents of an archive, each within its bounds.

use std::{collections::HashSet, fmt, io};

use serde_json::{Map, Value};

use super::{Document, DocumentRole, Location, member::Members, member::Unresolved};
use crate::{
    digest::{Algorithm, Digest},
    display::harmless,
    finding::{Code, Finding, Findings},
    limits::Limits,
    spec::json::{self, JsonError},
};

/// Where documents come from: a seekable source, or what was kept of a stream.
pub trait Documents {
    fn read(&mut self, location: Location) -> io::Result<Vec<u8>>;
}

/// The bytes of one document.
#[derive(Clone, Debug)]
pub struct Text {
    pub name: Vec<u8>,
    pub bytes: Vec<u8>,
    /// SHA-256.
    pub digest: Digest,
}

/// Why a document is not read. As a clause ("it is not in this archive").
#[derive(Debug)]
pub enum Unread {
    Unresolved(Unresolved),
    TooLarge {
        limit: u64,
    },
    /// All documents together would be more than the bound.
    AllTooLarge {
        limit: u64,
    },
    Json(JsonError),
    /// Valid JSON of another type.
    Type {
        expected: &'static str,
        found: &'static str,
    },
    /// It is an object, and not the one that is expected.
    Shape(&'static str),
    Io(io::Error),
    /// The archive ends inside it.
    Cut {
        problem: Box<Unread>,
    },
}

impl Unread {
    /// Whether it is not there, in contrast to being there and unreadable.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Unresolved(Unresolved::Absent))
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(problem) => problem.fmt(f),
            Self::TooLarge { limit } => write!(f, "it is larger than {limit} bytes, which is the bound"),
            Self::AllTooLarge { limit } => {
                write!(f, "the documents of all images together are larger than {limit} bytes, which is the bound")
            }
            Self::Json(problem) => problem.fmt(f),
            Self::Type { expected, found } => write!(f, "it is {found} where {expected} is expected"),
            Self::Shape(problem) => f.write_str(problem),
            Self::Io(error) => write!(f, "it cannot be read ({error})"),
            Self::Cut { problem } => write!(f, "the archive ends inside it, and {problem}"),
        }
    }
}

impl std::error::Error for Unread {}

/// Reads documents by name, and remembers which were read.
pub struct Library<'a> {
    members: &'a Members,
    documents: &'a mut dyn Documents,
    limits: &'a Limits,
    /// Where the archive is cut: a document that ends there is not whole.
    cut_at: Option<u64>,
    bytes_left: u64,
    read: Vec<Document>,
    read_from: HashSet<Location>,
}

impl<'a> Library<'a> {
    pub fn new(
        members: &'a Members,
        documents: &'a mut dyn Documents,
        limits: &'a Limits,
        cut_at: Option<u64>,
    ) -> Self {
        Self {
            members,
            documents,
            limits,
            cut_at,
            bytes_left: limits.all_documents_bytes,
            read: Vec::new(),
            read_from: HashSet::new(),
        }
    }

    /// Reads the bytes of a document, links followed.
    pub fn text(&mut self, name: &[u8], role: DocumentRole) -> Result<Text, Unread> {
        let location = self.members.resolve(name, self.limits).map_err(Unread::Unresolved)?;
        if location.size > self.limits.document_bytes {
            return Err(Unread::TooLarge { limit: self.limits.document_bytes });
        }
        self.charge(location.size)?;
        let bytes = self.documents.read(location).map_err(Unread::Io)?;
        let digest = Digest::sha256(&bytes);
        if self.read_from.insert(location) {
            self.read.push(Document { path: harmless(name), location, role, digest: digest.clone() });
        }
        Ok(Text { name: name.into(), bytes, digest })
    }

    /// What a document is, where that is known only after it was read.
    pub fn set_role(&mut self, text: &Text, role: DocumentRole) {
        let path = harmless(&text.name);
        if let Some(document) = self.read.iter_mut().rev().find(|document| document.path == path) {
            document.role = role;
        }
    }

    /// Counts bytes that an image will keep.
    pub fn charge(&mut self, bytes: u64) -> Result<(), Unread> {
        let limit = self.limits.all_documents_bytes;
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or(Unread::AllTooLarge { limit })?;
        Ok(())
    }

    pub fn parse(&self, text: &Text, findings: &mut Findings) -> Result<Value, Unread> {
        if json::without_bom(&text.bytes).1 {
            let message = format!("{} begins with a byte order mark, which JSON does not allow.", harmless(&text.name));
            findings.push(Finding::note(Code::DocumentUnreadable, message).at_path(&text.name));
        }
        json::parse(&text.bytes, self.limits.document_nesting, self.limits.document_values)
            .map_err(|error| self.or_cut(text, Unread::Json(error)))
    }

    pub fn parse_object(&self, text: &Text, findings: &mut Findings) -> Result<Map<String, Value>, Unread> {
        match self.parse(text, findings)? {
            Value::Object(object) => Ok(object),
            other => Err(Unread::Type { expected: "an object", found: json::type_name(&other) }),
        }
    }

    pub fn into_documents(self) -> Vec<Document> {
        self.read
    }

    fn or_cut(&self, text: &Text, problem: Unread) -> Unread {
        let end = self.members.resolve(&text.name, self.limits).map(|location| location.offset + location.size).ok();
        match self.cut_at {
            Some(cut) if Some(cut) == end => Unread::Cut { problem: Box::new(problem) },
            _ => problem,
        }
    }
}

impl fmt::Debug for Library<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library").field("read", &self.read).finish_non_exhaustive()
    }
}

/// The digest of `text` in the algorithm that a declaration uses; SHA-256 where that is none computed here.
pub fn digest_like(text: &Text, declared: Option<&Digest>) -> Digest {
    let algorithm = declared.map_or(&Algorithm::Sha256, Digest::algorithm);
    match algorithm {
        Algorithm::Sha256 => text.digest.clone(),
        other => Digest::compute(other, &text.bytes).unwrap_or_else(|| text.digest.clone()),
    }
}
