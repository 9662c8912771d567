//! Requests out, responses in: what a driver is asked to send, and what it tells.

use serde::{Deserialize, Serialize};

use super::accept::Accept;

/// Numbers the requests of one pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// One GET. The driver sends these headers and no others, follows redirects or does not, and keeps no cookies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub address: String,
    pub accept: Option<Accept>,
    pub range: Option<ByteRange>,
    pub authorization: Option<String>,
}

/// Bytes `first` to `last`, both of them included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    pub first: u64,
    pub last: u64,
}

impl Request {
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let accept = self.accept.map(|accept| ("Accept", accept.header().to_owned()));
        let range = self.range.map(|ByteRange { first, last }| ("Range", format!("bytes={first}-{last}")));
        let authorization = self.authorization.clone().map(|value| ("Authorization", value));
        [accept, range, authorization].into_iter().flatten().collect()
    }

    /// Whether a browser asks the server's leave first: `Authorization` is never safelisted. `Accept` and a range
    /// with a first byte are, at these lengths (Fetch Standard, "CORS-safelisted request-header").
    pub fn needs_preflight(&self) -> bool {
        self.authorization.is_some()
    }
}

/// The start of a response: all but its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// The address that answered, after whatever redirects the driver followed.
    pub address: String,
    pub headers: Headers,
}

/// The headers that the driver can see, which in a browser are few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// A header that is a whole number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.first(name)?.parse().ok()
    }

    /// The first byte of `Content-Range: bytes 5-9/10`.
    pub fn range_start(&self) -> Option<u64> {
        self.first("Content-Range")?.strip_prefix("bytes")?.trim_start().split('-').next()?.parse().ok()
    }
}

/// The time, and a number that nobody foresees. A state machine has neither of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Now {
    /// Milliseconds since some moment, never going back.
    pub millis: u64,
    /// From 0 to 1.
    pub chance: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_causes_a_preflight() {
        let plain = Request {
            address: "https://a.example/".into(),
            accept: Some(Accept::Index),
            range: Some(ByteRange { first: 5, last: 9 }),
            authorization: None,
        };
        assert!(!plain.needs_preflight());
        assert_eq!(plain.headers()[1], ("Range", "bytes=5-9".into()));
        assert!(Request { authorization: Some("Bearer x".into()), ..plain }.needs_preflight());
    }

    #[test]
    fn headers_are_found_whatever_their_case() {
        let headers = Headers(vec![
            ("content-range".into(), "bytes 5-9/10".into()),
            ("Retry-After".into(), " 7 ".into()),
            ("X".into(), "1".into()),
            ("x".into(), "2".into()),
        ]);
        assert_eq!((headers.range_start(), headers.number("retry-after")), (Some(5), Some(7)));
        assert_eq!(headers.all("x").collect::<Vec<_>>(), ["1", "2"]);
    }
}
