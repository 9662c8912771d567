//! What the address says: which archive, image and side, and what follows the question mark.

use std::collections::BTreeMap;

/// `/a/<key>/image/<number>/<pane>?name=value&…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub key: String,
    /// The image's number in the plan.
    pub image: u32,
    pub pane: String,
    /// Values as bytes: a path need not be text.
    pub query: BTreeMap<String, Vec<u8>>,
}

impl Address {
    /// `None` for the address of something else.
    pub fn parse(address: &str) -> Option<Self> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let mut parts = path.strip_prefix("/a/")?.split('/');
        let (key, "image", image, pane) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Some(Self {
            key: key.into(),
            image: image.parse().ok()?,
            pane: pane.into(),
            query: pairs.map(|(name, value)| (name.into(), decode(value))).collect(),
        })
    }

    /// The address as text.
    pub fn write(&self) -> String {
        let pairs: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("/a/{}/image/{}/{}{mark}{}", self.key, self.image, self.pane, pairs.join("&"))
    }

    /// The same with another value; `None` takes it out.
    pub fn with(mut self, name: &str, value: Option<Vec<u8>>) -> Self {
        match value {
            Some(value) => drop(self.query.insert(name.into(), value)),
            None => drop(self.query.remove(name)),
        }
        self
    }

    /// A value that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        std::str::from_utf8(self.query.get(name)?).ok()?.parse().ok()
    }

    /// A value that is text.
    pub fn word(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.query.get(name)?).ok()
    }
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(byte.into()),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What is no escape stands for itself.
fn decode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', &[high, low, ..]) => hex(high).zip(hex(low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        out.push(escaped.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use layerlab_web::pages::{Pane, Route};
    use yew_router::Routable;

    use super::*;

    #[test]
    fn an_address_leads_back_to_itself_whatever_bytes_a_path_has() {
        let path = b"etc/a b%&=\xff\n".to_vec();
        let address = Address::parse("/a/0a1b/image/2/files?layer=3").unwrap();
        assert_eq!((address.image, address.number("layer"), address.pane.as_str()), (2, Some(3), "files"));
        let with = address.with("path", Some(path.clone()));
        assert_eq!(with.write(), "/a/0a1b/image/2/files?layer=3&path=etc/a%20b%25%26%3D%FF%0A");
        assert_eq!(Address::parse(&with.write()).unwrap().query["path"], path);
    }

    #[test]
    fn other_addresses_are_none() {
        for address in ["/", "/learn", "/a/x/image/many/files", "/a/x/picture/1/files"] {
            assert_eq!(Address::parse(address), None, "{address}");
        }
    }

    #[test]
    fn an_address_leads_to_its_side_and_to_what_is_chosen_there() {
        let text = "/a/0a1b/image/2/compare?with=ff00.1&how=semantic";
        let address = Address::parse(text).unwrap();
        assert_eq!(
            (address.word("with"), address.word("how"), address.word("ow")),
            (Some("ff00.1"), Some("semantic"), None)
        );
        let side = Route::Image { key: "0a1b".into(), image: 2, pane: Pane::Compare };
        assert_eq!(text.split('?').next().and_then(Route::recognize), Some(side.clone()));
        assert_eq!(Route::recognize(&side.to_path()), Some(side));
        assert_eq!(Route::recognize("/forest"), Some(Route::Forest));
    }
}
