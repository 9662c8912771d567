//! Tokens of well-known shapes: a prefix that nobody writes by accident, and a body of known letters and length.
//!
//! Sources: the vendors' own descriptions of their tokens (GitHub's "token formats", GitLab's "token prefixes",
//! Slack's "token types", AWS IAM's "unique identifiers", Stripe's "API keys", npm's and PyPI's announcements).

use super::{Rule, placeholder};

/// One shape.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub rule: Rule,
    pub prefix: &'static str,
    body: Letters,
    min: usize,
    max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    /// `A-Z2-7`
    Base32,
    /// `0-9a-f`
    Hex,
    /// `A-Za-z0-9`
    Alnum,
    /// and `_`
    Word,
    /// and `_-`
    Url,
    /// and `_-.`
    Dotted,
    /// `A-Z0-9`
    Upper,
    /// `A-Za-z0-9+/=`
    Base64,
}

const fn shape(rule: Rule, prefix: &'static str, body: Letters, min: usize, max: usize) -> Shape {
    Shape { rule, prefix, body, min, max }
}

/// Longer prefixes go before those they begin with.
pub const SHAPES: &[Shape] = &[
    shape(Rule::AwsAccessKeyId, "AKIA", Letters::Base32, 16, 16),
    shape(Rule::AwsAccessKeyId, "ASIA", Letters::Base32, 16, 16),
    shape(Rule::GitHubToken, "ghp_", Letters::Alnum, 36, 36),
    shape(Rule::GitHubToken, "gho_", Letters::Alnum, 36, 36),
    shape(Rule::GitHubToken, "ghu_", Letters::Alnum, 36, 36),
    shape(Rule::GitHubToken, "ghs_", Letters::Alnum, 36, 36),
    shape(Rule::GitHubToken, "ghr_", Letters::Alnum, 36, 76),
    shape(Rule::GitHubToken, "github_pat_", Letters::Word, 82, 82),
    shape(Rule::GitLabToken, "glpat-", Letters::Dotted, 20, 64),
    shape(Rule::GitLabToken, "gldt-", Letters::Url, 20, 64),
    shape(Rule::GitLabToken, "glrt-", Letters::Url, 20, 64),
    shape(Rule::GitLabToken, "glptt-", Letters::Hex, 40, 40),
    shape(Rule::SlackToken, "xoxb-", Letters::Url, 40, 120),
    shape(Rule::SlackToken, "xoxp-", Letters::Url, 40, 120),
    shape(Rule::SlackToken, "xoxa-", Letters::Url, 40, 120),
    shape(Rule::SlackToken, "xoxr-", Letters::Url, 40, 120),
    shape(Rule::SlackToken, "xoxs-", Letters::Url, 40, 120),
    shape(Rule::SlackToken, "xapp-1-", Letters::Url, 60, 160),
    shape(Rule::NpmToken, "npm_", Letters::Alnum, 36, 36),
    shape(Rule::PypiToken, "pypi-AgEIcHlwaS5vcmc", Letters::Url, 50, 1_000),
    shape(Rule::DockerHubToken, "dckr_pat_", Letters::Url, 27, 27),
    shape(Rule::GoogleApiKey, "AIza", Letters::Url, 35, 35),
    shape(Rule::StripeKey, "sk_live_", Letters::Alnum, 24, 200),
    shape(Rule::StripeKey, "rk_live_", Letters::Alnum, 24, 200),
    shape(Rule::SendGridKey, "SG.", Letters::Dotted, 66, 66),
    shape(Rule::DigitalOceanToken, "dop_v1_", Letters::Hex, 64, 64),
    shape(Rule::HuggingFaceToken, "hf_", Letters::Alnum, 34, 34),
    shape(Rule::AnthropicKey, "sk-ant-api03-", Letters::Url, 80, 120),
    shape(Rule::OpenAiKey, "sk-proj-", Letters::Url, 40, 200),
    shape(Rule::VaultToken, "hvs.", Letters::Url, 90, 200),
    shape(Rule::ShopifyToken, "shpat_", Letters::Hex, 32, 32),
    shape(Rule::DatabricksToken, "dapi", Letters::Hex, 32, 32),
    shape(Rule::AgeKey, "AGE-SECRET-KEY-1", Letters::Upper, 58, 58),
    shape(Rule::AzureStorageKey, "AccountKey=", Letters::Base64, 88, 88),
];

impl Shape {
    /// The length of the token that begins at `start`, where the prefix is known to be; `None` for one of another
    /// length, in the middle of a word, or that is no secret by its look.
    pub fn len_at(&self, text: &[u8], start: usize) -> Option<usize> {
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        if before.is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        let body = text.get(start + self.prefix.len()..)?;
        // One letter more than allowed shows that the word goes on.
        let len = body.iter().take(self.max + 1).take_while(|&&b| self.body.contains(b)).count();
        // Whatever ends a sentence is no part of a token.
        let len = len - body[..len].iter().rev().take_while(|b| matches!(b, b'.' | b'-')).count();
        if !(self.min..=self.max).contains(&len) || body.get(len).is_some_and(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let body = &body[..len];
        (!placeholder::is_placeholder(body) && !placeholder::is_monotonous(body) && self.is_sound(body))
            .then_some(self.prefix.len() + len)
    }

    /// What a body must have beside its letters.
    fn is_sound(&self, body: &[u8]) -> bool {
        let digits = body.iter().filter(|b| b.is_ascii_digit()).count();
        match self.rule {
            // `SG.` and 22 letters, a dot, 43 letters.
            Rule::SendGridKey => body.get(22) == Some(&b'.') && body.iter().filter(|&&b| b == b'.').count() == 1,
            // `xoxb-` and numbers with dashes between them.
            Rule::SlackToken => body.first().is_some_and(u8::is_ascii_alphanumeric) && digits >= 8,
            Rule::AzureStorageKey => body.ends_with(b"=="),
            // Random letters hold a digit; identifiers of programs seldom do.
            Rule::NpmToken | Rule::HuggingFaceToken | Rule::GitHubToken | Rule::StripeKey | Rule::GoogleApiKey => {
                digits > 0
            }
            _ => true,
        }
    }
}

/// The length of the prefix a token of `rule` has.
pub fn prefix_len(rule: Rule, value: &[u8]) -> usize {
    let prefixes = SHAPES.iter().filter(|shape| shape.rule == rule).map(|shape| shape.prefix);
    prefixes.filter(|prefix| value.starts_with(prefix.as_bytes())).map(str::len).max().unwrap_or(0)
}

impl Letters {
    fn contains(self, b: u8) -> bool {
        match self {
            Self::Base32 => b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b),
            Self::Hex => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
            Self::Alnum => b.is_ascii_alphanumeric(),
            Self::Word => b.is_ascii_alphanumeric() || b == b'_',
            Self::Url => b.is_ascii_alphanumeric() || b == b'_' || b == b'-',
            Self::Dotted => b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.',
            Self::Upper => b.is_ascii_uppercase() || b.is_ascii_digit(),
            Self::Base64 => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='),
        }
    }
}
