//! The store in the browser: blobs by digest, in the private file system, or in IndexedDB where there is none.
//!
//! Invariant: nothing half-written counts as present. Bytes come into a part, are read back and hashed once more when
//! they are all there, and only then take the name of their digest, by a move, which is whole or not at all.

mod database;
mod kept;
mod locks;
mod part;
mod private;
mod state;

use std::fmt;

use layerlab_core::{digest::Digest, registry::pull::error::Problem};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

use self::{database::Database, private::Private};
pub use self::{
    kept::Kept,
    locks::{Lock, blob_lock, store_lock},
    part::Part,
    state::{decode, encode},
};

/// Where blobs are kept. Works in a worker only: it writes synchronously where the browser can.
#[derive(Clone, Debug)]
pub enum Shelf {
    Private(Private),
    Database(Database),
}

/// What a shelf takes, and may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// Bytes of the whole origin, as the browser counts them.
    pub usage: u64,
    pub quota: u64,
    /// Bytes of blobs, and of parts that a later pull goes on from.
    pub blobs: u64,
    pub parts: u64,
    /// Whether it is the private file system.
    pub private: bool,
}

/// Why the browser did not keep something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its quota is reached.
    NoRoom,
    Other(String),
}

impl Shelf {
    pub async fn open() -> Result<Self, Trouble> {
        match Private::open().await {
            Some(private) => Ok(Self::Private(private)),
            None => Database::open().await.map(Self::Database),
        }
    }

    /// A kept blob; `None` where there is none of that digest.
    pub async fn get(&self, digest: &Digest) -> Option<Kept> {
        match self {
            Self::Private(shelf) => shelf.get(digest).await.map(Kept::File),
            Self::Database(shelf) => shelf.get(digest).await.map(Kept::Bytes),
        }
    }

    /// Bytes of a kept blob, without reading it.
    pub async fn size(&self, digest: &Digest) -> Option<u64> {
        match self {
            Self::Private(shelf) => shelf.get(digest).await.map(|file| file.size() as u64),
            Self::Database(shelf) => shelf.size(digest).await,
        }
    }

    /// The part of a blob, with what an earlier pull wrote.
    pub async fn part(&self, digest: &Digest) -> Result<Part, Trouble> {
        match self {
            Self::Private(shelf) => shelf.part(digest).await.map(Part::Private),
            Self::Database(shelf) => shelf.part(digest).await.map(Part::Database),
        }
    }

    /// What a finished part holds, as it was really written.
    pub async fn finished(&self, part: Part) -> Result<Kept, Trouble> {
        match (self, part) {
            (Self::Private(shelf), Part::Private(part)) => shelf.finished(part).await.map(Kept::File),
            (Self::Database(shelf), Part::Database(part)) => shelf.finished(part).await.map(Kept::Bytes),
            _ => Err(Trouble::Other("the part is of another store".into())),
        }
    }

    /// Gives a finished part, whose bytes have that digest, its name.
    pub async fn keep(&self, digest: &Digest, size: u64) -> Result<(), Trouble> {
        match self {
            Self::Private(shelf) => shelf.keep(digest).await,
            Self::Database(shelf) => shelf.keep(digest, size).await,
        }
    }

    /// Throws a part away.
    pub async fn discard(&self, digest: &Digest) {
        match self {
            Self::Private(shelf) => shelf.discard(digest).await,
            Self::Database(shelf) => shelf.discard(digest).await,
        }
    }

    /// Keeps a document whose digest was computed.
    pub async fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Trouble> {
        let mut part = self.part(digest).await?;
        part.clear();
        part.write(0, bytes).await?;
        drop(self.finished(part).await?);
        self.keep(digest, bytes.len() as u64).await
    }

    pub async fn remove(&self, digest: &Digest) {
        match self {
            Self::Private(shelf) => shelf.remove(digest).await,
            Self::Database(shelf) => shelf.remove(digest).await,
        }
    }

    /// Everything goes: blobs, parts, and what is known of images.
    pub async fn empty(&self) {
        match self {
            Self::Private(shelf) => shelf.empty().await,
            Self::Database(shelf) => shelf.empty().await,
        }
    }

    /// What is known of images, as [`encode`] wrote it.
    pub async fn state(&self) -> Option<Vec<u8>> {
        match self {
            Self::Private(shelf) => shelf.state().await,
            Self::Database(shelf) => shelf.state().await,
        }
    }

    pub async fn set_state(&self, state: &[u8]) -> Result<(), Trouble> {
        match self {
            Self::Private(shelf) => shelf.set_state(state).await,
            Self::Database(shelf) => shelf.set_state(state).await,
        }
    }

    pub async fn room(&self) -> Room {
        let (blobs, parts) = match self {
            Self::Private(shelf) => shelf.sizes().await,
            Self::Database(shelf) => shelf.sizes().await,
        };
        let (usage, quota) = private::estimate().await.unwrap_or_default();
        Room { usage, quota, blobs, parts, private: matches!(self, Self::Private(_)) }
    }
}

impl Trouble {
    /// Of what the browser threw.
    pub fn of(thrown: &JsValue) -> Self {
        match thrown.dyn_ref::<DomException>() {
            Some(exception) if exception.name() == "QuotaExceededError" => Self::NoRoom,
            Some(exception) => Self::Other(format!("{}: {}", exception.name(), exception.message())),
            None => Self::Other(format!("{thrown:?}")),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom => f.write_str("the browser has no room left for it"),
            Self::Other(words) => write!(f, "the browser does not keep it ({words})"),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NoRoom => Self::NoRoom,
            other => Self::Storage { sentence: other.to_string() },
        }
    }
}
