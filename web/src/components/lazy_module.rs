use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    hooks::{Commands, Opened},
    i18n::{Language, fill, text},
    lazy::{Module, offer},
    state::{Archive, Shared},
};

#[derive(Debug, PartialEq, Properties)]
pub struct LazyModuleProps {
    pub name: &'static str,
}

/// The context that modules are offered: what is open, how to open more, and the language.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    pub archives: Vec<Shared<Archive>>,
    pub on_open: Callback<Vec<Opened>>,
    pub language: Language,
}

/// How far loading has come.
#[derive(Clone, Debug, PartialEq)]
enum Loading {
    Under,
    Done,
    Failed(String),
}

/// A part of the page that is loaded when it is first shown.
#[component(LazyModule)]
pub fn lazy_module(props: &LazyModuleProps) -> Html {
    let element = use_node_ref();
    let module: Rc<RefCell<Option<Module>>> = use_mut_ref(|| None);
    let loading = use_state_eq(|| Loading::Under);
    let attempt = use_state_eq(|| 0);
    let location = use_location();
    let address = location.map_or_else(String::new, |location| format!("{}{}", location.path(), location.query_str()));
    let around = use_context::<Surroundings>();
    let open = around.as_ref().map(|around| around.archives.clone()).unwrap_or_default();
    let archives = use_mut_ref(Vec::new);
    archives.borrow_mut().clone_from(&open);
    let current = use_mut_ref(String::new);
    current.borrow_mut().clone_from(&address);
    let commands = use_context::<Commands>();
    {
        let (element, module, loading) = (element.clone(), module.clone(), loading.setter());
        let on_open = around.as_ref().map(|around| around.on_open.clone()).unwrap_or_default();
        use_effect_with((props.name, *attempt), move |(name, _)| {
            let name = *name;
            loading.set(Loading::Under);
            let alive = Rc::new(());
            let (watched, mounted) = (Rc::downgrade(&alive), module.clone());
            if let (Some(commands), Some(element)) = (commands, element.cast::<HtmlElement>()) {
                let host = offer(commands, move || archives.borrow().clone(), move |opened| on_open.emit(opened));
                spawn_local(async move {
                    let asked = current.borrow().clone();
                    let loaded = Module::load(name, &element, &host, &asked).await;
                    // Who left before it came does not want it any more; dropping it empties the element.
                    if watched.upgrade().is_none() {
                        return;
                    }
                    loading.set(match loaded {
                        Ok(loaded) => {
                            let now = current.borrow().clone();
                            if now != asked {
                                loaded.update(&now);
                            }
                            mounted.replace(Some(loaded));
                            Loading::Done
                        }
                        Err(thrown) => Loading::Failed(words(&thrown)),
                    });
                });
            }
            move || {
                drop(alive);
                module.take();
            }
        });
    }
    use_effect_with((address, open, around.map(|around| around.language)), move |(address, _, _)| {
        if let Some(module) = &*module.borrow() {
            module.update(address);
        }
    });
    let again = Callback::from(move |_| attempt.set(*attempt + 1));
    html! {
        <div class="lazy">
            if *loading == Loading::Under { <p class="empty" role="status">{ text("lazy.loading") }</p> }
            if let Loading::Failed(why) = &*loading {
                <div class="empty" role="alert">
                    <p>{ fill("lazy.failed", &[("why", why)]) }</p>
                    <button class="button" onclick={again}>{ text("lazy.again") }</button>
                </div>
            }
            <div ref={element} data-testid={format!("module-{}", props.name)} />
        </div>
    }
}

fn words(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{thrown:?}"),
    }
}
