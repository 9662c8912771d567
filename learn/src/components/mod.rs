//! What lessons and sandboxes are drawn of.

mod acts;
mod answer;
pub mod build_panel;
mod goal;
pub mod mount_panel;
mod options;
mod own_image;
mod prose;
mod question;
pub mod store_panel;
mod terminal;
mod workbench;

use std::rc::Rc;

use yew::prelude::*;

pub use self::{
    answer::answer_words,
    goal::GoalPanel,
    options::options,
    own_image::OwnImagePicker,
    prose::{blocks, spans},
    question::QuestionCard,
    terminal::printed_line,
    workbench::Workbench,
};
use crate::bench::{Bench, Todo};

/// A bench in Yew's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Work(pub Bench);

impl Reducible for Work {
    type Action = Todo;

    fn reduce(self: Rc<Self>, todo: Todo) -> Rc<Self> {
        Rc::new(Self(self.0.clone().reduce(todo)))
    }
}

/// Who keeps a bench hands this on.
pub type WorkHandle = UseReducerHandle<Work>;
