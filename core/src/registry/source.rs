//! Where an image comes from: a registry, or an OCI layout on any static host.
//!
//! Source: OCI distribution-spec, "Pull"; OCI image-spec, image-layout.md.

use serde::{Deserialize, Serialize};

use super::{
    address,
    known::host_of,
    reference::{Reference, Target},
};
use crate::{
    digest::Digest,
    spec::{descriptor::Descriptor, layout::blob_path},
};

/// An address, and how it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// The API of registries below `base`, which ends before `/v2/`.
    Api { base: String },
    /// A layout: `index.json` and `blobs/` below `base`.
    Layout { base: String },
}

impl Source {
    /// The registry that a reference names. Loopback registries speak plain HTTP, as every client assumes.
    pub fn of(reference: &Reference) -> Self {
        let host = host_of(reference.domain());
        let scheme = if is_loopback(host) { "http" } else { "https" };
        Self::Api { base: format!("{scheme}://{host}") }
    }

    /// A registry, or a proxy of one, at an address; a trailing `/v2/` is what people copy along.
    pub fn api(base: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self::Api { base: base.strip_suffix("/v2").unwrap_or(base).to_owned() }
    }

    /// A layout at an address; a trailing `index.json` is what people copy along.
    pub fn layout(base: &str) -> Self {
        let base = base.strip_suffix("index.json").unwrap_or(base);
        Self::Layout { base: base.trim_end_matches('/').to_owned() }
    }

    pub fn base(&self) -> &str {
        match self {
            Self::Api { base } | Self::Layout { base } => base,
        }
    }

    /// What a reference is asked for first.
    pub fn target(&self, reference: &Reference) -> String {
        match (self, reference.target()) {
            (Self::Api { .. }, Target::Digest(digest)) => self.manifest(reference, digest),
            (Self::Api { base }, Target::Tag(tag)) => format!("{base}/v2/{}/manifests/{tag}", reference.path()),
            (Self::Layout { .. }, Target::Digest(digest)) => self.manifest(reference, digest),
            (Self::Layout { base }, Target::Tag(_)) => format!("{base}/index.json"),
        }
    }

    pub fn manifest(&self, reference: &Reference, digest: &Digest) -> String {
        match self {
            Self::Api { base } => format!("{base}/v2/{}/manifests/{digest}", reference.path()),
            Self::Layout { base } => format!("{base}/{}", blob_path(digest)),
        }
    }

    pub fn blob(&self, reference: &Reference, digest: &Digest) -> String {
        match self {
            Self::Api { base } => format!("{base}/v2/{}/blobs/{digest}", reference.path()),
            Self::Layout { base } => format!("{base}/{}", blob_path(digest)),
        }
    }

    /// Whether `address` may be sent what was granted for this source.
    pub fn same_origin(&self, other: &str) -> bool {
        address::origin(self.base()).is_some_and(|own| Some(own) == address::origin(other))
    }
}

/// The entries of a layout's `index.json` that a tag names: by the bare tag, as skopeo writes it, or by a whole name,
/// as Docker does; a layout of one unnamed image answers to every tag.
pub fn named<'a>(entries: &'a [Descriptor], reference: &Reference) -> Vec<&'a Descriptor> {
    let Target::Tag(tag) = reference.target() else { return entries.iter().collect() };
    let whole = [reference.to_string(), reference.familiar()];
    let by = |matches: &dyn Fn(&str) -> bool| -> Vec<&'a Descriptor> {
        entries.iter().filter(|entry| entry.tags().iter().any(|name| matches(name))).collect()
    };
    let found = by(&|name| whole.iter().any(|whole| whole == name));
    let found = if found.is_empty() { by(&|name| name == tag) } else { found };
    match (found.is_empty(), entries) {
        (true, [only]) if only.tags().is_empty() => vec![only],
        _ => found,
    }
}

/// Names that a browser, too, takes for this machine.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None if host.matches(':').count() > 1 => host,
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.ends_with(".localhost") || name == "::1" || is_ipv4_loopback(name)
}

fn is_ipv4_loopback(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Reference {
        text.parse().unwrap()
    }

    #[test]
    fn a_registry_is_asked_by_its_api_and_a_layout_by_its_files() {
        let digest = Digest::sha256(b"");
        let hex = digest.encoded();
        let redis = reference("redis:6.2");
        let hub = Source::of(&redis);
        assert_eq!(hub.target(&redis), "https://registry-1.docker.io/v2/library/redis/manifests/6.2");
        assert_eq!(
            hub.blob(&redis, &digest),
            format!("https://registry-1.docker.io/v2/library/redis/blobs/sha256:{hex}")
        );
        let local = reference(&format!("localhost:5000/x@{digest}"));
        assert_eq!(Source::of(&local).target(&local), format!("http://localhost:5000/v2/x/manifests/sha256:{hex}"));
        let layout = Source::layout("https://a.example/l/index.json");
        assert_eq!(layout.target(&redis), "https://a.example/l/index.json");
        assert_eq!(layout.blob(&redis, &digest), format!("https://a.example/l/blobs/sha256/{hex}"));
        assert_eq!(Source::api("https://a.example/proxy/v2/").base(), "https://a.example/proxy");
    }

    #[test]
    fn what_was_granted_stays_with_its_origin() {
        let source = Source::api("https://a.example/proxy");
        assert!(source.same_origin("https://A.example:443/x"));
        assert!(!source.same_origin("https://a.example.evil/x"));
        assert!(!source.same_origin("http://a.example/x"));
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for (host, loopback) in [
            ("localhost:5000", true),
            ("127.0.0.1", true),
            ("[::1]:5000", true),
            ("x.localhost", true),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("192.168.0.1", false),
        ] {
            assert_eq!(is_loopback(host), loopback, "{host}");
        }
    }
}
