//! Which documents a request says it understands, within what a browser sends without a preflight.
//!
//! A header is safelisted only up to 128 bytes (Fetch Standard, "CORS-safelisted request-header"). The four media
//! types of manifests joined are 193: so a request names the two of indexes, or the two of manifests, and which one is
//! asked first is decided by what is known.

use serde::{Deserialize, Serialize};

/// The most that a safelisted header's value may have.
pub const SAFELISTED_BYTES: usize = 128;

/// One of the two pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Accept {
    Index,
    Manifest,
}

impl Accept {
    pub fn header(self) -> &'static str {
        match self {
            Self::Index => {
                "application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json"
            }
            Self::Manifest => {
                "application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json"
            }
        }
    }

    /// The pair that holds a descriptor's media type; the index pair where it is unknown, because a registry that is
    /// not told of indexes may answer with one of its manifests, of another digest.
    pub fn of(media_type: Option<&str>) -> Self {
        match media_type {
            Some(media_type) if Self::Manifest.header().split(',').any(|one| one == media_type) => Self::Manifest,
            _ => Self::Index,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_causes_a_preflight_and_all_four_would() {
        let lengths = [Accept::Index, Accept::Manifest].map(|pair| pair.header().len());
        assert!(lengths.iter().all(|len| *len <= SAFELISTED_BYTES), "{lengths:?}");
        assert_eq!(lengths.iter().sum::<usize>() + 1, 193);
    }

    #[test]
    fn a_known_manifest_is_asked_for_as_one() {
        assert_eq!(Accept::of(Some("application/vnd.oci.image.manifest.v1+json")), Accept::Manifest);
        assert_eq!(Accept::of(Some("application/vnd.docker.distribution.manifest.list.v2+json")), Accept::Index);
        assert_eq!(Accept::of(None), Accept::Index);
    }
}
