//! References to images as people type them: `redis`, `redis:6.2`, `ghcr.io/a/b@sha256:…`, `localhost:5000/x`.
//!
//! Source: distribution/reference, `regexp.go` (the grammar) and `normalize.go` (what Docker makes of short names).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    digest::{Digest, DigestError},
    display::harmless_text,
};

/// The registry that a name without one stands for.
pub const DEFAULT_DOMAIN: &str = "docker.io";
/// The tag that a name without one stands for.
pub const DEFAULT_TAG: &str = "latest";

const OFFICIAL: &str = "library/";
/// distribution's `RepositoryNameTotalLengthMax`.
const NAME_BYTES: usize = 255;
const TAG_BYTES: usize = 128;
/// What people paste in front of a reference, and what it means nothing beside.
const PREFIXES: [&str; 7] =
    ["docker pull ", "podman pull ", "crane pull ", "nerdctl pull ", "docker://", "docker run ", "FROM "];

/// A reference, normalised: it names its registry and its whole repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// What a reference asks a registry for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    Tag(&'a str),
    Digest(&'a Digest),
}

impl Reference {
    /// The registry's name, with its port: `docker.io`, `localhost:5000`. It is not always the host that answers.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The repository inside the registry: `library/redis`.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The digest where there is one, because it is the stronger promise; else the tag, else `latest`.
    pub fn target(&self) -> Target<'_> {
        match &self.digest {
            Some(digest) => Target::Digest(digest),
            None => Target::Tag(self.tag().unwrap_or(DEFAULT_TAG)),
        }
    }

    /// The same image by its digest.
    pub fn at(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// As Docker prints it: without what it would add again.
    pub fn familiar(&self) -> String {
        let name = match (self.domain.as_str(), self.path.strip_prefix(OFFICIAL)) {
            (DEFAULT_DOMAIN, Some(name)) if !name.contains('/') => name.to_owned(),
            (DEFAULT_DOMAIN, _) => self.path.clone(),
            (domain, _) => format!("{domain}/{}", self.path),
        };
        name + &self.suffix()
    }

    fn suffix(&self) -> String {
        let tag = match (&self.tag, &self.digest) {
            (Some(tag), _) => format!(":{tag}"),
            (None, None) => format!(":{DEFAULT_TAG}"),
            (None, Some(_)) => String::new(),
        };
        tag + &self.digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default()
    }
}

impl fmt::Display for Reference {
    /// The whole name: `docker.io/library/redis:latest`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.domain, self.path, self.suffix())
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = PREFIXES.iter().fold(text.trim(), |text, prefix| text.strip_prefix(prefix).unwrap_or(text).trim());
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return Err(ReferenceError::Scheme { scheme: scheme.to_owned(), rest: rest.to_owned() });
        }
        if let Some(found) = text.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(ReferenceError::Character { part: Part::Repository, found });
        }
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ReferenceError::BareDigest);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(ReferenceError::Digest)?)),
            None => (text, None),
        };
        let (domain, rest) = split_domain(rest);
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        check_domain(domain)?;
        check_path(path)?;
        tag.map_or(Ok(()), check_tag)?;
        let path = match (domain, path.contains('/')) {
            (DEFAULT_DOMAIN, false) => format!("{OFFICIAL}{path}"),
            _ => path.to_owned(),
        };
        if domain.len() + 1 + path.len() > NAME_BYTES {
            return Err(ReferenceError::TooLong { part: Part::Repository, limit: NAME_BYTES });
        }
        Ok(Self { domain: domain.to_owned(), path, tag: tag.map(str::to_owned), digest })
    }
}

/// The first component is a registry only where it cannot be a user: it has a dot, a port or a capital letter, or is
/// `localhost`.
fn split_domain(name: &str) -> (&str, &str) {
    let is_domain = |first: &str| {
        first.contains(['.', ':']) || first == "localhost" || first.bytes().any(|b| b.is_ascii_uppercase())
    };
    match name.split_once('/') {
        Some(("index.docker.io", path)) => (DEFAULT_DOMAIN, path),
        Some((first, path)) if is_domain(first) => (first, path),
        _ => (DEFAULT_DOMAIN, name),
    }
}

/// `host [":" port]`: names of letters, digits and inner hyphens joined by dots, or an IPv6 address in brackets.
fn check_domain(domain: &str) -> Result<(), ReferenceError> {
    let wrong = || ReferenceError::Domain { found: domain.to_owned() };
    let (host, port) = match domain.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
            if host.is_empty() || !host.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b)) {
                return Err(wrong());
            }
            return check_port(port.strip_prefix(':'), port.is_empty()).then_some(()).ok_or_else(wrong);
        }
        None => domain.split_once(':').map_or((domain, None), |(host, port)| (host, Some(port))),
    };
    let component = |part: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    (host.split('.').all(component) && check_port(port, port.is_none())).then_some(()).ok_or_else(wrong)
}

fn check_port(port: Option<&str>, absent: bool) -> bool {
    port.map_or(absent, |port| port.parse::<u16>().is_ok() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// `component ("/" component)*`, components lower-case letters and digits, parted by `.`, `_`, `__` or hyphens.
fn check_path(path: &str) -> Result<(), ReferenceError> {
    let part = Part::Repository;
    if path.is_empty() {
        return Err(ReferenceError::NoName);
    }
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ReferenceError::Uppercase { suggestion: path.to_ascii_lowercase() });
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
    if let Some(found) = path.chars().find(|c| !allowed(*c)) {
        return Err(ReferenceError::Character { part, found });
    }
    let separators = |run: &str| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|b| b == b'-');
    let component = |component: &str| {
        let ends = [component.chars().next(), component.chars().next_back()];
        let is_letter = |c: char| c.is_ascii_alphanumeric();
        ends.iter().all(|end| end.is_some_and(is_letter)) && component.split(is_letter).all(separators)
    };
    match path.split('/').find(|one| !component(one)) {
        Some(found) => Err(ReferenceError::Component { found: found.to_owned() }),
        None => Ok(()),
    }
}

/// A letter, digit or underscore, then these, dots and hyphens.
fn check_tag(tag: &str) -> Result<(), ReferenceError> {
    let part = Part::Tag;
    if tag.is_empty() {
        return Err(ReferenceError::NoTag);
    }
    if tag.len() > TAG_BYTES {
        return Err(ReferenceError::TooLong { part, limit: TAG_BYTES });
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let wrong = tag.char_indices().find(|(at, c)| !(word(*c) || (*at > 0 && ".-".contains(*c))));
    wrong.map_or(Ok(()), |(_, found)| Err(ReferenceError::Character { part, found }))
}

/// Why a text is no reference, with what would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    Empty,
    /// An address was pasted where a name is expected.
    Scheme {
        scheme: String,
        rest: String,
    },
    /// 64 hex digits: an ID or a digest without its algorithm, and a repository of that name is forbidden.
    BareDigest,
    NoName,
    NoTag,
    Uppercase {
        suggestion: String,
    },
    Character {
        part: Part,
        found: char,
    },
    Component {
        found: String,
    },
    Domain {
        found: String,
    },
    TooLong {
        part: Part,
        limit: usize,
    },
    Digest(DigestError),
}

/// Which part of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Repository,
    Tag,
}

impl ReferenceError {
    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 12] = [
        "empty",
        "scheme",
        "bare_digest",
        "no_name",
        "no_tag",
        "uppercase",
        "character",
        "tag_character",
        "component",
        "domain",
        "too_long",
        "digest",
    ];

    /// A stable name: the key of the message catalogue.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Scheme { .. } => "scheme",
            Self::BareDigest => "bare_digest",
            Self::NoName => "no_name",
            Self::NoTag => "no_tag",
            Self::Uppercase { .. } => "uppercase",
            Self::Character { part: Part::Repository, .. } => "character",
            Self::Character { part: Part::Tag, .. } => "tag_character",
            Self::Component { .. } => "component",
            Self::Domain { .. } => "domain",
            Self::TooLong { .. } => "too_long",
            Self::Digest(_) => "digest",
        }
    }

    /// What the sentence quotes, made harmless; empty where it quotes nothing.
    pub fn detail(&self) -> String {
        match self {
            Self::Scheme { rest, .. } => harmless_text(rest),
            Self::Uppercase { suggestion } => harmless_text(suggestion),
            Self::Character { found, .. } => harmless_text(&found.to_string()),
            Self::Component { found } | Self::Domain { found } => harmless_text(found),
            Self::TooLong { limit, .. } => limit.to_string(),
            Self::Digest(error) => error.to_string(),
            _ => String::new(),
        }
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail();
        match self {
            Self::Empty => f.write_str("no image is named"),
            Self::Scheme { .. } => write!(f, "a reference has no scheme: write {detail}"),
            Self::BareDigest => f.write_str("64 hex digits name no repository: write name@sha256:… for a digest"),
            Self::NoName => f.write_str("there is a registry or a tag, and no repository"),
            Self::NoTag => f.write_str("nothing follows the colon: write a tag, or leave the colon out"),
            Self::Uppercase { .. } => write!(f, "repositories are lower-case: write {detail}"),
            Self::Character { part: Part::Repository, .. } => write!(f, "\"{detail}\" is in no repository's name"),
            Self::Character { part: Part::Tag, .. } => write!(f, "\"{detail}\" is not allowed there in a tag"),
            Self::Component { .. } => write!(
                f,
                "\"{detail}\" is no part of a repository's name: letters and digits, parted by . _ __ or hyphens"
            ),
            Self::Domain { .. } => write!(f, "\"{detail}\" is no registry's name"),
            Self::TooLong { part: Part::Repository, limit } => write!(f, "the name is longer than {limit} characters"),
            Self::TooLong { part: Part::Tag, limit } => write!(f, "the tag is longer than {limit} characters"),
            Self::Digest(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReferenceError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        text.parse::<Reference>().map_or_else(|error| format!("error: {error}"), |reference| reference.to_string())
    }

    #[test]
    fn what_people_type_and_what_it_means() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (typed, whole) in [
            ("redis", "docker.io/library/redis:latest"),
            (" redis:6.2\n", "docker.io/library/redis:6.2"),
            ("docker pull redis", "docker.io/library/redis:latest"),
            ("docker://redis", "docker.io/library/redis:latest"),
            ("user/x", "docker.io/user/x:latest"),
            ("index.docker.io/library/redis", "docker.io/library/redis:latest"),
            ("docker.io/redis", "docker.io/library/redis:latest"),
            ("localhost/x", "localhost/x:latest"),
            ("localhost:5000/x", "localhost:5000/x:latest"),
            ("localhost:5000/x:1", "localhost:5000/x:1"),
            ("[::1]:5000/x:1", "[::1]:5000/x:1"),
            ("Registry/x", "Registry/x:latest"),
            ("ghcr.io/a/b-c__d/e.f:v1_2.3-x", "ghcr.io/a/b-c__d/e.f:v1_2.3-x"),
            ("a---b", "docker.io/library/a---b:latest"),
        ] {
            assert_eq!(parsed(typed), whole, "{typed}");
        }
        assert_eq!(parsed(&format!("ghcr.io/a/b@{digest}")), format!("ghcr.io/a/b@{digest}"));
        assert_eq!(parsed(&format!("a:1@{digest}")), format!("docker.io/library/a:1@{digest}"));
    }

    #[test]
    fn a_digest_is_asked_for_before_a_tag_and_a_tag_before_latest() {
        let digest = Digest::sha256(b"");
        let reference = |text: &str| text.parse::<Reference>().unwrap();
        assert_eq!(reference("redis").target(), Target::Tag("latest"));
        assert_eq!(reference("redis:6").target(), Target::Tag("6"));
        assert_eq!(reference(&format!("redis:6@{digest}")).target(), Target::Digest(&digest));
        assert_eq!(reference("redis:6").at(digest.clone()).digest(), Some(&digest));
    }

    #[test]
    fn the_familiar_form_leaves_out_what_docker_adds() {
        for (typed, familiar) in [
            ("docker.io/library/redis", "redis:latest"),
            ("docker.io/user/x:1", "user/x:1"),
            ("docker.io/library/a/b:1", "library/a/b:1"),
            ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
        ] {
            assert_eq!(typed.parse::<Reference>().unwrap().familiar(), familiar);
        }
    }

    #[test]
    fn errors_say_what_would_help() {
        for (typed, sentence) in [
            ("  ", "no image is named"),
            ("https://ghcr.io/a/b", "a reference has no scheme: write ghcr.io/a/b"),
            ("user/Redis", "repositories are lower-case: write user/redis"),
            ("redis:", "nothing follows the colon: write a tag, or leave the colon out"),
            ("ghcr.io/", "there is a registry or a tag, and no repository"),
            ("redis:6 2", "\" \" is in no repository's name"),
            ("redis:-1", "\"-\" is not allowed there in a tag"),
            ("a//b", "\"\" is no part of a repository's name: letters and digits, parted by . _ __ or hyphens"),
            ("a___b", "\"a___b\" is no part of a repository's name: letters and digits, parted by . _ __ or hyphens"),
            ("a/../b", "\"..\" is no part of a repository's name: letters and digits, parted by . _ __ or hyphens"),
            ("host:port/x", "\"host:port\" is no registry's name"),
            ("-a.io/x", "\"-a.io\" is no registry's name"),
            ("redis@sha256:12", "not a digest: expected 64 lower-case hex characters, found 2 characters"),
            ("re\u{202e}dis", "\"\\u{202e}\" is in no repository's name"),
        ] {
            assert_eq!(typed.parse::<Reference>().unwrap_err().to_string(), sentence, "{typed}");
        }
        assert_eq!(
            parsed(&"a".repeat(64)),
            "error: 64 hex digits name no repository: write name@sha256:… for a digest"
        );
        assert_eq!(parsed(&"g".repeat(300)), "error: the name is longer than 255 characters");
        assert_eq!(parsed(&format!("a:{}", "b".repeat(129))), "error: the tag is longer than 128 characters");
    }
}
