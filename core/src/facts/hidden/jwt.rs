//! JSON Web Tokens: three parts, of which the first must really be a header.
//!
//! Source: RFC 7515 (compact serialization), RFC 7519.

/// `{"` in base64, with which every header begins.
pub const BEGIN: &str = "eyJ";
const LONGEST_PART: usize = 8 << 10;

/// The length of the token at `start`.
pub fn len_at(text: &[u8], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    if before.is_some_and(|&b| is_letter(b) || b == b'.') {
        return None;
    }
    let rest = text.get(start..)?;
    let part = |from: usize| {
        let rest = rest.get(from..)?;
        Some(rest.iter().take(LONGEST_PART).take_while(|&&b| is_letter(b)).count())
    };
    let header = part(0)?;
    let dot = |at: usize| rest.get(at) == Some(&b'.');
    if !(10..1_000).contains(&header) || !dot(header) {
        return None;
    }
    let claims = part(header + 1)?;
    if claims < 8 || !rest[header + 1..].starts_with(BEGIN.as_bytes()) || !dot(header + 1 + claims) {
        return None;
    }
    let signature = part(header + claims + 2)?;
    let decoded = decode(&rest[..header])?;
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&decoded).ok()?;
    let signed = object.get("alg")?.as_str().is_some_and(|alg| alg != "none");
    (signed && signature >= 40).then_some(header + claims + signature + 2)
}

fn is_letter(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// Base64 of either alphabet, with or without padding.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for &b in text.iter().filter(|&&b| b != b'=') {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_both_alphabets() {
        assert_eq!(decode(b"YWI6Yz8_Pg==").unwrap(), b"ab:c??>");
        assert_eq!(decode(b"a b"), None);
    }
}
