//! A sandbox as a link: where it began, and every command since.
//!
//! The state itself is never in it. Whoever opens the link replays the commands, so that a link can do no more than a
//! learner could.

use std::{
    fmt,
    io::{Read, Write},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};

use super::{Command, LessonError, Scenario};

/// Characters of a shared state: what browsers and messengers still take as a part of an address.
pub const SHARED_CHARS: usize = 32 << 10;
/// Bytes it may unpack to.
const UNPACKED_BYTES: usize = 512 << 10;
/// Commands that are replayed.
const COMMANDS: usize = 500;
/// The version of the form.
const VERSION: &str = "1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxState {
    #[serde(rename = "s")]
    pub source: SandboxSource,
    #[serde(rename = "c")]
    pub commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SandboxSource {
    /// The scenario of the lesson with this id.
    #[serde(rename = "l")]
    Lesson(String),
    #[serde(rename = "s")]
    Inline(Box<Scenario>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareError {
    TooLong {
        limit: usize,
    },
    /// Not of this app, or of a later version of it.
    Version,
    /// Characters that do not belong there, or a cut text.
    Damaged,
    Content(LessonError),
}

/// Letters, digits, `-` and `_` only. Fails if the state is too large for an address.
pub fn encode(state: &SandboxState) -> Result<String, ShareError> {
    let json = serde_json::to_vec(state).map_err(|_| ShareError::Damaged)?;
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = deflate.write_all(&json).and_then(|()| deflate.finish()).map_err(|_| ShareError::Damaged)?;
    let text = format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(packed));
    if text.len() > SHARED_CHARS || json.len() > UNPACKED_BYTES {
        return Err(ShareError::TooLong { limit: SHARED_CHARS });
    }
    Ok(text)
}

pub fn decode(text: &str) -> Result<SandboxState, ShareError> {
    if text.len() > SHARED_CHARS {
        return Err(ShareError::TooLong { limit: SHARED_CHARS });
    }
    let packed = text.strip_prefix(VERSION).ok_or(ShareError::Version)?;
    let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| ShareError::Damaged)?;
    let mut json = Vec::new();
    let mut inflate = DeflateDecoder::new(&packed[..]).take(UNPACKED_BYTES as u64 + 1);
    inflate.read_to_end(&mut json).map_err(|_| ShareError::Damaged)?;
    if json.len() > UNPACKED_BYTES {
        return Err(ShareError::TooLong { limit: SHARED_CHARS });
    }
    let state: SandboxState = super::parse_json(&json).map_err(ShareError::Content)?;
    if state.commands.len() > COMMANDS {
        return Err(ShareError::TooLong { limit: COMMANDS });
    }
    if let SandboxSource::Inline(scenario) = &state.source {
        scenario.check().map_err(ShareError::Content)?;
    }
    Ok(state)
}

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "The state is too large to be shared: the bound is {limit}."),
            Self::Version => f.write_str("This is no shared state, or one of a later version."),
            Self::Damaged => f.write_str("The shared state is damaged: perhaps the link was cut."),
            Self::Content(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ShareError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_from_its_link() {
        let commands = vec![Command::host("docker run -d --name web app"), Command::inside("web", "rm /etc/motd")];
        for source in [SandboxSource::Lesson("copy-on-write".into()), SandboxSource::Inline(Box::default())] {
            let state = SandboxState { source, commands: commands.clone() };
            let text = encode(&state).unwrap();
            assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{text}");
            assert_eq!(decode(&text).unwrap(), state);
        }
    }

    #[test]
    fn damage_and_bombs_are_refused() {
        assert_eq!(decode("2abc"), Err(ShareError::Version));
        assert_eq!(decode("1?"), Err(ShareError::Damaged));
        assert!(matches!(decode(&"1".repeat(SHARED_CHARS + 1)), Err(ShareError::TooLong { .. })));
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
        deflate.write_all(&vec![b' '; 20 << 20]).unwrap();
        let bomb = format!("1{}", URL_SAFE_NO_PAD.encode(deflate.finish().unwrap()));
        assert!(matches!(decode(&bomb), Err(ShareError::TooLong { .. })));
        let state = SandboxState { source: SandboxSource::Lesson("a".into()), commands: Vec::new() };
        let cut = encode(&state).unwrap();
        assert!(decode(&cut[..cut.len() - 8]).is_err());
    }
}
