//! What can be asked of a state: the vocabulary of questions and goals.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Command;
use crate::store::Policy;

/// A question that the engine answers. In a document: `{"errno": {"command": "web# mv /a /b"}}`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Query {
    /// The errno of the last system call of a command that was refused, by its name (`EXDEV`), or `success` if the
    /// command succeeded. Answers a [`Answer::Text`].
    Errno {
        command: Command,
    },
    /// The same of one kind of system call that a command makes, however the command ends: `mv` goes on where `rename` is
    /// refused. Kinds are named in small letters: `rename`, `unlink`, `mkdir`.
    Call {
        command: Command,
        call: String,
    },
    /// What a command prints, lines joined by line feeds.
    Output {
        command: Command,
    },
    /// The bytes that a command copies up from lower layers.
    CopiedUp {
        command: Command,
    },
    /// The steps that a `docker build` takes from its cache.
    CacheHits {
        command: Command,
    },
    /// The layer from which a process in the container reads this path; nothing if it finds none.
    Layer {
        container: String,
        path: String,
    },
    /// Whether there is something (a whiteout is none).
    Exists {
        container: String,
        path: String,
        #[serde(rename = "in", default)]
        place: Where,
    },
    /// What a layer has under a path: `file`, `directory`, `opaque-directory`, `symlink`, `whiteout`, `node`; or nothing.
    Found {
        container: String,
        path: String,
        #[serde(rename = "in", default)]
        place: Where,
    },
    /// The text of a file in the merged view; nothing if there is none.
    Content {
        container: String,
        path: String,
    },
    /// Bytes of the files in the writable layer: the first figure of `docker ps -s`.
    UpperBytes {
        container: String,
    },
    /// Names in the writable layer, whiteouts included.
    UpperEntries {
        container: String,
    },
    /// Whiteouts in the writable layer.
    Whiteouts {
        container: String,
    },
    /// Whether the container is there and runs.
    Running {
        container: String,
    },
    /// All containers, stopped ones too.
    Containers,
    /// Whether an image is here.
    HasImage {
        image: String,
    },
    ImageId {
        image: String,
    },
    /// Bytes of all its layers, the second figure of `docker ps -s` less the first.
    ImageSize {
        image: String,
    },
    ImageLayers {
        image: String,
    },
    LayerSize {
        image: String,
        layer: u32,
    },
    DiffId {
        image: String,
        layer: u32,
    },
    ChainId {
        image: String,
        layer: u32,
    },
    /// The digest of a layer as the registry has it, compressed; nothing for a layer that was made here.
    BlobDigest {
        image: String,
        layer: u32,
    },
    /// The read-only directories of a container's mount, the init layer included.
    Lowerdirs {
        container: String,
    },
    /// The layer with the most bytes.
    BiggestLayer {
        image: String,
    },
    /// Bytes of files that a higher layer of the image hides: stored, and seen by nobody.
    HiddenBytes {
        image: String,
    },
    /// Whiteouts in all layers of the image.
    ImageWhiteouts {
        image: String,
    },
    /// Images here, counted once however many names they have.
    Images,
    /// Layers here, each counted once however many images share it.
    StoreLayers,
    /// Bytes of those layers and of all writable layers.
    StoreBytes,
    /// Layers that a pull of the image would fetch now.
    Fetched {
        image: String,
        /// By another policy than the scenario's.
        #[serde(default)]
        store: Option<Policy>,
    },
    FetchedBytes {
        image: String,
        #[serde(default)]
        store: Option<Policy>,
    },
    /// Whether a pull would fetch this layer.
    IsFetched {
        image: String,
        layer: u32,
        #[serde(default)]
        store: Option<Policy>,
    },
    /// Whether two answers are equal.
    Same(Box<(Query, Query)>),
    /// By how much an answer grew from before the question's own commands to after them.
    Growth(Box<Query>),
}

/// A layer of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    #[default]
    Merged,
    Upper,
    /// Counted from 0, the base.
    Layer(u32),
}

/// What the engine says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    YesNo(bool),
    Count(u64),
    Bytes(u64),
    /// A read-only layer, counted from 0, the base.
    Layer(u32),
    /// The writable layer.
    Upper,
    Nothing,
    Text(String),
}

/// An answer as a document has it: `true`, `3`, `"20MB"`, `"EXDEV"`, `"nothing"`, `"upper"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    YesNo(bool),
    Number(u64),
    Text(String),
}

/// Why there is no answer: the state does not have what is asked about. A learner may have removed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    NoContainer(String),
    NoImage(String),
    NoLayer {
        of: String,
        layer: u32,
    },
    /// The registry does not have it.
    NotInRegistry(String),
    NoBuild {
        command: String,
    },
    /// The command makes no such system call.
    NoCall {
        command: String,
        call: String,
    },
    /// Answers that are no numbers do not grow.
    NoNumber,
    /// The command cannot be run.
    NotRun {
        command: String,
    },
}

impl Literal {
    pub fn means(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::YesNo(literal), Answer::YesNo(answer)) => literal == answer,
            (Self::Number(literal), Answer::Count(answer) | Answer::Bytes(answer)) => literal == answer,
            (Self::Number(literal), Answer::Layer(answer)) => *literal == u64::from(*answer),
            (Self::Text(literal), Answer::Bytes(answer)) => super::entry::parse_size(literal) == Some(*answer),
            (Self::Text(literal), Answer::Text(answer)) => literal == answer,
            (Self::Text(literal), Answer::Nothing) => literal == "nothing",
            (Self::Text(literal), Answer::Upper) => literal == "upper",
            _ => false,
        }
    }
}

impl From<&Answer> for Literal {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::YesNo(answer) => Self::YesNo(*answer),
            Answer::Count(answer) | Answer::Bytes(answer) => Self::Number(*answer),
            Answer::Layer(answer) => Self::Number(u64::from(*answer)),
            Answer::Text(answer) => Self::Text(answer.clone()),
            Answer::Nothing => Self::Text("nothing".into()),
            Answer::Upper => Self::Text("upper".into()),
        }
    }
}

impl Answer {
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Count(number) | Self::Bytes(number) => Some(*number),
            _ => None,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContainer(name) => write!(f, "there is no container {name}"),
            Self::NoImage(name) => write!(f, "there is no image {name}"),
            Self::NoLayer { of, layer } => write!(f, "{of} has no layer {layer}"),
            Self::NotInRegistry(name) => write!(f, "the registry has no image {name}"),
            Self::NoBuild { command } => write!(f, "{command} builds nothing"),
            Self::NoCall { command, call } => write!(f, "{command} makes no call of {call}"),
            Self::NoNumber => f.write_str("what is asked about is not a number"),
            Self::NotRun { command } => write!(f, "{command} cannot be run"),
        }
    }
}

impl std::error::Error for QueryError {}
