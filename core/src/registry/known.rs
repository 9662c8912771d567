//! What is known of some public registries, as data.
//!
//! A browser shows a page only those headers of another origin that the server exposes, and `WWW-Authenticate` hardly
//! ever is: a 401 then tells nothing but itself. For registries whose challenge is public knowledge it stands here.

use super::{challenge::Bearer, reference::DEFAULT_DOMAIN};

/// One registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// As references name it.
    pub domain: &'static str,
    /// The host that answers.
    pub host: &'static str,
    pub realm: &'static str,
    pub service: &'static str,
}

/// As their documentations state them. One that changes shows as a token that cannot be had.
pub const KNOWN: &[Known] = &[
    Known {
        domain: DEFAULT_DOMAIN,
        host: "registry-1.docker.io",
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
    },
    Known { domain: "ghcr.io", host: "ghcr.io", realm: "https://ghcr.io/token", service: "ghcr.io" },
    Known { domain: "quay.io", host: "quay.io", realm: "https://quay.io/v2/auth", service: "quay.io" },
];

/// The host that answers for a reference's domain.
pub fn host_of(domain: &str) -> &str {
    find(domain).map_or(domain, |known| known.host)
}

/// The challenge that a registry is known to send.
pub fn challenge_of(domain: &str) -> Option<Bearer> {
    find(domain).map(|known| Bearer {
        realm: known.realm.into(),
        service: Some(known.service.into()),
        scope: None,
        error: None,
    })
}

fn find(domain: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.domain == domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_that_answers_is_not_always_the_name() {
        assert_eq!(host_of("docker.io"), "registry-1.docker.io");
        assert_eq!(host_of("localhost:5000"), "localhost:5000");
        assert_eq!(challenge_of("localhost:5000"), None);
        assert_eq!(challenge_of("quay.io").unwrap().realm, "https://quay.io/v2/auth");
    }
}
