use yew::prelude::*;

use super::Reel;
use crate::{captions::caption, player::Action, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct FilmStripProps {
    pub reel: Reel,
    pub step: usize,
    pub dispatch: Callback<Action>,
}

/// Steps that are listed; a command that made more is played, and its list is cut.
const LISTED: usize = 200;

/// All steps as a list; a click goes there.
#[component(FilmStrip)]
pub fn film_strip(props: &FilmStripProps) -> Html {
    let film = &props.reel.film;
    let words = use_memo(props.reel.clone(), |reel| {
        let scene = reel.film.scene(reel.film.steps().len());
        reel.film.steps().iter().take(LISTED).map(|step| caption(step, &scene)).collect::<Vec<_>>()
    });
    if film.steps().is_empty() {
        return Html::default();
    }
    html! {
        <details class="strip">
            <summary>{ text("stage.steps") }<span class="count">{ film.steps().len() }</span></summary>
            <ol class="strip__list" data-testid="steps">
                { for words.iter().enumerate().map(|(at, words)| {
                    let dispatch = props.dispatch.clone();
                    let current = (at + 1 == props.step).then_some("step");
                    html! {
                        <li key={at}>
                            <button type="button" class="strip__step" aria-current={current}
                                onclick={move |_| dispatch.emit(Action::Seek((at + 1) as f64))}>
                                <span class="strip__number">{ at + 1 }</span>{ words.clone() }
                            </button>
                        </li>
                    }
                }) }
            </ol>
            if film.steps().len() > LISTED { <p class="strip__more">{ text("stage.more-steps") }</p> }
        </details>
    }
}
