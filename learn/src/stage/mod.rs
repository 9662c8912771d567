//! The picture, alive.

mod canvas;
mod captions;
mod controls;
mod film_strip;
mod gesture;
mod names;
mod painter;
mod shape;
mod table;

pub use names::{layer_name, number};

use std::rc::Rc;

use gloo_render::request_animation_frame;
use layerlab_core::overlay::MergedPath;
use yew::prelude::*;

use crate::{
    geometry::{Key, Picture, between},
    player::{Action, Player},
    scene::{Film, Movement, Scene},
};

use canvas::Canvas;
use controls::controls;
use film_strip::FilmStrip;
use table::Table;

/// What a learner wants done with a path, by hand and not by typing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Read(MergedPath),
    Change(MergedPath),
    ChangeMode(MergedPath),
    Delete(MergedPath),
    /// The container at this place of the stands becomes the chosen one.
    Stand(usize),
}

/// A film that is equal to itself only.
#[derive(Clone, Debug)]
pub struct Reel {
    pub film: Rc<Film>,
    /// Whether it is played when it is new; else its end is shown.
    pub play: bool,
}

impl PartialEq for Reel {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.film, &other.film)
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StageProps {
    pub reel: Reel,
    pub on_act: Callback<Act>,
    pub chosen: Option<Key>,
    pub on_choose: Callback<Option<Key>>,
    /// Buttons for what was chosen: drawn under the picture.
    #[prop_or_default]
    pub children: Html,
}

/// The state of a player in Yew's terms.
#[derive(Clone, Debug, Default, PartialEq)]
struct Playing(Player);

impl Reducible for Playing {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let next = self.0.reduce(&action);
        if next == self.0 { self } else { Rc::new(Self(next)) }
    }
}

/// Picture, controls, captions, the list of steps, and the same as a table.
#[component(Stage)]
pub fn stage(props: &StageProps) -> Html {
    let player = use_reducer(Playing::default);
    let width = use_state_eq(|| 900.0);
    let film = props.reel.film.clone();
    let loaded = use_mut_ref(|| None::<Reel>);
    let dispatcher = player.dispatcher();
    let is_loaded = loaded.borrow().as_ref() == Some(&props.reel);
    use_effect_with(props.reel.clone(), move |reel| {
        loaded.replace(Some(reel.clone()));
        let durations: Rc<[f64]> = reel.film.steps().iter().map(|step| step.duration()).collect();
        dispatcher.dispatch(Action::Load { durations, play: reel.play });
    });
    use_clock(&player);
    let last = film.steps().len();
    // Between a new film's coming and its loading the player still counts the steps of the old one.
    let (from, to, t) = match (is_loaded, props.reel.play) {
        (true, _) => player.0.moment(),
        (false, true) => (0, 0, 0.0),
        (false, false) => (last, last, 0.0),
    };
    let scenes = use_memo((props.reel.clone(), from, to), |(reel, from, to)| {
        let before = reel.film.scene(*from);
        let after = if from == to { before.clone() } else { reel.film.scene(*to) };
        (before, after)
    });
    let pictures = use_memo((scenes.clone(), *width), |(scenes, width)| {
        (Picture::of(&scenes.0, *width), Picture::of(&scenes.1, *width))
    });
    let movement = film.steps().get(from).map_or(Movement::Rebuild, |step| step.movement.clone());
    let watched = pictures.1.watched(&movement).filter(|_| player.0.is_moving());
    let picture = Rc::new(between(&pictures.0, &pictures.1, &movement, t));
    let scene: Rc<Scene> =
        use_memo((scenes, t > 0.0), |(scenes, later)| if *later { scenes.1.clone() } else { scenes.0.clone() });
    let dispatch = {
        let dispatcher = player.dispatcher();
        use_callback((), move |action: Action, ()| dispatcher.dispatch(action))
    };
    html! {
        <section class="stage" data-testid="stage" data-step={player.0.step().to_string()} data-steps={last.to_string()}
            data-moving={player.0.is_moving().to_string()}>
            <Canvas
                picture={picture} {watched} scene={scene.clone()} chosen={props.chosen.clone()} on_choose={props.on_choose.clone()}
                on_act={props.on_act.clone()} on_width={Callback::from(move |w| width.set(w))} dispatch={dispatch.clone()}
            />
            { captions::caption_bar(&film, &scene, player.0.step()) }
            { controls(&player.0, &dispatch) }
            { props.children.clone() }
            <FilmStrip reel={props.reel.clone()} step={player.0.step()} dispatch={dispatch} />
            <Table scene={scene} />
        </section>
    }
}

/// Lets time pass while something moves.
#[hook]
fn use_clock(player: &UseReducerHandle<Playing>) {
    let last = use_mut_ref(|| None::<f64>);
    let dispatcher = player.dispatcher();
    use_effect_with(player.0.clone(), move |player| {
        if !player.is_moving() {
            last.replace(None);
        }
        let frame = player.is_moving().then(|| {
            request_animation_frame(move |now| {
                let before = last.borrow_mut().replace(now);
                // The first frame begins a movement: nothing has passed yet.
                let passed = before.map_or(1.0, |before| (now - before).clamp(1.0, 100.0));
                dispatcher.dispatch(Action::Tick { passed, travel: !prefers_stillness() });
            })
        });
        move || drop(frame)
    });
}

fn prefers_stillness() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|query| query.matches())
}
