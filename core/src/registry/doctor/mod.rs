//! Why a browser may not read a registry: from what probes saw to a named cause.
//!
//! A failed `fetch` says one thing for ten causes. The same address asked in other ways does not fail alike, and what
//! failed and what did not decides, or leaves a few candidates, each with the `curl` line that decides.
//!
//! Source: Fetch Standard ("CORS protocol", "HTTP-redirect fetch"); Mixed Content; Local Network Access.

mod curl;
mod decide;
mod fix;

use serde::{Deserialize, Serialize};

pub use self::{
    curl::curl,
    decide::diagnose,
    fix::{Fix, Server, fixes, ways_round},
};

/// What is examined, from where, and what the probes saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examination {
    pub page: Page,
    /// The address of the manifest that cannot be read.
    pub manifest: String,
    /// An address of one of its blobs, where one is known.
    pub blob: Option<String>,
    pub network: Network,
    /// In the order they were made.
    pub probes: Vec<(Probe, Outcome)>,
}

/// Where the page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub origin: String,
    /// Whether it is a secure context.
    pub secure: bool,
}

/// Where the registry is, seen from the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    SameOrigin,
    Loopback,
    /// An address of a private network, or a name that only one has.
    Local,
    Public,
}

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// The manifest with `no-cors`: does anything answer?
    Blind,
    /// The manifest, plainly: safelisted headers only.
    Plain,
    /// The same with `redirect: manual`.
    PlainManual,
    /// The same with an `Authorization` header: asks the server's leave first.
    Preflighted,
    /// The blob with `no-cors`, plainly, with `redirect: manual`.
    BlobBlind,
    Blob,
    BlobManual,
    /// The token server that the challenge, or public knowledge, names.
    Token,
}

impl Probe {
    pub const ALL: [Self; 8] = [
        Self::Blind,
        Self::Plain,
        Self::PlainManual,
        Self::Preflighted,
        Self::BlobBlind,
        Self::Blob,
        Self::BlobManual,
        Self::Token,
    ];

    /// The last part of the key in the message catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Blind => "blind",
            Self::Plain => "plain",
            Self::PlainManual => "plain_manual",
            Self::Preflighted => "preflighted",
            Self::BlobBlind => "blob_blind",
            Self::Blob => "blob",
            Self::BlobManual => "blob_manual",
            Self::Token => "token",
        }
    }
}

/// What one probe saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A response that the page may read.
    Answered {
        status: u16,
        /// Names of the headers that the page can see, lower-case.
        headers: Vec<String>,
        /// The scheme of the challenge, where it can be seen.
        scheme: Option<String>,
    },
    /// Something answered, and the page may not look at it.
    Opaque,
    /// A redirect that was not followed.
    Redirect,
    /// The request failed, and nothing says why.
    Failed,
    /// No answer in the time that was given.
    Silent,
}

/// A cause, by the key of its sentence in the message catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It can be read: nothing is wrong.
    Readable,
    /// Nothing listens there, or no such name, or no network.
    Unreachable,
    /// It speaks TLS with a certificate that this browser does not trust.
    Certificate,
    /// A page of https may not ask http.
    MixedContent,
    /// The browser asks before a public page may reach the local network, and was told no, or not yet.
    LocalNetwork,
    /// It answers, and lets no page of another origin read it.
    NoCors,
    /// Manifests may be read, blobs may not.
    NoCorsOnBlobs,
    /// The registry may be read, and redirects to a place that may not.
    NoCorsOnRedirect,
    /// The registry answers the preflight with 401 or without the allowed headers.
    PreflightRefused,
    /// The challenge is not among the exposed headers, and the registry is not a known one.
    ChallengeHidden,
    /// The token server may not be read.
    NoCorsOnToken,
    /// It wants a password, or denies.
    Authorisation,
    NotFound,
    RateLimited,
    /// A status of 5xx, or another that no registry gives.
    ServerError,
}

impl Cause {
    pub const ALL: [Self; 15] = [
        Self::Readable,
        Self::Unreachable,
        Self::Certificate,
        Self::MixedContent,
        Self::LocalNetwork,
        Self::NoCors,
        Self::NoCorsOnBlobs,
        Self::NoCorsOnRedirect,
        Self::PreflightRefused,
        Self::ChallengeHidden,
        Self::NoCorsOnToken,
        Self::Authorisation,
        Self::NotFound,
        Self::RateLimited,
        Self::ServerError,
    ];

    /// The last part of the key in the message catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::Unreachable => "unreachable",
            Self::Certificate => "certificate",
            Self::MixedContent => "mixed_content",
            Self::LocalNetwork => "local_network",
            Self::NoCors => "no_cors",
            Self::NoCorsOnBlobs => "no_cors_on_blobs",
            Self::NoCorsOnRedirect => "no_cors_on_redirect",
            Self::PreflightRefused => "preflight_refused",
            Self::ChallengeHidden => "challenge_hidden",
            Self::NoCorsOnToken => "no_cors_on_token",
            Self::Authorisation => "authorisation",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
        }
    }
}

/// What the probes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Diagnosis {
    /// They decide.
    Is(Cause),
    /// They do not: the likeliest first.
    OneOf(Vec<Cause>),
}

impl Diagnosis {
    pub fn causes(&self) -> &[Cause] {
        match self {
            Self::Is(cause) => std::slice::from_ref(cause),
            Self::OneOf(causes) => causes,
        }
    }
}

impl Examination {
    pub fn outcome(&self, probe: Probe) -> Option<&Outcome> {
        self.probes.iter().find(|(made, _)| *made == probe).map(|(_, outcome)| outcome)
    }
}

/// Where `address` is, seen from a page at `origin`. A bare name without a dot is one of the local network.
pub fn network_of(address: &str, origin: &str) -> Network {
    let host = super::address::host(address).unwrap_or_default();
    if super::address::origin(address).is_some_and(|other| Some(other) == super::address::origin(origin)) {
        Network::SameOrigin
    } else if super::source::is_loopback(&host) {
        Network::Loopback
    } else if is_private(&host) || !host.contains(['.', ':']) || host.ends_with(".local") || host.ends_with(".lan") {
        Network::Local
    } else {
        Network::Public
    }
}

fn is_private(host: &str) -> bool {
    use std::net::IpAddr;
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}
