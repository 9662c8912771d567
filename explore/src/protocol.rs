//! What a page asks the explorer of an archive, and what it answers.
//!
//! Both travel as [`Message`](layerlab_web::protocol::Message)s through a `MessagePort`. The page asks for the window
//! of rows that it shows; trees never cross whole.

pub mod tree;

use serde::{Deserialize, Serialize};

use crate::{
    compare::{CompareAnswer, CompareQuestion},
    cost::{CostAnswer, CostQuestion},
    facts::{FactsAnswer, FactsQuestion},
};

pub use self::tree::{TreeAnswer, TreeQuestion};

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
    Cost(CostQuestion),
    Compare(CompareQuestion),
    /// About the files of an image.
    Tree(TreeQuestion),
    Facts(FactsQuestion),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Ready,
    Cost(CostAnswer),
    Compare(CompareAnswer),
    Tree(TreeAnswer),
    Facts(FactsAnswer),
}
