//! The one pass over a text: what every rule looks for first is found by one automaton.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Rule, Secret, files, jwt, pem, placeholder, token};

/// Bytes from the start that decide whether a file is text.
const SNIFF: usize = 1_024;

const AWS_SECRET_NAMES: [&str; 3] = ["aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey"];
const SLACK_WEBHOOK: &str = "https://hooks.slack.com/services/T";
const PUTTY: &str = "PuTTY-User-Key-File-";

/// Whether the file is looked through: text has no NUL. (A key inside a program's bytes is as a rule a test vector.)
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && !bytes[..bytes.len().min(SNIFF)].contains(&0)
}

/// All secrets of a file, in the order of the text.
pub fn find(path: &[u8], bytes: &[u8]) -> Vec<Secret> {
    let mut found = anywhere(bytes);
    // A rule that knows the file's format names what the secret is for; the same value twice is one secret.
    for secret in files::find(path, bytes) {
        found.retain(|other| {
            !(other.offset >= secret.offset && other.offset < secret.offset + secret.value.len() as u64)
        });
        found.push(secret);
    }
    found.sort_by_key(|secret| secret.offset);
    found
}

/// The secrets that are known by themselves, in whatever text.
pub fn anywhere(bytes: &[u8]) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    let mut behind = 0;
    for anchor in ANCHORS.automaton.find_iter(bytes) {
        let start = anchor.start();
        if start < behind {
            continue;
        }
        let Some((rule, start, len)) =
            ANCHORS.kinds.get(anchor.pattern().as_usize()).and_then(|kind| kind.at(bytes, start))
        else {
            continue;
        };
        behind = start + len;
        found.push(Secret::new(rule, bytes, start, len));
    }
    found
}

struct Anchors {
    automaton: AhoCorasick,
    /// By the number of the pattern.
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy)]
enum Kind {
    Token(&'static token::Shape),
    Pem,
    Jwt,
    AwsSecret(usize),
    SlackWebhook,
    Putty,
}

static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| {
    let mut patterns: Vec<&str> = Vec::new();
    let mut kinds = Vec::new();
    let mut add = |pattern, kind| {
        patterns.push(pattern);
        kinds.push(kind);
    };
    add(pem::BEGIN, Kind::Pem);
    add(jwt::BEGIN, Kind::Jwt);
    add(SLACK_WEBHOOK, Kind::SlackWebhook);
    add(PUTTY, Kind::Putty);
    AWS_SECRET_NAMES.iter().for_each(|name| add(name, Kind::AwsSecret(name.len())));
    token::SHAPES.iter().for_each(|shape| add(shape.prefix, Kind::Token(shape)));
    let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&patterns);
    Anchors { automaton: automaton.expect("some short patterns are within every bound"), kinds }
});

impl Kind {
    /// The rule, and where the secret is that the anchor at `start` announces.
    fn at(self, text: &[u8], start: usize) -> Option<(Rule, usize, usize)> {
        match self {
            Self::Token(shape) => Some((shape.rule, start, shape.len_at(text, start)?)),
            Self::Pem => pem::key_at(text, start).map(|(rule, len)| (rule, start, len)),
            Self::Jwt => Some((Rule::Jwt, start, jwt::len_at(text, start)?)),
            Self::AwsSecret(name) => {
                let (at, len) = aws_secret(text, start + name)?;
                Some((Rule::AwsSecretKey, at, len))
            }
            Self::SlackWebhook => {
                // T…/B…/ and 24 letters.
                let rest = text.get(start..)?;
                let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"/:.".contains(b)).count();
                let parts: Vec<&[u8]> = rest[..len].split(|&b| b == b'/').skip(4).collect();
                match parts.as_slice() {
                    [t, b, secret] if t.len() > 8 && b.starts_with(b"B") && b.len() > 8 && secret.len() == 24 => {
                        (!placeholder::is_monotonous(secret) && !placeholder::is_placeholder(secret)).then_some((
                            Rule::SlackWebhook,
                            start,
                            len,
                        ))
                    }
                    _ => None,
                }
            }
            Self::Putty => {
                let rest = &text[start..text.len().min(start + 8_192)];
                let holds = |word: &[u8]| rest.windows(word.len()).any(|window| window == word);
                if !holds(b"Private-Lines: ") {
                    return None;
                }
                let rule = if holds(b"Encryption: none") { Rule::PuttyKey } else { Rule::EncryptedPrivateKey };
                Some((rule, start, rest.len()))
            }
        }
    }
}

/// 40 letters of base64 behind the name, whatever the language: `=`, `:`, quotes and spaces in between.
fn aws_secret(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let gap = rest.iter().take(8).take_while(|b| b" \t=:\"'>".contains(b)).count();
    if gap == 0 {
        return None;
    }
    let value = &rest[gap..];
    let len = value.iter().take(41).take_while(|b| b.is_ascii_alphanumeric() || b"+/".contains(b)).count();
    let value = &value[..len];
    (len == 40 && !placeholder::is_placeholder(value) && !placeholder::is_monotonous(value))
        .then_some((from + gap, len))
}
