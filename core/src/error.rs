//! Why an archive cannot be read at all. (What is wrong with a part of one is a [`crate::finding::Finding`].)

use std::{fmt, io};

use crate::layer::{Compression, decompress::Damage};

/// A bad archive. Data first, sentence late.
#[derive(Debug)]
pub enum ArchiveError {
    /// The bytes are something else. `seems` is a short noun phrase ("a PNG image").
    NotAnArchive {
        seems: Seems,
    },
    /// An image archive whose leading document cannot be understood.
    Document {
        path: String,
        problem: String,
    },
    /// An image archive that lists no image.
    NoImages {
        path: String,
    },
    /// An image archive of whose images nothing is in it.
    NothingReadable {
        /// The document that lists them.
        path: String,
        images: usize,
        /// What is wrong with the first of them, as a sentence.
        first: String,
    },
    /// The outer compression is damaged before anything could be listed.
    OuterDamaged {
        compression: &'static str,
        offset: u64,
        problem: String,
    },
    /// A bound of [`crate::limits::Limits`] was hit before anything could be listed.
    Limit {
        what: &'static str,
        limit: u64,
    },
    /// The file changed while it was read: its size or time is another now.
    Changed,
    Io(io::Error),
}

/// What a file that is no image archive seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seems {
    Empty,
    Zeros,
    Text,
    Json,
    DockerHistory,
    Image(&'static str),
    Zip,
    Pdf,
    Executable,
    /// A gzip, zstd, xz or bzip2 stream that holds no tar.
    Compressed(&'static str),
    DamagedTar,
    /// A folder without the documents of an image.
    Folder,
    Unknown,
}

impl fmt::Display for Seems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::Zeros => "zeros only",
            Self::Text => "a text file",
            Self::Json => "a JSON document",
            Self::DockerHistory => "the output of docker history",
            Self::Image(format) => return write!(f, "a {format} picture"),
            Self::Zip => "a zip archive",
            Self::Pdf => "a PDF document",
            Self::Executable => "an executable program",
            Self::Compressed(format) => return write!(f, "a {format} stream that holds no tar archive"),
            Self::DamagedTar => "a damaged tar archive",
            Self::Folder => "a folder without manifest.json, index.json or repositories",
            Self::Unknown => "binary data of no kind known here",
        })
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArchive { seems } => write!(
                f,
                "This is no image archive: it seems to be {seems}. Accepted are archives of docker save, podman save \
                 and skopeo, OCI layouts, and tarballs of a layer or of a root file system, compressed or not."
            ),
            Self::Document { path, problem } => write!(f, "{path} cannot be understood: {problem}."),
            Self::NoImages { path } => write!(f, "{path} lists no image."),
            Self::NothingReadable { path, images: 1, first } => {
                write!(f, "The only image that {path} lists cannot be opened. {first}")
            }
            Self::NothingReadable { path, images, first } => {
                write!(f, "None of the {images} images that {path} lists can be opened. {first}")
            }
            Self::OuterDamaged { compression, offset, problem } => {
                write!(f, "The {compression} stream is damaged at byte {offset}: {problem}.")
            }
            Self::Limit { what, limit } => write!(f, "The archive has more than {limit} {what}, which is the bound."),
            Self::Changed => f.write_str("The file changed while it was read."),
            Self::Io(error) => write!(f, "The file cannot be read: {error}."),
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl ArchiveError {
    /// The same error, where the bytes came out of a compressed stream: what is no archive is then the stream.
    pub fn inside(self, compression: Compression) -> Self {
        match self {
            Self::NotAnArchive { .. } => Self::NotAnArchive { seems: Seems::Compressed(compression.as_str()) },
            other => other,
        }
    }
}

impl From<io::Error> for ArchiveError {
    /// Damage of a compressed stream travels inside an IO error, because decompressors are readers.
    fn from(error: io::Error) -> Self {
        match Damage::of(&error) {
            Some(damage) => Self::OuterDamaged {
                compression: damage.compression.as_str(),
                offset: damage.offset,
                problem: damage.problem.to_string(),
            },
            None => Self::Io(error),
        }
    }
}
