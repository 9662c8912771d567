use std::rc::Rc;

use layerlab_core::lesson::{Answer, Choice, Language, Question};
use yew::prelude::*;

use super::{
    WorkHandle,
    answer::{answer_words, literal_words},
    prose::spans,
};
use crate::{bench::Todo, fill, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct QuestionCardProps {
    pub work: WorkHandle,
    pub question: Rc<Question>,
    pub language: Language,
    /// Told when the answer is revealed: whether the prediction was right.
    pub on_revealed: Callback<(String, bool)>,
}

/// What was revealed, kept as it was when it was asked: playing on does not change it.
#[derive(Clone, Debug, PartialEq)]
struct Revealed {
    answer: Answer,
    choices: Vec<Choice>,
    chosen: usize,
}

/// Predict, then reveal.
#[component(QuestionCard)]
pub fn question_card(props: &QuestionCardProps) -> Html {
    let QuestionCardProps { work, question, language, .. } = props;
    let chosen = use_state_eq(|| None::<usize>);
    let revealed = use_state_eq(|| None::<Revealed>);
    let answered = use_memo((work.clone(), question.id.clone()), |(work, _)| work.0.session().answer(question));
    let (answer, choices) = match (&*revealed, &*answered) {
        (Some(revealed), _) => (revealed.answer.clone(), revealed.choices.clone()),
        (None, Ok(answer)) => (answer.clone(), work.0.session().choices(question, answer)),
        (None, Err(problem)) => {
            return html! {
                <section class="question">
                    <p class="question__prompt">{ spans(&question.prompt.spans(*language)) }</p>
                    <p class="question__lost">{ fill("question.lost", &[("why", problem)]) }</p>
                </section>
            };
        }
    };
    let onreveal = {
        let (revealed, chosen, on_revealed) = (revealed.clone(), chosen.clone(), props.on_revealed.clone());
        let (answer, choices, id) = (answer.clone(), choices.clone(), question.id.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(at) = *chosen else { return };
            let right = choices.get(at).is_some_and(|choice| choice.is.means(&answer));
            on_revealed.emit((id.clone(), right));
            revealed.set(Some(Revealed { answer: answer.clone(), choices: choices.clone(), chosen: at }));
        })
    };
    let onplay = {
        let (work, after) = (work.clone(), question.after.clone());
        Callback::from(move |_: MouseEvent| work.dispatch(Todo::RunAll(after.clone())))
    };
    let done = revealed.is_some();
    let group = format!("question-{}", question.id);
    html! {
        <section class={classes!("question", done.then_some("question--done"))} data-testid="question">
            <h3 class="question__head">{ text("question.head") }</h3>
            <fieldset disabled={done}>
                <legend class="question__prompt">{ spans(&question.prompt.spans(*language)) }</legend>
                { for choices.iter().enumerate().map(|(at, choice)| {
                    let mark = done.then(|| if choice.is.means(&answer) { "is-right" } else if *chosen == Some(at) { "is-wrong" } else { "" });
                    let words = match &choice.text {
                        Some(text) => spans(&text.spans(*language)),
                        None => html! { { literal_words(&choice.is, &answer) } },
                    };
                    let select = { let chosen = chosen.clone(); move |_| chosen.set(Some(at)) };
                    html! {
                        <label class={classes!("choice", mark)}>
                            <input type="radio" name={group.clone()} checked={*chosen == Some(at)} onchange={select} />
                            <span>{ words }</span>
                        </label>
                    }
                }) }
            </fieldset>
            if !done {
                <button type="button" class="button button--small" disabled={chosen.is_none()} onclick={onreveal} data-testid="reveal">
                    { text("question.reveal") }
                </button>
            }
            <div role="status">
                if let Some(revealed) = &*revealed { { verdict(revealed, question, *language) } }
            </div>
            if done && !question.after.is_empty() {
                <button type="button" class="act" onclick={onplay}>{ text("question.play") }</button>
            }
        </section>
    }
}

fn verdict(revealed: &Revealed, question: &Question, language: Language) -> Html {
    let choice = revealed.choices.get(revealed.chosen);
    let right = choice.is_some_and(|choice| choice.is.means(&revealed.answer));
    let but = choice.and_then(|choice| choice.but.as_ref()).filter(|_| !right);
    html! {
        <div class="verdict" data-testid="verdict" data-right={right.to_string()}>
            <p class={classes!("verdict__word", right.then_some("is-right"))}>
                { if right { text("question.right") } else {
                    fill("question.wrong", &[("answer", &answer_words(&revealed.answer))])
                } }
            </p>
            if let Some(but) = but { <p>{ spans(&but.spans(language)) }</p> }
            <p>{ spans(&question.because.spans(language)) }</p>
        </div>
    }
}
