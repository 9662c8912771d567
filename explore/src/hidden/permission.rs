use layerlab_core::{
    display::harmless,
    facts::hidden::{Permission, Reason},
};
use yew::prelude::*;

use super::view::by_reason;
use crate::{chip::layer_chip, fill, opened::Opened, text};

/// Rows of one reason that are drawn.
const SHOWN: usize = 200;

/// Files of the merged tree that anybody may write, or that run as somebody else.
pub fn permissions(place: &Opened, found: &[Permission]) -> Html {
    html! {
        <section data-testid="permissions">
            <h2>{ text("hidden.permissions") }</h2>
            <p class="facts-note">{ text("hidden.permissions-about") }</p>
            if found.is_empty() { <p class="hidden-clear">{ text("hidden.no-permissions") }</p> }
            { for by_reason(found).into_iter().map(|(reason, rows)| html! {
                <details class="hidden-group" open={rows.len() <= 12}>
                    <summary><h3>{ text(reason_key(reason)) }<span class="count">{ rows.len() }</span></h3></summary>
                    <p class="facts-note">{ text(&format!("{}-about", reason_key(reason))) }</p>
                    <ul class="permissions">{ for rows.iter().take(SHOWN).map(|row| permission(place, row)) }</ul>
                    if rows.len() > SHOWN { <p class="facts-note">{ fill("hidden.more", &[("n", &(rows.len() - SHOWN))]) }</p> }
                </details>
            }) }
        </section>
    }
}

fn permission(place: &Opened, row: &Permission) -> Html {
    html! {
        <li>
            { layer_chip(place, row.layer as usize) }
            <code>{ harmless(&row.path) }</code>
            <code class="permissions__mode">{ format!("{:04o}", row.mode) }</code>
            <span class="permissions__owner">{ format!("{}:{}", row.uid, row.gid) }</span>
            if let Some(capabilities) = &row.capabilities { <code class="permissions__caps">{ capabilities }</code> }
        </li>
    }
}

fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::SetuidWritable => "reason.setuid-writable",
        Reason::WorldWritable => "reason.world-writable",
        Reason::WorldWritableDirectory => "reason.world-writable-directory",
        Reason::Setuid => "reason.setuid",
        Reason::Setgid => "reason.setgid",
        Reason::Capabilities => "reason.capabilities",
    }
}
