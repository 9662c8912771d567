use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use layerlab_core::{
    display::harmless_text,
    store::{Policy, Store},
};
use web_sys::{HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use super::{numbers, player, stage, steps};
use crate::{
    client::state::Errand,
    fill,
    picture::{Line, Scene},
    samples::{Sample, Set},
    state::{Action, Samples, Shop},
    text,
};

/// How often the picture moves while it plays.
const TICK: u32 = 80;

#[derive(Debug, PartialEq, Properties)]
pub struct PictureProps {
    pub shop: Shop,
    pub act: Callback<Action>,
    /// What was really pulled can be watched here.
    pub errands: Vec<Rc<Errand>>,
    pub real: Option<Rc<Store>>,
}

/// The pull: registry on one side, store on the other.
#[component(Picture)]
pub fn picture(props: &PictureProps) -> Html {
    let PictureProps { shop, act, errands, real } = props;
    let ground = use_node_ref();
    let width = use_state_eq(|| 960.0_f32);
    {
        let (ground, width) = (ground.clone(), width.setter());
        use_effect_with((), move |()| {
            let measure = move || {
                if let Some(element) = ground.cast::<HtmlElement>() {
                    width.set(element.client_width() as f32);
                }
            };
            measure();
            let listener = web_sys::window().map(|window| EventListener::new(&window, "resize", move |_| measure()));
            move || drop(listener)
        });
    }
    let playing = shop.pull.as_ref().is_some_and(|pull| pull.playing);
    {
        let act = act.clone();
        use_effect_with(playing, move |playing| {
            let timer = playing.then(|| Interval::new(TICK, move || act.emit(Action::Tick(TICK))));
            move || drop(timer)
        });
    }
    html! {
        <div class="pull__picture">
            { choices(shop, act) }
            { real_pulls(errands, real.as_ref(), act) }
            <div ref={ground}>
                if let Some(pull) = &shop.pull {
                    { steps::seven(pull) }
                    { stage::stage(*width, shop, pull, act) }
                    { player::bar(pull, shop.speed, act) }
                    { numbers::counters(&Scene::after(&pull.record, pull.shown()), shop.line) }
                } else {
                    <p class="empty">{ text("picture.nothing") }</p>
                }
            </div>
            if let Some(pull) = &shop.pull {
                <div class="pull__beside">
                    { steps::terminal(pull) }
                    <steps::Steps pull={pull.clone()} act={act.clone()} />
                </div>
                { numbers::differences(pull) }
            }
        </div>
    }
}

/// What to pull, and how.
fn choices(shop: &Shop, act: &Callback<Action>) -> Html {
    html! {
        <section class="choices" aria-label={text("picture.choose")}>
            { match &shop.samples {
                Samples::Coming => html! { <p role="status">{ text("picture.samples-coming") }</p> },
                Samples::Failed(why) => html! { <p role="alert">{ fill("picture.samples-failed", &[("why", why)]) }</p> },
                Samples::Here(samples) => html! {
                    <div class="choices__samples">
                        { for samples.iter().filter(|sample| matches!(sample.set, Set::Redis { .. })).map(|sample| {
                            let act = act.clone();
                            let pull = Action::Pull { name: sample.name.clone(), record: sample.record.clone() };
                            html! {
                                <button class="button button--first" data-testid="pull-sample"
                                    onclick={Callback::from(move |_| act.emit(pull.clone()))}>
                                    <code>{ format!("docker pull {}", sample.name) }</code>
                                </button>
                            }
                        }) }
                        { others(samples, act) }
                    </div>
                },
            } }
            <div class="choices__how">
                { choice("picture.policy.label", &Policy::ALL.map(|policy| {
                    (policy.as_str(), text(&format!("picture.policy.{}", policy.as_str())), policy == shop.policy)
                }), {
                    let act = act.clone();
                    Callback::from(move |word: String| {
                        let chosen = Policy::ALL.into_iter().find(|policy| policy.as_str() == word);
                        chosen.into_iter().for_each(|policy| act.emit(Action::Policy(policy)));
                    })
                }) }
                { choice("picture.line.label", &Line::ALL.map(|line| {
                    let rate = layerlab_core::display::size(line.rate());
                    (line.word(), fill("picture.line.rate", &[("rate", &rate)]), line == shop.line)
                }), {
                    let act = act.clone();
                    Callback::from(move |word: String| {
                        let chosen = Line::ALL.into_iter().find(|line| line.word() == word);
                        chosen.into_iter().for_each(|line| act.emit(Action::Line(line)));
                    })
                }) }
            </div>
            { honest(shop) }
        </section>
    }
}

/// Pulls that this browser has really done, step by step as they went.
fn real_pulls(errands: &[Rc<Errand>], real: Option<&Rc<Store>>, act: &Callback<Action>) -> Html {
    let Some(real) = real else { return Html::default() };
    let buttons: Vec<Html> = errands
        .iter()
        .filter_map(|errand| Some((errand, Action::replay(real, &errand.told)?)))
        .map(|(errand, action)| {
            let act = act.clone();
            html! {
                <button class="button button--small" onclick={Callback::from(move |_| act.emit(action.clone()))}>
                    { fill("picture.watch", &[("name", &harmless_text(&errand.title))]) }
                </button>
            }
        })
        .collect();
    html! { if !buttons.is_empty() { <div class="choices__samples">{ buttons }</div> } }
}

/// The images of the forest, in a list that stays small.
fn others(samples: &[Rc<Sample>], act: &Callback<Action>) -> Html {
    let forest: Vec<_> = samples.iter().filter(|sample| matches!(sample.set, Set::Forest { .. })).cloned().collect();
    let options = forest.iter().map(|sample| {
        let name = sample.name.to_string();
        html! { <option value={name.clone()}>{ name }</option> }
    });
    let options: Html = options.collect();
    let act = act.clone();
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        let chosen = forest.iter().find(|sample| sample.name.to_string() == select.value());
        if let Some(sample) = chosen {
            act.emit(Action::Pull { name: sample.name.clone(), record: sample.record.clone() });
        }
        select.set_value("");
    });
    html! {
        <select class="choices__more" aria-label={text("picture.more")} {onchange}>
            <option value="" selected=true>{ text("picture.more") }</option>
            { options }
        </select>
    }
}

/// A miniature says that it is one, and how large the real thing is.
fn honest(shop: &Shop) -> Html {
    let Samples::Here(samples) = &shop.samples else { return Html::default() };
    let real = samples.iter().find_map(|sample| match sample.set {
        Set::Redis { real_size } => Some(layerlab_core::display::size(real_size)),
        Set::Forest { .. } => None,
    });
    html! { <p class="choices__note">{ fill("picture.miniature", &[("real", &real.unwrap_or_default())]) }</p> }
}

fn choice(label: &str, options: &[(&'static str, AttrValue, bool)], on_choose: Callback<String>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        on_choose.emit(event.target_unchecked_into::<HtmlSelectElement>().value());
    });
    html! {
        <label class="choice">
            <span>{ text(label) }</span>
            <select {onchange}>
                { for options.iter().map(|(word, name, chosen)| html! {
                    <option value={*word} selected={*chosen}>{ name }</option>
                }) }
            </select>
        </label>
    }
}
