//! What only looks like a secret.

/// Whether a value stands for one that is to be filled in, or is taken from elsewhere when it is used.
pub fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&str; 15] = [
        "example",
        "changeme",
        "change-me",
        "change_me",
        "your_",
        "your-",
        "yourpassword",
        "placeholder",
        "xxxx",
        "dummy",
        "****",
        "insert_",
        "redacted",
        "replace_me",
        "${",
    ];
    let value = value.trim_ascii();
    let lower = value.to_ascii_lowercase();
    let holds = |word: &str| lower.windows(word.len()).any(|window| window == word.as_bytes());
    value.is_empty()
        || value.starts_with(b"$")
        || value.starts_with(b"%")
        || value.starts_with(b"{{")
        || (value.starts_with(b"<") && value.ends_with(b">"))
        || WORDS.into_iter().any(holds)
        || matches!(
            lower.as_slice(),
            b"true" | b"false" | b"yes" | b"no" | b"none" | b"null" | b"nil" | b"..." | b"todo"
        )
}

/// Few different letters, or letters in a row: nobody's random token.
pub fn is_monotonous(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|&b| seen[usize::from(b)] = true);
    let distinct = seen.iter().filter(|&&seen| seen).count();
    let steps = body.windows(2).filter(|pair| pair[1].wrapping_sub(pair[0]) <= 1).count();
    distinct < body.len().min(16) / 2 || steps * 4 > body.len() * 3
}

/// Whether a path lies among tests, examples or documentation.
pub fn among_examples(path: &[u8]) -> bool {
    const FOLDERS: [&[u8]; 18] = [
        b"test",
        b"tests",
        b"testdata",
        b"test-data",
        b"testing",
        b"__tests__",
        b"spec",
        b"fixtures",
        b"doc",
        b"docs",
        b"example",
        b"examples",
        b"sample",
        b"samples",
        b"man",
        b"demo",
        b"mock",
        b"mocks",
    ];
    let mut parts: Vec<&[u8]> = path.split(|&b| b == b'/').collect();
    parts.pop();
    parts.iter().any(|part| FOLDERS.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_secrets() {
        for value in [
            "",
            " ",
            "$TOKEN",
            "${TOKEN}",
            "{{ token }}",
            "<token>",
            "changeme",
            "AKIAIOSFODNN7EXAMPLE",
            "xxxxxxxx",
            "true",
            "None",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["hunter2", "password", "1234", "p<q>", "a$b"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
        assert!(is_monotonous(b"aaaaaaaaaaaaaaaaaaaa") && is_monotonous(b"abcdefghijklmnopqrstuvwxyz0123456789"));
        assert!(!is_monotonous(b"9sK2mQ8vL4xT7bN1cR5wZ3yH6jF0pD"));
        assert!(
            among_examples(b"usr/share/doc/x/key.pem")
                && !among_examples(b"opt/test/key.pem".strip_suffix(b"/key.pem").unwrap())
        );
    }
}
