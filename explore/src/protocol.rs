//! What a page asks the explorer of an archive, and what it answers.
//!
//! Both travel as [`Message`](layerlab_web::protocol::Message)s through a `MessagePort`. The page asks for the window
//! of rows that it shows; trees never cross whole.

use layerlab_core::{
    archive::Location,
    facts::{
        image::{Hidden, ImageFacts},
        proof::Proof,
    },
};
use serde::{Deserialize, Serialize};

/// From a client. Numbers are the client's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromClient {
    Ask {
        number: u32,
        question: Question,
    },
    /// The answer is wanted no more. A long answer hears this between two of its steps.
    Cancel {
        number: u32,
    },
}

/// To a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    pub number: u32,
    pub answer: Answer,
    /// Nothing more comes for this number.
    pub last: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// Answered by [`Answer::Ready`] as soon as the archive has been handed over, as every question is.
    Ready,
    /// Answered by [`Answer::Scanning`] while layers are looked through, and [`Answer::Facts`].
    Facts { image: usize },
    /// Answered by [`Answer::Scanning`] while layers are looked through, and [`Answer::Hidden`].
    Hidden { image: usize },
    /// The file of a layer whose data is at `data_offset` of the layer's tar, read again. Answered by
    /// [`Answer::Proof`].
    Prove { image: usize, layer: usize, path: Vec<u8>, data_offset: u64, line: u32 },
    /// A document's bytes, answered by [`Answer::Document`].
    Document { location: Location },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Ready,
    /// Stored bytes of the layers that are looked through.
    Scanning {
        done: u64,
        total: u64,
    },
    Facts(Box<ImageFacts>),
    Hidden(Box<Hidden>),
    /// `None` where the file is not found again.
    Proof(Option<Proof>),
    Document(Vec<u8>),
    /// It cannot be answered: the English sentence of the browser or of the engine.
    Failed(String),
}
