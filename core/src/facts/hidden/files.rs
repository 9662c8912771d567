//! Files that hold credentials by their format, known by their names.

use super::{
    Rule, Secret,
    assignment::{is_secret_name, is_secret_value, url_password},
    jwt,
    placeholder::is_placeholder,
};

/// The secrets that a file of this name holds.
pub fn find(path: &[u8], text: &[u8]) -> Vec<Secret> {
    let name = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let ends = |end: &str| {
        path.ends_with(end.as_bytes()) && path.len() == end.len() || path.ends_with(format!("/{end}").as_bytes())
    };
    let reader: fn(&[u8]) -> Vec<Secret> = match name {
        name if is_env_file(name) => env_file,
        b".npmrc" | b"npmrc" => npmrc,
        b".pypirc" => |text| values(text, b'=', Rule::PypircPassword, |name| name == "password"),
        b".my.cnf" | b".mylogin.cnf" => |text| values(text, b'=', Rule::MyCnf, |name| name == "password"),
        b".netrc" | b"_netrc" => netrc,
        b".git-credentials" => |text| urls(text, Rule::GitCredentials),
        b"config" if ends(".git/config") => |text| urls(text, Rule::UrlPassword),
        b"pip.conf" | b"sources.list" | b"gradle.properties" => |text| urls(text, Rule::UrlPassword),
        b".pgpass" => pgpass,
        b"config.json" if ends(".docker/config.json") => registry_auth,
        b".dockercfg" | b".dockerconfigjson" => registry_auth,
        b"auth.json" if ends("containers/auth.json") => registry_auth,
        b"config" if ends(".kube/config") => kubeconfig,
        b"kubeconfig" | b"admin.conf" => kubeconfig,
        b"shadow" | b"shadow-" if ends("etc/shadow") || ends("etc/shadow-") => shadow,
        b".htpasswd" => htpasswd,
        b"credentials" | b"credentials.toml" if ends(".cargo/credentials") || ends(".cargo/credentials.toml") => {
            |text| values(text, b'=', Rule::CargoToken, |name| name == "token")
        }
        b"application_default_credentials.json" => {
            |text| values(text, b':', Rule::GcloudRefreshToken, |name| name == "refresh_token")
        }
        _ => return Vec::new(),
    };
    reader(text)
}

/// `.env`, `.env.production`, `prod.env`; not `.env.example`.
fn is_env_file(name: &[u8]) -> bool {
    const TEMPLATES: [&[u8]; 7] = [b"example", b"sample", b"template", b"dist", b"defaults", b"tpl", b"schema"];
    let template = name.rsplit(|&b| b == b'.').take(2).any(|part| TEMPLATES.contains(&part));
    (name == b".env" || name.starts_with(b".env.") || name.ends_with(b".env")) && !template
}

/// Lines with their offsets.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    text.split(|&b| b == b'\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

/// Splits `name = value` at the first `sign`; the value without quotes, a comma and spaces, with its offset.
fn pair(line: &[u8], start: usize, sign: u8) -> Option<(&str, &str, usize)> {
    let at = line.iter().position(|&b| b == sign)?;
    let name = std::str::from_utf8(&line[..at]).ok()?;
    let name =
        name.trim().trim_start_matches("export ").trim_matches(|c| c == '"' || c == '\'' || c == ' ' || c == '-');
    let value = std::str::from_utf8(&line[at + 1..]).ok()?;
    let trimmed = value.trim().trim_end_matches(',').trim();
    let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = match quote {
        Some(quote) => trimmed[1..].split(quote).next().unwrap_or_default(),
        None => trimmed,
    };
    let offset = inner.as_ptr() as usize - line.as_ptr() as usize;
    Some((name, inner, start + offset))
}

fn values(text: &[u8], sign: u8, rule: Rule, wanted: fn(&str) -> bool) -> Vec<Secret> {
    let pairs = lines(text).filter(|(_, line)| !is_comment(line)).filter_map(|(start, line)| pair(line, start, sign));
    pairs
        .filter(|(name, value, _)| wanted(name) && is_secret_value(value))
        .map(|(name, value, offset)| Secret::new(rule, text, offset, value.len()).named(name.as_bytes()))
        .collect()
}

fn is_comment(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'#' | b';'))
}

fn env_file(text: &[u8]) -> Vec<Secret> {
    values(text, b'=', Rule::EnvFile, is_secret_name)
}

/// `//registry.npmjs.org/:_authToken=…`; `_auth` and `_password` are base64.
fn npmrc(text: &[u8]) -> Vec<Secret> {
    values(text, b'=', Rule::NpmrcAuth, |name| {
        let last = name.rsplit(':').next().unwrap_or(name);
        matches!(last, "_authToken" | "_auth" | "_password")
    })
}

/// `machine HOST login USER password SECRET`, on one line or on several.
fn netrc(text: &[u8]) -> Vec<Secret> {
    let mut found = Vec::new();
    let (mut machine, mut last): (&[u8], &[u8]) = (b"", b"");
    for (start, line) in lines(text).filter(|(_, line)| !is_comment(line)) {
        for word in line.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty()) {
            match last {
                b"machine" => machine = word,
                b"password" if !is_placeholder(word) => {
                    let offset = start + (word.as_ptr() as usize - line.as_ptr() as usize);
                    found.push(Secret::new(Rule::Netrc, text, offset, word.len()).named(machine));
                }
                _ => {}
            }
            // A password may be the word "password".
            last = if matches!(last, b"machine" | b"password" | b"login" | b"account") { b"" } else { word };
        }
    }
    found
}

pub fn urls(text: &[u8], rule: Rule) -> Vec<Secret> {
    let places = text.windows(3).enumerate().filter(|(_, window)| window == b"://");
    places
        .filter_map(|(at, _)| url_password(text, at))
        .map(|(offset, len)| Secret::new(rule, text, offset, len))
        .collect()
}

/// `host:port:database:user:password`, with `\:` for a colon.
fn pgpass(text: &[u8]) -> Vec<Secret> {
    let mut found = Vec::new();
    for (start, line) in lines(text).filter(|(_, line)| !is_comment(line)) {
        let mut colons = line.iter().enumerate().filter(|(at, b)| **b == b':' && (*at == 0 || line[at - 1] != b'\\'));
        let Some((fourth, _)) = colons.nth(3) else { continue };
        let password = line[fourth + 1..].trim_ascii_end();
        if !is_placeholder(password) {
            let secret = Secret::new(Rule::Pgpass, text, start + fourth + 1, password.len());
            found.push(secret.named(&line[..fourth]));
        }
    }
    found
}

/// `auths: { registry: { auth: base64(user:password) } }`; with a credential helper there is no `auth`.
fn registry_auth(text: &[u8]) -> Vec<Secret> {
    let Ok(document) = serde_json::from_slice::<serde_json::Value>(text) else { return Vec::new() };
    let auths = document.get("auths").unwrap_or(&document);
    let mut found = Vec::new();
    for (registry, entry) in auths.as_object().into_iter().flatten() {
        for key in ["auth", "identitytoken", "password"] {
            let Some(value) = entry.get(key).and_then(|value| value.as_str()) else { continue };
            let usable = match key {
                "auth" => jwt::decode(value.as_bytes()).is_some_and(|decoded| {
                    let colon = decoded.iter().position(|&b| b == b':');
                    colon.is_some_and(|at| !is_placeholder(&decoded[at + 1..]))
                }),
                _ => is_secret_value(value),
            };
            if usable {
                let at = text.windows(value.len().max(1)).position(|window| window == value.as_bytes()).unwrap_or(0);
                found.push(Secret::new(Rule::RegistryAuth, text, at, value.len()).named(registry.as_bytes()));
            }
        }
    }
    found
}

fn kubeconfig(text: &[u8]) -> Vec<Secret> {
    values(text, b':', Rule::Kubeconfig, |name| {
        matches!(name, "client-key-data" | "token" | "password" | "id-token" | "refresh-token")
    })
}

/// `user:hash:…`: `!`, `*` and `x` are no hashes, and an empty field lets everybody in.
fn shadow(text: &[u8]) -> Vec<Secret> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let fields: Vec<&[u8]> = line.split(|&b| b == b':').collect();
        let [user, hash, _, rest @ ..] = fields.as_slice() else { continue };
        if user.is_empty() || rest.len() < 2 {
            continue;
        }
        let offset = start + user.len() + 1;
        let rule = match hash {
            [] => Rule::ShadowEmpty,
            [b'$', _, ..] if hash.len() >= 20 => Rule::ShadowHash,
            // Traditional DES: two letters of salt and eleven of hash.
            hash if hash.len() == 13 && hash.iter().all(|&b| b.is_ascii_alphanumeric() || b"./".contains(&b)) => {
                Rule::ShadowHash
            }
            _ => continue,
        };
        found.push(Secret::new(rule, text, offset, hash.len()).named(user));
    }
    found
}

fn htpasswd(text: &[u8]) -> Vec<Secret> {
    let mut found = Vec::new();
    for (start, line) in lines(text).filter(|(_, line)| !is_comment(line)) {
        let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
        let hash = line[colon + 1..].trim_ascii_end();
        if ["$apr1$", "$2y$", "$2a$", "$2b$", "$5$", "$6$", "{SHA}"]
            .iter()
            .any(|kind| hash.starts_with(kind.as_bytes()))
        {
            let secret = Secret::new(Rule::Htpasswd, text, start + colon + 1, hash.len());
            found.push(secret.named(&line[..colon]));
        }
    }
    found
}
