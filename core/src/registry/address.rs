//! Addresses, as far as a client of registries needs them: origins, and what a `Location` means.
//!
//! Source: RFC 3986, 5.2 (reference resolution).

/// `scheme://host[:port]`, lower-case, or `None` where the address is not http(s).
pub fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let default = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default).unwrap_or(&host);
    (matches!(scheme.as_str(), "http" | "https") && !host.is_empty()).then(|| format!("{scheme}://{host}"))
}

/// The host of an address, without its port.
pub fn host(address: &str) -> Option<String> {
    let origin = origin(address)?;
    let host = origin.split_once("://")?.1;
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => host.split(':').next().unwrap_or(host),
    };
    Some(host.to_owned())
}

/// Where `location`, found in the answer of `base`, leads; `None` where that is not http(s).
pub fn resolve(base: &str, location: &str) -> Option<String> {
    let location = location.trim().split('#').next().unwrap_or_default();
    let has_scheme = |before: &str| !before.is_empty() && before.bytes().all(|b| b.is_ascii_alphanumeric());
    let absolute = match location.split_once(':') {
        Some((scheme, _)) if has_scheme(scheme) => location.to_owned(),
        _ if location.is_empty() => return None,
        _ if location.starts_with("//") => format!("{}:{location}", base.split(':').next()?),
        _ if location.starts_with('/') => format!("{}{location}", origin(base)?),
        _ => {
            let path = base.split(['?', '#']).next().unwrap_or(base);
            let folder = path.rfind('/').filter(|slash| *slash > path.find("://").map_or(0, |at| at + 2));
            let folder = folder.map_or_else(|| format!("{path}/"), |slash| path[..=slash].to_owned());
            format!("{folder}{location}")
        }
    };
    origin(&absolute).map(|_| absolute)
}

/// Percent-encodes a value of a query. Colons, slashes and commas stay: registries' own clients leave them, and some
/// token servers compare scopes as text.
pub fn encode_query(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/,".contains(&b);
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_and_hosts() {
        for (address, is, named) in [
            ("HTTPS://Example.org:443/v2/?x#y", Some("https://example.org"), Some("example.org")),
            ("http://user@127.0.0.1:5000", Some("http://127.0.0.1:5000"), Some("127.0.0.1")),
            ("http://[::1]:5000/x", Some("http://[::1]:5000"), Some("::1")),
            ("ftp://x/", None, None),
            ("javascript:alert(1)", None, None),
            ("https:///x", None, None),
        ] {
            assert_eq!((origin(address).as_deref(), host(address).as_deref()), (is, named), "{address}");
        }
    }

    #[test]
    fn where_a_location_leads() {
        let base = "https://a.example/v2/x/blobs/sha256:1?q#f";
        for (location, leads) in [
            ("https://b.example/c#d", Some("https://b.example/c")),
            ("//b.example/c", Some("https://b.example/c")),
            ("/c?d", Some("https://a.example/c?d")),
            ("c", Some("https://a.example/v2/x/blobs/c")),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(resolve(base, location).as_deref(), leads, "{location}");
        }
        assert_eq!(resolve("https://a.example", "c").as_deref(), Some("https://a.example/c"));
    }
}
