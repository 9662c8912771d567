//! The module's end: a Yew app in an element of the page.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsValue, closure::Closure};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{Host, ModuleProps};
use crate::i18n::Language;

/// Draws `C` in `element`. The page gets an object with `update(address)` and `unmount()`.
///
/// To be called by the function `mount` that each module exports.
pub fn mount<C: BaseComponent<Properties = ModuleProps>>(
    element: HtmlElement,
    host: JsValue,
    address: String,
) -> JsValue {
    leave_the_pages_number();
    let props = move |address: String, turn| ModuleProps {
        host: Host::new(host.clone()),
        address: address.into(),
        language: keep_language(),
        turn,
    };
    let app = yew::Renderer::<C>::with_root_and_props(element.into(), props(address, 0)).render();
    let app = Rc::new(RefCell::new(Some(app)));
    let (object, updated, mut turn) = (Object::new(), app.clone(), 0);
    let update = Closure::<dyn FnMut(String)>::new(move |address| {
        turn += 1;
        if let Some(app) = updated.borrow_mut().as_mut() {
            app.update(props(address, turn));
        }
    });
    let unmount = Closure::<dyn FnMut()>::new(move || {
        if let Some(app) = app.take() {
            app.destroy();
        }
    });
    for (name, function) in [("update", update.into_js_value()), ("unmount", unmount.into_js_value())] {
        Reflect::set(&object, &name.into(), &function).expect("a plain object takes any property");
    }
    object.into()
}

/// Speaks the language of the page, and returns it.
pub fn keep_language() -> Language {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let tag = root.and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    let language = Language::choose([tag.as_str()]);
    language.speak();
    language
}

/// Yew numbers the roots that it draws in, and finds the root of an event by the number. Two programs both begin
/// with 1, and the page would take the module's events for its own: its first number is used up here.
fn leave_the_pages_number() {
    if let Some(document) = web_sys::window().and_then(|window| window.document())
        && let Ok(nowhere) = document.create_element("div")
    {
        yew::Renderer::<Nothing>::with_root(nowhere).render().destroy();
    }
}

#[component(Nothing)]
fn nothing() -> Html {
    Html::default()
}
