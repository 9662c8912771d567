//! What the panes "Facts" and "Hidden" ask, and what is answered.

use layerlab_core::{
    archive::Location,
    facts::{
        image::{Hidden, ImageFacts},
        proof::Proof,
    },
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FactsQuestion {
    /// Answered by [`FactsAnswer::Scanning`] while layers are looked through, and [`FactsAnswer::Facts`].
    Facts { image: usize },
    /// Answered by [`FactsAnswer::Scanning`] while layers are looked through, and [`FactsAnswer::Hidden`].
    Hidden { image: usize },
    /// The file of a layer whose data is at `data_offset` of the layer's tar, read again. Answered by
    /// [`FactsAnswer::Proof`].
    Prove { image: usize, layer: usize, path: Vec<u8>, data_offset: u64, line: u32 },
    /// A document's bytes, answered by [`FactsAnswer::Document`].
    Document { location: Location },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FactsAnswer {
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
