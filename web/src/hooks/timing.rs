//! The User Timing measure `analyse`.

use std::collections::BTreeSet;

use wasm_bindgen::{JsCast, closure::Closure};
use yew::prelude::*;

use crate::{
    protocol::ArchiveId,
    state::{Phase, State},
};

/// The moment a file is accepted.
pub fn mark_accepted(id: ArchiveId) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        let _ = performance.mark(&mark(id));
    }
}

/// Measures each archive once: until every layer is verified and the picture that says so has been painted.
#[hook]
pub fn use_measures(state: &State) {
    let measured = use_mut_ref(BTreeSet::new);
    let done: Vec<ArchiveId> =
        state.archives.iter().filter(|archive| archive.phase == Phase::Done).map(|archive| archive.id).collect();
    use_effect_with(done, move |done| {
        for id in done.iter().filter(|id| measured.borrow_mut().insert(**id)) {
            after_paint(*id);
        }
    });
}

/// An effect runs before the browser paints; a hidden tab paints nothing, so there the effect itself is the end.
fn after_paint(id: ArchiveId) {
    let Some(window) = web_sys::window() else { return };
    let measure = move || {
        if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
            let _ = performance.measure_with_start_mark("analyse", &mark(id));
        }
    };
    if window.document().is_some_and(|document| document.hidden()) {
        return measure();
    }
    let frame = Closure::once_into_js(move |_: f64| measure());
    let _ = window.request_animation_frame(frame.unchecked_ref());
}

fn mark(id: ArchiveId) -> String {
    format!("layerlab-accepted-{}", id.0)
}
