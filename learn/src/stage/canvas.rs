use std::rc::Rc;

use layerlab_core::overlay::MergedPath;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, PointerEvent, ResizeObserver};
use yew::prelude::*;

use super::{
    Act,
    gesture::{Gesture, gesture},
    names::{item_words, row_name},
    painter::Painter,
};
use crate::{
    geometry::{Direction, Item, Key, Picture},
    player::Action,
    scene::{PieceKey, Scene},
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct CanvasProps {
    pub picture: Rc<Picture>,
    /// From where to where in the picture something happens, so that it is scrolled into sight.
    pub watched: Option<(f64, f64)>,
    pub scene: Rc<Scene>,
    pub chosen: Option<Key>,
    pub on_choose: Callback<Option<Key>>,
    pub on_act: Callback<Act>,
    /// The width that there is.
    pub on_width: Callback<f64>,
    pub dispatch: Callback<Action>,
}

/// Room beside what is scrolled into sight.
const EDGE: f64 = 24.0;

/// A tile that a hand has taken.
struct Held {
    item: Item,
    element: Element,
    x: f64,
    y: f64,
}

/// The drawing itself, with what hands and keys do to it.
#[component(Canvas)]
pub fn canvas(props: &CanvasProps) -> Html {
    let (frame, root) = (use_node_ref(), use_node_ref());
    let painter = use_mut_ref(|| None::<Painter>);
    let held = use_mut_ref(|| None::<Held>);
    use_width(&frame, &props.on_width);
    {
        let (painter, root) = (painter.clone(), root.clone());
        use_effect_with((props.picture.clone(), props.chosen.clone()), move |(picture, chosen)| {
            let mut painter = painter.borrow_mut();
            if painter.is_none() {
                *painter = root.cast::<Element>().and_then(|root| Painter::new(&root));
            }
            if let Some(painter) = &mut *painter {
                painter.paint(picture, chosen.as_ref());
            }
        });
    }
    {
        let (frame, gutter) = (frame.clone(), props.picture.gutter);
        use_effect_with(props.watched, move |watched| {
            if let (Some((from, to)), Some(frame)) = (*watched, frame.cast::<Element>()) {
                let (left, width) = (f64::from(frame.scroll_left()), f64::from(frame.client_width()));
                let wanted = left.min(from - gutter - EDGE).max(to + EDGE - width).max(0.0);
                if (wanted - left).abs() >= 1.0 {
                    frame.set_scroll_left(wanted as i32);
                }
            }
        });
    }
    let onpointerdown = {
        let (painter, held, frame) = (painter.clone(), held.clone(), frame.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
            let painter = painter.borrow();
            let Some((item, element)) = painter.as_ref().and_then(|painter| painter.item_at(&target)) else { return };
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            *held.borrow_mut() = Some(Held { item: item.clone(), element: element.clone(), x, y });
            // Yew listens at the root: the event's own current target would be the whole page.
            if let Some(frame) = frame.cast::<Element>()
                && path_of(&item.key).is_some()
            {
                let _ = frame.set_pointer_capture(event.pointer_id());
            }
        })
    };
    let onpointermove = {
        let held = held.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(held) = &*held.borrow() {
                let (dx, dy) = (f64::from(event.client_x()) - held.x, f64::from(event.client_y()) - held.y);
                let word = match gesture(dx, dy) {
                    Gesture::Raise => "raise",
                    Gesture::Strike => "strike",
                    Gesture::Choose | Gesture::Nothing => "",
                };
                let _ = held.element.set_attribute("data-hand", word);
            }
        })
    };
    let onpointerup = {
        let (held, on_choose, on_act) = (held.clone(), props.on_choose.clone(), props.on_act.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(held) = held.borrow_mut().take() else { return };
            let _ = held.element.remove_attribute("data-hand");
            let (dx, dy) = (f64::from(event.client_x()) - held.x, f64::from(event.client_y()) - held.y);
            match (gesture(dx, dy), &held.item.key) {
                (Gesture::Choose, Key::Stand(at)) => on_act.emit(Act::Stand(*at)),
                (Gesture::Choose, key) => on_choose.emit(path_of(key).map(|_| key.clone())),
                (Gesture::Raise, key) => {
                    let _ = path_of(key).map(|path| on_act.emit(Act::Change(path.clone())));
                }
                (Gesture::Strike, key) => {
                    let _ = path_of(key).map(|path| on_act.emit(Act::Delete(path.clone())));
                }
                (Gesture::Nothing, _) => {}
            }
        })
    };
    let onpointercancel = Callback::from(move |_: PointerEvent| {
        if let Some(held) = held.borrow_mut().take() {
            let _ = held.element.remove_attribute("data-hand");
        }
    });
    let onkeydown = {
        let props = props.clone();
        Callback::from(move |event: KeyboardEvent| {
            if key(&props, &event.key()) {
                event.prevent_default();
                event.stop_propagation();
            }
        })
    };
    let picture = &props.picture;
    let chosen = props.chosen.as_ref().and_then(|key| picture.item(key));
    html! {
        <div class="stage__frame" ref={frame} {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
            <div class={classes!("stage__rows", (picture.gutter == 0.0).then_some("stage__rows--inside"))}
                style={format!("--gutter:{:.0}px", picture.gutter)} aria-hidden="true">
                { for picture.rows.iter().map(|row| row_name(row, &props.scene)) }
            </div>
            <svg
                class="stage__picture" data-testid="picture" role="application" tabindex="0" {onkeydown}
                aria-label={text("stage.label")} aria-describedby="stage-help"
                width={format!("{:.0}", picture.width)} height={format!("{:.0}", picture.height)}
            >
                <defs>
                    <pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <rect class="hatch__ground" width="8" height="8" />
                        <rect class="hatch__line" width="3" height="8" />
                    </pattern>
                    <marker id="rise" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                        <path class="rise__head" d="M0 0l8 4-8 4z" />
                    </marker>
                </defs>
                <g ref={root} />
            </svg>
            <p class="unseen" id="stage-help">{ text("stage.help") }</p>
            <p class="unseen" role="status" data-testid="chosen">
                { chosen.map(|item| item_words(item, &props.scene)).unwrap_or_default() }
            </p>
        </div>
    }
}

/// What a key does in the picture; whether it did something.
fn key(props: &CanvasProps, key: &str) -> bool {
    if let Some(direction) = Direction::of_key(key) {
        if let Some(next) = props.picture.next(props.chosen.as_ref(), direction) {
            props.on_choose.emit(Some(next));
        }
        return true;
    }
    let path = props.chosen.as_ref().and_then(path_of).cloned();
    match (key, path) {
        ("Escape", Some(_)) => props.on_choose.emit(None),
        ("Enter", Some(path)) => props.on_act.emit(Act::Read(path)),
        ("e", Some(path)) => props.on_act.emit(Act::Change(path)),
        ("m", Some(path)) => props.on_act.emit(Act::ChangeMode(path)),
        ("Delete" | "Backspace", Some(path)) => props.on_act.emit(Act::Delete(path)),
        (" ", _) => props.dispatch.emit(Action::Toggle),
        ("," | "<", _) => props.dispatch.emit(Action::Back),
        ("." | ">", _) => props.dispatch.emit(Action::Forward),
        _ => return false,
    }
    true
}

fn path_of(key: &Key) -> Option<&MergedPath> {
    match key {
        Key::Piece(PieceKey { path, .. }) | Key::Seen(path) => Some(path),
        _ => None,
    }
}

/// Tells the width of the frame, now and whenever it changes.
#[hook]
fn use_width(frame: &NodeRef, on_width: &Callback<f64>) {
    let (frame, on_width) = (frame.clone(), on_width.clone());
    use_effect_with((), move |()| {
        let watched = frame.cast::<Element>();
        let observer = watched.map(|element| {
            let read = {
                let element = element.clone();
                move || {
                    let width = f64::from(element.client_width());
                    if width > 0.0 {
                        on_width.emit(width);
                    }
                }
            };
            read();
            let callback = Closure::<dyn FnMut()>::new(read);
            let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
            if let Some(observer) = &observer {
                observer.observe(&element);
            }
            (observer, callback)
        });
        move || {
            if let Some((Some(observer), _)) = &observer {
                observer.disconnect();
            }
        }
    });
}
