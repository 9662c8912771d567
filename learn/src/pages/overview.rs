use std::rc::Rc;

use layerlab_core::lesson::Language;
use yew::prelude::*;

use crate::{address::Page, fill, library::Listed, plural, progress::Progress, text};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OverviewProps {
    pub index: Rc<Vec<Listed>>,
    pub language: Language,
    pub progress: Progress,
    pub on_progress: Callback<Progress>,
}

/// All lessons as a stack of slabs, the first at the bottom.
#[component(Overview)]
pub fn overview(props: &OverviewProps) -> Html {
    let OverviewProps { index, language, progress, on_progress } = props;
    let asking = use_state_eq(|| false);
    let done = index.iter().filter(|listed| progress.is_done(&listed.id)).count();
    let next = index.iter().find(|listed| !progress.is_done(&listed.id));
    let reset = {
        let (on_progress, asking) = (on_progress.clone(), asking.clone());
        Callback::from(move |_: MouseEvent| {
            if *asking {
                on_progress.emit(Progress::default());
            }
            asking.set(!*asking);
        })
    };
    html! {
        <>
            <header class="learn__head">
                <h1>{ text("overview.title") }</h1>
                <p class="learn__lead">{ text("overview.lead") }</p>
                <div class="learn__ways">
                    if let Some(next) = next {
                        <a class="button button--first" href={format!("#{}", Page::Lesson { id: next.id.clone(), teach: false }.address())} data-testid="begin">
                            { if done == 0 { text("overview.begin") } else { fill("overview.go-on", &[("title", &next.title.in_language(*language))]) } }
                        </a>
                    }
                    <a class="button" href={format!("#{}", Page::Sandbox { lesson: None, shared: None }.address())}>{ text("overview.sandbox") }</a>
                    <a class="button" href={format!("#{}", Page::Open.address())}>{ text("overview.open") }</a>
                </div>
            </header>
            <ol class="shelves" data-testid="lessons">
                { for index.iter().enumerate().map(|(at, listed)| {
                    let is_done = progress.is_done(&listed.id);
                    let hue = layerlab_web::view_model::stack::hue(at);
                    html! {
                        <li class={classes!("shelf-slab", is_done.then_some("is-done"))} style={format!("--h:{hue}")}>
                            <a href={format!("#{}", Page::Lesson { id: listed.id.clone(), teach: false }.address())}>
                                <span class="shelf-slab__number">{ at + 1 }</span>
                                <span class="shelf-slab__words">
                                    <strong>{ listed.title.in_language(*language).to_owned() }</strong>
                                    <span>{ listed.summary.in_language(*language).to_owned() }</span>
                                </span>
                                <span class="shelf-slab__state">{ state(progress, &listed.id) }</span>
                            </a>
                        </li>
                    }
                }) }
            </ol>
            <p class="learn__memory">
                { text("overview.memory") }
                if done > 0 || *asking {
                    <button type="button" class="act" onclick={reset} data-testid="forget">
                        { if *asking { text("overview.really") } else { text("overview.reset") } }
                    </button>
                }
            </p>
        </>
    }
}

fn state(progress: &Progress, id: &str) -> AttrValue {
    match progress.of(id) {
        Some(lesson) if lesson.best.is_some() => plural("overview.done", lesson.best.unwrap_or_default().into()),
        Some(_) => text("overview.begun"),
        None => AttrValue::default(),
    }
}
