//! Just enough colour to read a config file by: comments, keys, strings, numbers, headings.
//!
//! Line by line and without a grammar: a highlighter that knows a language would be larger than all the rest of this
//! module, and what is shown here are `passwd`, `.ini`, JSON, YAML, TOML, shell and Dockerfiles.

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Plain,
    Comment,
    Key,
    Text,
    Number,
    Heading,
}

impl Token {
    pub fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Comment => Some("hl-comment"),
            Self::Key => Some("hl-key"),
            Self::Text => Some("hl-text"),
            Self::Number => Some("hl-number"),
            Self::Heading => Some("hl-heading"),
        }
    }
}

/// Whether a file of this name is one whose colours are known.
pub fn is_known(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let known = [
        "passwd",
        "group",
        "shadow",
        "fstab",
        "hosts",
        "dockerfile",
        "containerfile",
        "makefile",
        "sources.list",
        "os-release",
        "profile",
        "nsswitch.conf",
    ];
    let endings = [
        ".conf",
        ".cfg",
        ".ini",
        ".cnf",
        ".json",
        ".yaml",
        ".yml",
        ".toml",
        ".env",
        ".properties",
        ".sh",
        ".bash",
        ".service",
        ".list",
        ".sources",
        ".repo",
        ".desktop",
        ".py",
        ".rb",
        ".pl",
        ".js",
        ".lua",
        ".xml",
        ".html",
        ".css",
        ".rc",
        "rc",
    ];
    known.contains(&base.as_str()) || endings.iter().any(|ending| base.ends_with(ending)) || name.starts_with("etc/")
}

/// The stretches of one line, which together are the line.
pub fn line(text: &str) -> Vec<(Token, &str)> {
    let start = text.trim_start();
    if start.starts_with(['#', ';']) || start.starts_with("//") || start.starts_with("<!--") {
        return vec![(Token::Comment, text)];
    }
    if start.starts_with('[') && start.trim_end().ends_with(']') && !start.contains([',', '"']) {
        return vec![(Token::Heading, text)];
    }
    let mut stretches = Vec::new();
    let mut rest = text;
    if let Some(end) = key_end(text) {
        let (key, after) = text.split_at(end);
        stretches.push((Token::Key, key));
        rest = after;
    }
    while let Some(first) = rest.chars().next() {
        let (token, len) = match first {
            '"' | '\'' => quoted(rest, first),
            '#' if stretches
                .last()
                .is_some_and(|(_, before): &(Token, &str)| before.ends_with(char::is_whitespace)) =>
            {
                (Token::Comment, rest.len())
            }
            digit if digit.is_ascii_digit() => {
                let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(rest.len());
                (Token::Number, len)
            }
            c if c.is_alphanumeric() || c == '_' => (
                Token::Plain,
                rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len()),
            ),
            c => (Token::Plain, c.len_utf8()),
        };
        let (stretch, after) = rest.split_at(len);
        match stretches.last_mut() {
            // Neighbours of one kind are one stretch.
            Some((last, whole)) if *last == token && token == Token::Plain => {
                let joined = whole.len() + len;
                let from = text.len() - rest.len() - whole.len();
                *whole = &text[from..from + joined];
            }
            _ => stretches.push((token, stretch)),
        }
        rest = after;
    }
    stretches
}

/// Where the key of a line ends: what stands before the first `=` or `:`, or a quoted word before a colon.
fn key_end(text: &str) -> Option<usize> {
    let start = text.len() - text.trim_start_matches([' ', '\t', '-']).len();
    let body = &text[start..];
    if body.starts_with('"') {
        let (_, len) = quoted(body, '"');
        return body[len..].trim_start().starts_with(':').then_some(start + len);
    }
    let end = body.find(['=', ':', ' ', '\t'])?;
    let word = &body[..end];
    let after = body[end..].trim_start();
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let upper = word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase());
    (is_word && (after.starts_with(['=', ':']) || upper)).then_some(start + end)
}

/// The length of a quoted text, its quotes included; to the end of the line where it does not end.
fn quoted(text: &str, quote: char) -> (Token, usize) {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return (Token::Text, at + c.len_utf8()),
            _ => {}
        }
    }
    (Token::Text, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let stretches = line(text);
        assert_eq!(stretches.iter().map(|(_, part)| *part).collect::<String>(), text);
        let part = |&(token, part): &(Token, &str)| match token {
            Token::Plain => part.to_owned(),
            token => format!("<{token:?} {part}>"),
        };
        stretches.iter().map(part).collect()
    }

    #[test]
    fn lines_of_usual_files_are_told_apart() {
        for (text, expected) in [
            ("# all of it", "<Comment # all of it>"),
            ("[section]", "<Heading [section]>"),
            ("Port = 22", "<Key Port> = <Number 22>"),
            (r#"  "name": "a \" b","#, r#"<Key   "name">: <Text "a \" b">,"#),
            ("root:x:0:0", "<Key root>:x:<Number 0>:<Number 0>"),
            ("FROM debian:12 # base", "<Key FROM> debian:<Number 12> <Comment # base>"),
            ("  - key: value", "<Key   - key>: value"),
            ("plain words", "plain words"),
            ("don't end", "don<Text 't end>"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn config_files_are_known_by_their_names() {
        for name in ["etc/ssh/sshd_config", "app/package.json", "Dockerfile", "root/.bashrc"] {
            assert!(is_known(name), "{name}");
        }
        assert!(!is_known("usr/share/doc/README"));
    }
}
