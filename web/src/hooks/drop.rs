//! Files that are dropped on the window, or pasted.

use std::{cell::Cell, rc::Rc};

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent};
use yew::prelude::*;

use super::{Opened, entries, of_list};

/// Tells `on_open` what is dropped or pasted anywhere, and whether files are being dragged over the window.
#[hook]
pub fn use_file_drop(on_open: Callback<Vec<Opened>>) -> bool {
    let dragging = use_state_eq(|| false);
    let set = dragging.setter();
    use_effect_with(on_open, move |on_open| {
        let listeners = web_sys::window().map(|window| listen(&window, on_open.clone(), set));
        move || drop(listeners)
    });
    *dragging
}

fn listen(window: &web_sys::Window, on_open: Callback<Vec<Opened>>, set: UseStateSetter<bool>) -> Vec<EventListener> {
    // Every element that is entered and left tells so: only the balance says whether the window was left.
    let depth = Rc::new(Cell::new(0u32));
    let on = |name: &'static str, handle: Box<dyn Fn(&DragEvent)>| {
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(window, name, options, move |event| {
            let Some(event) = event.dyn_ref::<DragEvent>().filter(|event| carries_files(event)) else { return };
            event.prevent_default();
            handle(event);
        })
    };
    let (entered, left, dropped) = (Rc::clone(&depth), Rc::clone(&depth), depth);
    let (show, hide, done) = (set.clone(), set.clone(), set);
    let pasted = on_open.clone();
    vec![
        on(
            "dragenter",
            Box::new(move |_| {
                entered.set(entered.get() + 1);
                show.set(true);
            }),
        ),
        on("dragover", Box::new(|_| {})),
        on(
            "dragleave",
            Box::new(move |_| {
                left.set(left.get().saturating_sub(1));
                if left.get() == 0 {
                    hide.set(false);
                }
            }),
        ),
        on(
            "drop",
            Box::new(move |event| {
                dropped.set(0);
                done.set(false);
                let Some(transfer) = event.data_transfer() else { return };
                let (taken, on_open) = (entries::take(&transfer), on_open.clone());
                wasm_bindgen_futures::spawn_local(async move { on_open.emit(taken.await) });
            }),
        ),
        EventListener::new(window, "paste", move |event| {
            let event = event.dyn_ref::<ClipboardEvent>();
            let opened = of_list(event.and_then(ClipboardEvent::clipboard_data).and_then(|data| data.files()));
            if !opened.is_empty() {
                pasted.emit(opened);
            }
        }),
    ]
}

/// Dragged text and links are none of our business.
fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().iter().any(|kind| kind == "Files"))
}
