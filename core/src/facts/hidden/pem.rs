//! Private keys in PEM: a header alone is no key, so the body is looked at.
//!
//! Sources: RFC 7468; OpenSSH's PROTOCOL.key; RFC 9580 ("Forming ASCII Armor").

use super::Rule;

pub const BEGIN: &str = "-----BEGIN ";
/// Base64 letters that the smallest key has: an Ed25519 key in PKCS#8 has 64.
const LEAST_LETTERS: usize = 60;
const LARGEST: usize = 16 << 10;

/// The rule and length of the private key whose `-----BEGIN ` is at `start`.
pub fn key_at(text: &[u8], start: usize) -> Option<(Rule, usize)> {
    let rest = text.get(start..)?;
    let rest = &rest[..rest.len().min(LARGEST)];
    let after = &rest[BEGIN.len()..];
    let end = after.windows(5).take(60).position(|window| window == b"-----")?;
    let label = std::str::from_utf8(&after[..end]).ok()?;
    let rule = match label {
        "OPENSSH PRIVATE KEY" => Rule::OpenSshKey,
        "PGP PRIVATE KEY BLOCK" => Rule::PgpPrivateKey,
        "ENCRYPTED PRIVATE KEY" => Rule::EncryptedPrivateKey,
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "SSH2 ENCRYPTED PRIVATE KEY" => {
            Rule::PrivateKey
        }
        _ => return None,
    };
    let body_start = BEGIN.len() + end + 5;
    let body = &rest[body_start..];
    let marker = b"-----END ";
    let body_len = body.windows(marker.len()).position(|window| window == marker).unwrap_or(body.len());
    let body = &body[..body_len];
    if base64_letters(body) < LEAST_LETTERS {
        return None;
    }
    let encrypted = holds(body, b"ENCRYPTED") || (rule == Rule::OpenSshKey && !is_open_openssh(body));
    let rule = if encrypted { Rule::EncryptedPrivateKey } else { rule };
    let tail = rest[body_start + body_len..].windows(5).skip(marker.len()).position(|window| window == b"-----");
    let len = tail.map_or(body_start + body_len, |tail| body_start + body_len + marker.len() + tail + 5);
    Some((rule, len.min(rest.len())))
}

/// Letters of the lines that are base64 and nothing else; in JSON and in environment files a line ends in `\n`, two
/// letters.
fn base64_letters(body: &[u8]) -> usize {
    let text = String::from_utf8_lossy(body).replace("\\r", "").replace("\\n", "\n");
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let lines = text.lines().map(|line| line.trim().trim_matches(|c| c == '"' || c == '\'' || c == '+' || c == ','));
    // A line may be quoted and joined in a program's source: that is a key all the same.
    lines.filter(|line| line.len() >= 16 && line.trim().chars().all(is_letter)).map(str::len).sum()
}

/// The header of OpenSSH's own format names a cipher: `none` means that no passphrase protects it.
fn is_open_openssh(body: &[u8]) -> bool {
    let letters: Vec<u8> =
        body.iter().copied().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    // `openssh-key-v1\0`, the length 4, `none`.
    letters.starts_with(b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU") || letters.starts_with(b"nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU")
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
