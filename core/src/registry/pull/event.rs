//! What a driver is asked to do, and what there is to see.

use serde::{Deserialize, Serialize};

use super::{
    super::http::{Request, RequestId},
    Found,
    error::{PullError, What},
};
use crate::{
    digest::{Algorithm, Digest, ImageId},
    spec::platform::Platform,
};

/// What the driver is to do next, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Send {
        id: RequestId,
        request: Request,
    },
    /// Nothing of this request is wanted any more.
    Abort {
        id: RequestId,
    },
    /// Call [`super::Pull::wake`] then, or later.
    Wake {
        millis: u64,
    },
    /// The documents are verified. Say which blobs are wanted by [`super::Pull::fetch`].
    Choose,
    /// Make ready to take a blob: see [`super::Pull::ready`].
    Prepare {
        blob: usize,
        digest: Digest,
        size: u64,
    },
    /// Throw away what was written of a blob: it begins anew, or was wrong.
    Discard {
        blob: usize,
    },
    /// All bytes of a blob are there and have its digest. Keep it, decompress it and say what came out by
    /// [`super::Pull::opened`].
    Keep {
        blob: usize,
        /// In which to compute the diff_id.
        algorithm: Algorithm,
    },
    Say(Event),
    /// Every layer is there, and every digest was computed.
    Done(Box<Found>),
    Failed(PullError),
}

/// What happened, in the order of the seven steps of a pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Asked {
        what: What,
        address: String,
    },
    Redirected {
        what: What,
        address: String,
    },
    TokenAsked {
        realm: String,
    },
    TokenGranted,
    /// Asking again in so many milliseconds: the registry is busy, or the connection was dropped.
    Waiting {
        what: What,
        millis: u64,
        why: Why,
    },
    Index {
        digest: Digest,
        chosen: Digest,
        platform: Platform,
        platforms: Vec<Platform>,
    },
    Manifest {
        digest: Digest,
        layers: usize,
    },
    Config {
        image_id: ImageId,
    },
    /// Nothing of it has to come.
    AlreadyHere {
        blob: usize,
    },
    /// Its bytes come, from this one on.
    Fetching {
        blob: usize,
        from: u64,
    },
    /// The server does not know ranges, or what was kept of it is wrong: all of it comes again.
    FromTheStart {
        blob: usize,
    },
    /// The blob has the digest that the manifest names.
    Verified {
        blob: usize,
    },
    /// It decompressed to the layer that the config names.
    Opened {
        blob: usize,
    },
}

/// Why a request is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// 429.
    TooMany,
    /// 408 and the 5xx that pass.
    Busy,
    /// The connection ended early.
    Dropped,
}
