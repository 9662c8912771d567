//! A long question about facts as a hook: asked when it is first drawn, cancelled when it is drawn no more.

use std::rc::Rc;

use yew::prelude::*;

use crate::{
    client::{Client, Heard},
    facts::{FactsAnswer, FactsQuestion},
    protocol::{Answer, Question},
};

/// How far the explorer is with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Bytes of bytes; 0 of 0 until it has begun.
    Working {
        done: u64,
        total: u64,
    },
    Answered(Rc<FactsAnswer>),
    Failed(String),
    Cancelled,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    pub state: Asked,
    pub on_cancel: Callback<()>,
    pub on_again: Callback<()>,
}

/// Asks `question`. Another question takes the place of the one before.
#[hook]
pub fn use_question(client: &Client, question: FactsQuestion) -> Asking {
    let state = use_state_eq(|| Asked::Working { done: 0, total: 0 });
    let attempt = use_state_eq(|| 0_u32);
    let stopped = use_state_eq(|| false);
    {
        let state = state.clone();
        use_effect_with((client.clone(), question, *attempt, *stopped), move |(client, question, _, stopped)| {
            let ticket = (!stopped).then(|| {
                state.set(Asked::Working { done: 0, total: 0 });
                let state = state.setter();
                client.ask(
                    Question::Facts(question.clone()),
                    Callback::from(move |heard: Heard| {
                        let Answer::Facts(answer) = heard.answer else { return };
                        state.set(match answer {
                            FactsAnswer::Scanning { done, total } => Asked::Working { done, total },
                            FactsAnswer::Failed(sentence) => Asked::Failed(sentence),
                            answer => Asked::Answered(Rc::new(answer)),
                        });
                    }),
                )
            });
            move || drop(ticket)
        });
    }
    let on_cancel = {
        let (state, stopped) = (state.setter(), stopped.setter());
        Callback::from(move |()| {
            stopped.set(true);
            state.set(Asked::Cancelled);
        })
    };
    let on_again = {
        let (attempt, stopped) = (attempt.clone(), stopped.setter());
        Callback::from(move |()| {
            stopped.set(false);
            attempt.set(*attempt + 1);
        })
    };
    Asking { state: (*state).clone(), on_cancel, on_again }
}
