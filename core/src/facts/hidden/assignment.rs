//! `NAME=value`, where the name says that the value is a secret.

use super::placeholder::is_placeholder;

/// Whether a variable of this name holds a secret itself, and not where to find one.
pub fn is_secret_name(name: &str) -> bool {
    const HOLDS: [&str; 11] = [
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET",
        "TOKEN",
        "API_KEY",
        "APIKEY",
        "ACCESS_KEY",
        "PRIVATE_KEY",
        "CREDENTIAL",
        "ENCRYPTION_KEY",
    ];
    const ENDS: [&str; 22] = [
        "_FILE",
        "_PATH",
        "_DIR",
        "_URL",
        "_URI",
        "_NAME",
        "_ID",
        "_LENGTH",
        "_TTL",
        "_EXPIRY",
        "_EXPIRES",
        "_TIMEOUT",
        "_HEADER",
        "_ALGORITHM",
        "_TYPE",
        "_ENABLED",
        "_REQUIRED",
        "_POLICY",
        "_VERSION",
        "_ARN",
        "_HOST",
        "_REGION",
    ];
    let upper = name.to_ascii_uppercase().replace(['-', '.'], "_");
    HOLDS.iter().any(|word| upper.contains(word))
        && !ENDS.iter().any(|end| upper.ends_with(end))
        && !["PUBLIC", "ALLOW_EMPTY", "RANDOM_ROOT", "TOKENIZ", "MAX_TOKEN"].iter().any(|word| upper.contains(word))
}

/// Whether a value can be a secret: no placeholder, no path, no truth value.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim().trim_matches(|c| c == '"' || c == '\'');
    !is_placeholder(value.as_bytes()) && !value.starts_with('/') && !value.starts_with("./") && value.len() >= 3
}

/// The offset and length of a password in `scheme://user:password@host` that begins at the `://` at `at`.
pub fn url_password(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let authority = at + 3;
    let rest = text.get(authority..)?;
    let end = rest.iter().take(1_024).position(|&b| b == b'/' || b.is_ascii_whitespace() || b == b'"' || b == b'\'');
    let rest = &rest[..end.unwrap_or(rest.len().min(1_024))];
    let host = rest.iter().rposition(|&b| b == b'@')?;
    let colon = rest[..host].iter().position(|&b| b == b':')?;
    let password = &rest[colon + 1..host];
    let told = std::str::from_utf8(password).ok()?;
    let plain = !matches!(told, "pass" | "password" | "pwd" | "passwd" | "secret" | "token" | "PASSWORD" | "PASS");
    (plain && is_secret_value(told)).then_some((authority + colon + 1, password.len()))
}
