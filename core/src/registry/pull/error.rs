//! Why a pull ended without an image.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{digest::Digest, display::harmless_text, spec::platform::Platform};

/// What went wrong, with what, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullError {
    pub what: What,
    /// The address that was asked, or answered.
    pub address: String,
    pub problem: Problem,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A layout's `index.json`.
    Layout,
    /// What the reference names: an index or a manifest.
    Manifest,
    Config,
    /// By position among the distinct blobs of the image.
    Blob(usize),
    Token,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The request failed, and nothing says why: all that a browser tells. The doctor asks on.
    Opaque,
    NotFound {
        said: Option<String>,
    },
    /// 403, or 401 to a token that was just granted.
    Denied {
        said: Option<String>,
    },
    /// The registry wants what is not spoken here: a password (`Basic`), or another scheme.
    Scheme {
        scheme: String,
    },
    /// 401, and the challenge that would say where a token is to be had is not visible.
    ChallengeHidden,
    /// The answer of the token server holds none.
    NoToken,
    /// Still too many requests after every attempt, or a wait longer than anyone would.
    RateLimited {
        seconds: Option<u64>,
    },
    Status {
        status: u16,
        said: Option<String>,
    },
    Redirects {
        limit: u32,
    },
    /// A redirect to something that is no web address.
    RedirectTarget {
        location: String,
    },
    /// More bytes than declared, or than a document may have.
    TooLong {
        limit: u64,
    },
    /// Fewer bytes than declared, after every attempt. `promised` is the response's own Content-Length.
    Truncated {
        expected: u64,
        found: u64,
        promised: Option<u64>,
    },
    Digest {
        expected: Digest,
        found: Digest,
    },
    /// The registry's `Docker-Content-Digest` is not that of the bytes it sent.
    DigestHeader {
        expected: String,
        found: Digest,
    },
    Size {
        expected: u64,
        found: u64,
    },
    /// A digest of an algorithm that is not computed here: nothing could be believed.
    Algorithm {
        digest: Digest,
    },
    /// No document of the kind, as a clause.
    Document {
        problem: String,
    },
    Nesting {
        limit: usize,
    },
    NoPlatform {
        wanted: Platform,
        available: Vec<Platform>,
    },
    /// A tag that a layout does not list.
    NoTag {
        available: Vec<String>,
    },
    /// An artifact: a chart, a model, an attestation.
    NotAnImage {
        media_type: String,
    },
    LayerCount {
        layers: usize,
        diff_ids: usize,
    },
    /// The blob was right, and what it decompresses to is not what the config names.
    DiffId {
        layer: usize,
        expected: Digest,
        found: Digest,
    },
    Damaged {
        sentence: String,
    },
    /// The store could not take the bytes.
    NoRoom,
    Storage {
        sentence: String,
    },
}

impl Problem {
    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 26] = [
        "opaque",
        "not_found",
        "denied",
        "scheme",
        "challenge_hidden",
        "no_token",
        "rate_limited",
        "status",
        "redirects",
        "redirect_target",
        "too_long",
        "truncated",
        "digest",
        "digest_header",
        "size",
        "algorithm",
        "document",
        "nesting",
        "no_platform",
        "no_tag",
        "not_an_image",
        "layer_count",
        "diff_id",
        "damaged",
        "no_room",
        "storage",
    ];

    /// A stable name: the key of the message catalogue.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::NotFound { .. } => "not_found",
            Self::Denied { .. } => "denied",
            Self::Scheme { .. } => "scheme",
            Self::ChallengeHidden => "challenge_hidden",
            Self::NoToken => "no_token",
            Self::RateLimited { .. } => "rate_limited",
            Self::Status { .. } => "status",
            Self::Redirects { .. } => "redirects",
            Self::RedirectTarget { .. } => "redirect_target",
            Self::TooLong { .. } => "too_long",
            Self::Truncated { .. } => "truncated",
            Self::Digest { .. } => "digest",
            Self::DigestHeader { .. } => "digest_header",
            Self::Size { .. } => "size",
            Self::Algorithm { .. } => "algorithm",
            Self::Document { .. } => "document",
            Self::Nesting { .. } => "nesting",
            Self::NoPlatform { .. } => "no_platform",
            Self::NoTag { .. } => "no_tag",
            Self::NotAnImage { .. } => "not_an_image",
            Self::LayerCount { .. } => "layer_count",
            Self::DiffId { .. } => "diff_id",
            Self::Damaged { .. } => "damaged",
            Self::NoRoom => "no_room",
            Self::Storage { .. } => "storage",
        }
    }

    /// Whether the cause is one that the doctor can look for.
    pub fn is_for_the_doctor(&self) -> bool {
        matches!(self, Self::Opaque | Self::ChallengeHidden | Self::Scheme { .. })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout => f.write_str("the layout's index"),
            Self::Manifest => f.write_str("the manifest"),
            Self::Config => f.write_str("the config"),
            Self::Blob(index) => write!(f, "blob {}", index + 1),
            Self::Token => f.write_str("a token"),
        }
    }
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}: {}", self.what, harmless_text(&self.address), self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |said: &Option<String>| said.as_ref().map_or(String::new(), |said| format!(" ({said})"));
        match self {
            Self::Opaque => f.write_str("the request failed, and the browser does not say why"),
            Self::NotFound { said: words } => write!(f, "not found{}", said(words)),
            Self::Denied { said: words } => write!(f, "access is denied{}", said(words)),
            Self::Scheme { scheme } => {
                write!(f, "the registry asks for {}, which is not given here", harmless_text(scheme))
            }
            Self::ChallengeHidden => f.write_str("it needs a token, and does not show where one is to be had"),
            Self::NoToken => f.write_str("the answer holds no token"),
            Self::RateLimited { seconds: Some(seconds) } => write!(f, "too many requests: ask again in {seconds} s"),
            Self::RateLimited { seconds: None } => f.write_str("too many requests"),
            Self::Status { status, said: words } => write!(f, "the answer is status {status}{}", said(words)),
            Self::Redirects { limit } => write!(f, "more than {limit} redirects"),
            Self::RedirectTarget { location } => {
                write!(f, "a redirect to {}, which is no web address", harmless_text(location))
            }
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
            Self::Truncated { expected, found, promised } => {
                write!(f, "{found} of {expected} bytes came")?;
                let other = promised.filter(|promised| promised != expected);
                other.map_or(Ok(()), |promised| write!(f, "; the response declared {promised}"))
            }
            Self::Digest { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::DigestHeader { expected, found } => {
                write!(f, "the registry says {}, the bytes are {found}", harmless_text(expected))
            }
            Self::Size { expected, found } => write!(f, "expected {expected} bytes, found {found}"),
            Self::Algorithm { digest } => write!(f, "{digest} cannot be computed here, so nothing would be verified"),
            Self::Document { problem } => f.write_str(problem),
            Self::Nesting { limit } => write!(f, "indexes inside of indexes, more than {limit} deep"),
            Self::NoPlatform { wanted, available } => {
                let list: Vec<String> = available.iter().map(|one| harmless_text(&one.to_string())).collect();
                write!(f, "there is none for {wanted}; there are {}", list.join(", "))
            }
            Self::NoTag { available } => write!(f, "no such tag; there are {}", available.join(", ")),
            Self::NotAnImage { media_type } => write!(f, "no file system image but {}", harmless_text(media_type)),
            Self::LayerCount { layers, diff_ids } => {
                write!(f, "the manifest lists {layers} layers and the config {diff_ids} diff_ids")
            }
            Self::DiffId { layer, expected, found } => {
                write!(f, "layer {} decompresses to {found}, the config says {expected}", layer + 1)
            }
            Self::Damaged { sentence } | Self::Storage { sentence } => f.write_str(sentence),
            Self::NoRoom => f.write_str("the browser has no room left for it"),
        }
    }
}

impl std::error::Error for PullError {}

/// What a registry says in the body of an error: `{"errors":[{"code":…,"message":…}]}`, made harmless and short.
///
/// Source: OCI distribution-spec, "Error Codes".
pub fn said(body: &[u8]) -> Option<String> {
    const MOST: usize = 200;
    let value: serde_json::Value = crate::spec::json::parse(body, 16, 1_000).ok()?;
    let error = value.get("errors")?.get(0)?;
    let part = |key: &str| error.get(key).and_then(|text| text.as_str()).filter(|text| !text.is_empty());
    let words: Vec<&str> = [part("code"), part("message")].into_iter().flatten().collect();
    let words: String = harmless_text(&words.join(": ")).chars().take(MOST).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_where_expected_and_found() {
        let (expected, found) = (Digest::sha256(b"a"), Digest::sha256(b"b"));
        let error = PullError {
            what: What::Blob(0),
            address: "https://a.example/v2/x".into(),
            problem: Problem::Digest { expected: expected.clone(), found: found.clone() },
        };
        assert_eq!(
            error.to_string(),
            format!("blob 1 from https://a.example/v2/x: expected {expected}, found {found}")
        );
        let cut = Problem::Truncated { expected: 10, found: 5, promised: Some(7) };
        assert_eq!(cut.to_string(), "5 of 10 bytes came; the response declared 7");
    }

    #[test]
    fn what_a_registry_says_is_quoted_and_harmless() {
        let body = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest \u202eunknown","detail":{}}]}"#;
        assert_eq!(said(body).unwrap(), "MANIFEST_UNKNOWN: manifest \\u{202e}unknown");
        assert_eq!(said(b"<html>"), None);
        assert_eq!(said(br#"{"errors":[]}"#), None);
    }
}
