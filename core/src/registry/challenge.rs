//! The challenge of a registry that wants a token, the address to ask for it, and the answer.
//!
//! Source: distribution, "Token Authentication Specification"; RFC 9110, 11.6.1 (WWW-Authenticate).

use std::fmt;

use serde::Deserialize;

use super::{address::encode_query, reference::Reference};
use crate::spec::json;

/// What a registry asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    Bearer(Bearer),
    /// A user's name and password.
    Basic,
    /// A scheme that is not spoken here (`Negotiate`, say).
    Other(String),
}

/// Where a token is to be had, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bearer {
    /// An address.
    pub realm: String,
    pub service: Option<String>,
    pub scope: Option<String>,
    /// Why the token that was sent is not enough (`insufficient_scope`, `invalid_token`).
    pub error: Option<String>,
}

impl Challenge {
    /// The challenges of one header, in its order. What cannot be read ends the list.
    pub fn parse(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Raw> = Vec::new();
        let mut rest = header.trim_start_matches([' ', '\t', ',']);
        while let Some((name, after)) = token(rest) {
            let spaced = after.trim_start();
            match spaced.strip_prefix('=') {
                // `name=value` belongs to the scheme that was named last.
                Some(value) => {
                    let Some((value, after)) = quoted_or_token(value.trim_start()) else { break };
                    let Some(Raw { parameters, .. }) = challenges.last_mut() else { break };
                    parameters.push((name.to_ascii_lowercase(), value));
                    rest = after;
                }
                None => {
                    challenges.push(Raw { scheme: name.to_owned(), parameters: Vec::new() });
                    rest = after;
                }
            }
            rest = rest.trim_start_matches([' ', '\t', ',']);
        }
        challenges.into_iter().map(Self::from).collect()
    }

    /// The one that can be answered, of all headers of a response; a bearer's first.
    pub fn best<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let rank = |challenge: &Self| match challenge {
            Self::Bearer(_) => 0,
            Self::Basic => 1,
            Self::Other(_) => 2,
        };
        headers.flat_map(Self::parse).min_by_key(rank)
    }
}

struct Raw {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl From<Raw> for Challenge {
    fn from(raw: Raw) -> Self {
        let parameter = |name: &str| {
            raw.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).filter(|v| !v.is_empty())
        };
        match (raw.scheme.to_ascii_lowercase().as_str(), parameter("realm")) {
            ("bearer", Some(realm)) => Self::Bearer(Bearer {
                realm,
                service: parameter("service"),
                scope: parameter("scope"),
                error: parameter("error"),
            }),
            ("basic", _) => Self::Basic,
            _ => Self::Other(raw.scheme),
        }
    }
}

impl Bearer {
    /// The address that hands out a token for reading `reference`. A challenge without a scope (that of `/v2/`) gets
    /// the one that a pull needs.
    pub fn token_address(&self, reference: &Reference) -> String {
        let pull = || format!("repository:{}:pull", reference.path());
        let scope = self.scope.clone().unwrap_or_else(pull);
        let service = self.service.iter().map(|service| ("service", service.clone()));
        let scopes = scope.split(' ').filter(|scope| !scope.is_empty()).map(|scope| ("scope", scope.to_owned()));
        let pairs: Vec<_> =
            service.chain(scopes).map(|(key, value)| format!("{key}={}", encode_query(&value))).collect();
        let joint = if self.realm.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.realm, pairs.join("&"))
    }
}

/// A token, and how long it may be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub token: String,
    /// 60 where the document does not say.
    pub seconds: u64,
}

impl fmt::Debug for Token {
    /// A token is a secret: no log shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("seconds", &self.seconds).finish_non_exhaustive()
    }
}

impl Token {
    const LEAST_SECONDS: u64 = 60;

    /// `None` where the document holds no token that a header can carry.
    pub fn from_document(text: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            token: Option<String>,
            access_token: Option<String>,
            expires_in: Option<u64>,
        }
        let document: Document = json::parse(text, 16, 1_000).ok()?;
        let token = document.token.filter(|token| !token.is_empty()).or(document.access_token)?;
        let fits = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        // Older servers state less than a minute, or nothing, and mean a minute.
        let seconds = document.expires_in.unwrap_or_default().max(Self::LEAST_SECONDS);
        fits.then_some(Self { token, seconds })
    }
}

/// RFC 9110's `token`.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let len = text.bytes().take_while(|b| is_token(*b)).count();
    (len > 0).then(|| text.split_at(len))
}

/// A quoted text without its quotes and backslashes, or a token. Unquoted realms with `:` and `/` are met, too.
fn quoted_or_token(text: &str) -> Option<(String, &str)> {
    let Some(inner) = text.strip_prefix('"') else {
        let len = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (len > 0).then(|| (text[..len].to_owned(), &text[len..]));
    };
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(header: &str) -> Bearer {
        match Challenge::best([header].into_iter()) {
            Some(Challenge::Bearer(bearer)) => bearer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_address_of_a_token_is_made_of_realm_service_and_scope() {
        let reference: Reference = "user/x".parse().unwrap();
        let header =
            r#"Bearer realm="https://auth.example/token",service="registry.example",scope="repository:user/x:pull""#;
        assert_eq!(
            bearer(header).token_address(&reference),
            "https://auth.example/token?service=registry.example&scope=repository:user/x:pull"
        );
        let of_v2 = bearer(r#"bearer Realm = "https://auth.example/t?a=1" , service="a b&c""#);
        assert_eq!(
            of_v2.token_address(&reference),
            "https://auth.example/t?a=1&service=a%20b%26c&scope=repository:user/x:pull"
        );
    }

    #[test]
    fn a_bearer_is_preferred_wherever_it_stands() {
        for header in [
            r#"Basic realm="a, b", Bearer realm=https://t/, error="insufficient_scope""#,
            r#"Bearer realm="https://t/",error=insufficient_scope, Basic realm="x""#,
        ] {
            let found = bearer(header);
            assert_eq!((found.realm.as_str(), found.error.as_deref()), ("https://t/", Some("insufficient_scope")));
        }
        assert_eq!(Challenge::parse("Basic realm=\"say \\\"x\\\"\""), [Challenge::Basic]);
        assert_eq!(Challenge::parse("Negotiate abc=="), [Challenge::Other("Negotiate".into())]);
        assert_eq!(Challenge::parse("Bearer realm=\"open"), [Challenge::Other("Bearer".into())]);
        assert_eq!(Challenge::parse(", ,"), []);
        assert_eq!(Challenge::best([].into_iter()), None);
    }

    #[test]
    fn a_token_has_two_names_and_a_least_life() {
        let token = |text: &str| Token::from_document(text.as_bytes()).map(|token| (token.token, token.seconds));
        assert_eq!(token(r#"{"token":"a","expires_in":300,"issued_at":"x"}"#), Some(("a".into(), 300)));
        assert_eq!(token(r#"{"access_token":"b"}"#), Some(("b".into(), 60)));
        assert_eq!(token(r#"{"token":"","access_token":"c","expires_in":5}"#), Some(("c".into(), 60)));
        assert_eq!(token(r#"{"token":"a\r\nX-Evil: 1"}"#), None);
        assert_eq!(token("<html>"), None);
    }
}
