//! Digests, one type for each thing a digest can be of.
//!
//! Source: OCI image-spec, descriptor.md ("Digests") and config.md ("Layer DiffID", "Layer ChainID", "ImageID").

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

/// `algorithm:encoded`, parsed. Two digests are equal when both parts are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    encoded: Box<str>,
}

/// The registered algorithms that are computed here, and the rest by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    Sha256,
    Sha512,
    /// Well-formed, but not computed here (blake3, say): such a digest is reported as not checked.
    Other(Box<str>),
}

/// Digest of a layer's whole decompressed tar stream, padding and trailing bytes included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DiffId(pub Digest);

/// Identity of a layer on top of all the layers below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChainId(pub Digest);

/// Digest of the image config document: what classic Docker and podman print as the image ID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub Digest);

/// Why a text is not a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestError {
    NoColon,
    Algorithm,
    Encoded { expected_len: Option<usize>, found_len: usize },
}

impl Digest {
    /// SHA-256 over `bytes`.
    pub fn sha256(bytes: &[u8]) -> Self {
        Hasher::Sha256(sha2::Sha256::new_with_prefix(bytes)).finish()
    }

    /// Computes `algorithm` over `bytes`; `None` where the algorithm is not computed here.
    pub fn compute(algorithm: &Algorithm, bytes: &[u8]) -> Option<Self> {
        let mut hasher = Hasher::new(algorithm)?;
        hasher.update(bytes);
        Some(hasher.finish())
    }

    /// Builds a digest from the raw bytes a hash function returned.
    pub fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Self {
        Self { algorithm, encoded: hex(raw).into() }
    }

    pub fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// The part after the colon: lower-case hex for the registered algorithms.
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// The first twelve characters, as Docker prints a short ID.
    pub fn short(&self) -> &str {
        self.encoded.get(..12).unwrap_or(&self.encoded)
    }
}

impl ChainId {
    /// The chain ID of the base layer is its diff_id.
    pub fn base(diff_id: &DiffId) -> Self {
        Self(diff_id.0.clone())
    }

    /// SHA-256 of "chain ID of the parent, a space, the diff_id".
    pub fn then(&self, diff_id: &DiffId) -> Self {
        Self(Digest::sha256(format!("{} {}", self.0, diff_id.0).as_bytes()))
    }

    /// The chain IDs of a stack of layers. `diff_ids` is base first, and so is the result.
    pub fn chain<'a>(diff_ids: impl IntoIterator<Item = &'a DiffId>) -> Vec<Self> {
        let mut chain: Vec<Self> = Vec::new();
        for diff_id in diff_ids {
            let next = match chain.last() {
                None => Self::base(diff_id),
                Some(parent) => parent.then(diff_id),
            };
            chain.push(next);
        }
        chain
    }
}

/// A running hash of one stream.
#[derive(Clone, Debug)]
pub enum Hasher {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// `None` where the algorithm is not computed here.
    pub fn new(algorithm: &Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Sha256 => Some(Self::Sha256(sha2::Sha256::new())),
            Algorithm::Sha512 => Some(Self::Sha512(sha2::Sha512::new())),
            Algorithm::Other(_) => None,
        }
    }

    pub fn sha256() -> Self {
        Self::Sha256(sha2::Sha256::new())
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(h) => h.update(bytes),
            Self::Sha512(h) => h.update(bytes),
        }
    }

    pub fn finish(self) -> Digest {
        match self {
            Self::Sha256(h) => Digest::from_raw(Algorithm::Sha256, &h.finalize()),
            Self::Sha512(h) => Digest::from_raw(Algorithm::Sha512, &h.finalize()),
        }
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    /// The grammar of descriptor.md; for sha256 and sha512 the encoded part must be lower-case hex of the exact
    /// length, because a digest becomes a file name (`blobs/<algorithm>/<encoded>`).
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (algorithm, encoded) = text.split_once(':').ok_or(DigestError::NoColon)?;
        let algorithm = match algorithm {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            other if is_algorithm(other) => Algorithm::Other(other.into()),
            _ => return Err(DigestError::Algorithm),
        };
        let expected_len = match algorithm {
            Algorithm::Sha256 => Some(64),
            Algorithm::Sha512 => Some(128),
            Algorithm::Other(_) => None,
        };
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let ok = match expected_len {
            Some(len) => encoded.len() == len && encoded.bytes().all(lower_hex),
            None => {
                (1..=256).contains(&encoded.len())
                    && encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"=_-".contains(&b))
            }
        };
        if !ok {
            return Err(DigestError::Encoded { expected_len, found_len: encoded.len() });
        }
        Ok(Self { algorithm, encoded: encoded.into() })
    }
}

/// `component (separator component)*`, components `[a-z0-9]+`, separators `+._-`.
fn is_algorithm(text: &str) -> bool {
    text.len() <= 64
        && text
            .split(['+', '.', '_', '-'])
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

fn hex(raw: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    raw.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char]).collect()
}

impl Algorithm {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.as_str(), self.encoded)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColon => f.write_str("not a digest: no colon between algorithm and value"),
            Self::Algorithm => f.write_str("not a digest: the algorithm is not a lower-case name"),
            Self::Encoded { expected_len: Some(n), found_len } => {
                write!(f, "not a digest: expected {n} lower-case hex characters, found {found_len} characters")
            }
            Self::Encoded { expected_len: None, .. } => f.write_str("not a digest: the value has other characters"),
        }
    }
}

impl std::error::Error for DigestError {}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! display_as_digest {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
display_as_digest!(DiffId, ChainId, ImageId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_an_exact_file_name_or_nothing() {
        let good = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(good.parse::<Digest>().unwrap().to_string(), good);
        for (text, sentence) in [
            ("0a0a", "not a digest: no colon between algorithm and value"),
            ("SHA256:00", "not a digest: the algorithm is not a lower-case name"),
            ("sha256:../../etc", "not a digest: expected 64 lower-case hex characters, found 9 characters"),
            ("blake3:a/b", "not a digest: the value has other characters"),
        ] {
            assert_eq!(text.parse::<Digest>().unwrap_err().to_string(), sentence);
        }
        let upper = format!("sha256:{}", "0A".repeat(32));
        assert!(upper.parse::<Digest>().is_err());
    }

    #[test]
    fn unknown_algorithms_parse_and_are_not_computed() {
        let digest: Digest = "blake3:abcdef".parse().unwrap();
        assert_eq!(Digest::compute(digest.algorithm(), b""), None);
    }

    /// The values were computed with `printf | sha256sum` and `sha512sum`.
    #[test]
    fn known_answers() {
        assert_eq!(
            Digest::sha256(b"").to_string(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert!(
            Digest::compute(&Algorithm::Sha512, b"")
                .unwrap()
                .to_string()
                .starts_with("sha512:cf83e1357eefb8bdf1542850d66d8007")
        );
    }

    #[test]
    fn a_chain_starts_with_the_diff_id_and_hashes_parent_space_diff_id() {
        let a = DiffId(Digest::sha256(b"a"));
        let b = DiffId(Digest::sha256(b"b"));
        let chain = ChainId::chain([&a, &b]);
        assert_eq!(chain[0].0, a.0);
        assert_eq!(chain[1].0, Digest::sha256(format!("{a} {b}").as_bytes()));
        assert_ne!(ChainId::chain([&b, &a])[1], chain[1]);
    }
}
