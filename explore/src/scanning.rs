use layerlab_web::view_model::format;
use yew::prelude::*;

use crate::{
    fill,
    question::{Asked, Asking},
    text,
};

/// How far the layers are looked through, with a way to stop it; nothing once it is answered.
pub fn scanning(asking: &Asking) -> Html {
    match &asking.state {
        Asked::Working { done, total } => {
            let share = if *total == 0 { 0.0 } else { *done as f64 / *total as f64 };
            html! {
                <div class="scanning" role="status" data-testid="scanning">
                    <span>{ text("scan.under") }</span>
                    <progress max="1" value={share.to_string()} aria-label={text("scan.under")} />
                    <span class="num">{ format!("{} / {}", format::bytes(*done), format::bytes(*total)) }</span>
                    <button class="button" onclick={asking.on_cancel.reform(|_| ())}>{ text("scan.cancel") }</button>
                </div>
            }
        }
        Asked::Cancelled => html! {
            <div class="scanning" role="status" data-testid="scan-cancelled">
                <span>{ text("scan.cancelled") }</span>
                <button class="button" onclick={asking.on_again.reform(|_| ())}>{ text("scan.again") }</button>
            </div>
        },
        Asked::Failed(why) => html! {
            <div class="scanning scanning--failed" role="alert">
                <span>{ fill("scan.failed", &[("why", why)]) }</span>
                <button class="button" onclick={asking.on_again.reform(|_| ())}>{ text("scan.again") }</button>
            </div>
        },
        Asked::Answered(_) => Html::default(),
    }
}
