//! Two stores can be looked at: the picture's own, for practice, and that of this browser, which holds real bytes.

use std::rc::Rc;

use layerlab_core::store::Store;
use yew::prelude::*;

use crate::text;

/// Which of the two is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    Practice,
    Browser,
}

/// Two buttons; nothing where there is only one store.
pub fn choose(which: &UseStateHandle<Which>, real: Option<&Rc<Store>>) -> Html {
    if real.is_none() {
        return Html::default();
    }
    let button = |it: Which, key: &str| {
        let (which, chosen) = (which.clone(), **which == it);
        html! {
            <button class="button button--small" aria-pressed={chosen.to_string()}
                onclick={Callback::from(move |_| which.set(it))}>{ text(key) }</button>
        }
    };
    html! {
        <div class="which" role="group" aria-label={text("picture.which.title")}>
            { button(Which::Practice, "picture.which.practice") }
            { button(Which::Browser, "picture.which.browser") }
        </div>
    }
}
