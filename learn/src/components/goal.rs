use std::rc::Rc;

use layerlab_core::lesson::{Language, Lesson};
use yew::prelude::*;

use super::{WorkHandle, prose::spans};
use crate::{bench::Todo, fill, plural, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct GoalPanelProps {
    pub work: WorkHandle,
    pub lesson: Rc<Lesson>,
    pub language: Language,
    /// The learner's best so far.
    pub best: Option<u32>,
}

/// What to bring about, how far it is, and what it took.
#[component(GoalPanel)]
pub fn goal_panel(props: &GoalPanelProps) -> Html {
    let GoalPanelProps { work, lesson, language, best } = props;
    let goal = &lesson.goal;
    let hints = use_state_eq(|| 0_usize);
    let solution = use_state_eq(|| false);
    let session = work.0.session();
    let progress = session.progress(goal);
    let reached = progress.is_reached();
    let more = {
        let hints = hints.clone();
        Callback::from(move |_| hints.set(*hints + 1))
    };
    let show = {
        let solution = solution.clone();
        Callback::from(move |_| solution.set(true))
    };
    let play = {
        let (work, commands) = (work.clone(), goal.solution.clone());
        Callback::from(move |_: MouseEvent| {
            work.dispatch(Todo::Reset);
            work.dispatch(Todo::RunAll(commands.clone()));
        })
    };
    html! {
        <section class={classes!("goal", reached.then_some("goal--reached"))} data-testid="goal" data-reached={reached.to_string()}>
            <h2>{ text("goal.title") }</h2>
            <p>{ spans(&goal.text.spans(*language)) }</p>
            <ul class="goal__checks">
                { for goal.checks.iter().zip(&progress.checks).map(|(check, holds)| html! {
                    <li class={holds.then_some("is-done")}>
                        <span class="goal__mark" aria-hidden="true">{ if *holds { "✓" } else { "○" } }</span>
                        <span class="unseen">{ if *holds { text("goal.done") } else { text("goal.open") } }</span>
                        <span>{ spans(&check.text.spans(*language)) }</span>
                    </li>
                }) }
            </ul>
            <p class="goal__moves">
                { plural("goal.moves", session.moves().into()) }
                <span>{ fill("goal.fewest", &[("n", &goal.moves)]) }</span>
                if let Some(best) = best { <span>{ fill("goal.best", &[("n", best)]) }</span> }
            </p>
            <div role="status">
                if reached {
                    <p class="goal__praise" data-testid="praise">{
                        if session.moves() <= goal.moves { text("goal.praise-fewest") } else { text("goal.praise") }
                    }</p>
                }
            </div>
            <ol class="goal__hints">{ for goal.hints.iter().take(*hints).map(|hint| html! { <li>{ spans(&hint.spans(*language)) }</li> }) }</ol>
            <div class="goal__help">
                if *hints < goal.hints.len() { <button type="button" class="act" onclick={more} data-testid="hint">{ text("goal.hint") }</button> }
                if !*solution { <button type="button" class="act" onclick={show} data-testid="show-solution">{ text("goal.solution") }</button> }
            </div>
            if *solution {
                <pre class="panel__code">{ goal.solution.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") }</pre>
                <button type="button" class="act" onclick={play} data-testid="play-solution">{ text("goal.play") }</button>
            }
        </section>
    }
}
