//! Lists as Go prints them, which is how builders wrote them into histories.

/// A JSON array of the words, which is the exec form of every instruction.
pub fn json_list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<String> = words.iter().map(|word| serde_json::Value::from(word.as_ref()).to_string()).collect();
    format!("[{}]", words.join(", "))
}

/// `["nginx" "-g" "daemon off;"]`, with or without commas: Go's `%q` of a list, and JSON.
pub fn quoted_list(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('[')?.strip_suffix(']')?.trim_start();
    let mut words = Vec::new();
    while !rest.is_empty() {
        let end = closing_quote(rest)?;
        words.push(serde_json::from_str(&rest[..=end]).ok()?);
        rest = rest[end + 1..].trim_start().trim_start_matches(',').trim_start();
    }
    Some(words)
}

/// `map[80/tcp:{} 443/tcp:{}]` or `[80/tcp 443/tcp]`: Go's `%v` of a set or a list of words without spaces.
pub fn plain_list(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let inside = text.strip_prefix("map").unwrap_or(text).strip_prefix('[')?.strip_suffix(']')?;
    Some(inside.split_whitespace().map(|word| word.strip_suffix(":{}").unwrap_or(word)).collect())
}

/// Byte offset of the quote that ends the one `text` begins with.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    if !text.starts_with('"') {
        return None;
    }
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_all_their_spellings() {
        let words = ["nginx", "-g", "daemon \"off\";"].map(str::to_owned);
        for text in [r#"["nginx" "-g" "daemon \"off\";"]"#, r#"["nginx","-g", "daemon \"off\";"]"#] {
            assert_eq!(quoted_list(text).unwrap(), words);
        }
        assert_eq!(json_list(&words), r#"["nginx", "-g", "daemon \"off\";"]"#);
        assert_eq!(plain_list("map[443/tcp:{} 80/tcp:{}]").unwrap(), ["443/tcp", "80/tcp"]);
        assert_eq!(plain_list("[/data /var/log]").unwrap(), ["/data", "/var/log"]);
        for text in ["[", "[\"a]", "\"a\"", "[a]"] {
            assert_eq!(quoted_list(text), None, "{text}");
        }
    }
}
