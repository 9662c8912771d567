//! Events in words.

use layerlab_core::{
    display::harmless,
    overlay::{CopyUp, Event, Found, LayerNo},
};
use layerlab_web::view_model::format;
use yew::AttrValue;

use crate::{
    fill,
    scene::{Scene, Step},
    stage::layer_name,
    text,
};

/// The catalogue's sentence for a step.
pub fn caption(step: &Step, scene: &Scene) -> AttrValue {
    let Some(event) = &step.event else {
        return match step.effect {
            None => text("stage.rebuild"),
            Some("bind-mounted") => text("stage.bind-mounted"),
            Some(effect) => text(&format!("effect.{effect}")),
        };
    };
    let values = values(event, scene);
    let named: Vec<(&str, &dyn std::fmt::Display)> =
        values.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    fill(&key(event), &named)
}

/// Why something was refused.
pub fn reason(event: &Event) -> Option<AttrValue> {
    match event {
        Event::Refuse { reason, .. } => Some(text(&format!("reason.{}", reason.key()))),
        _ => None,
    }
}

fn key(event: &Event) -> String {
    format!("event.{}", event.key())
}

/// Whatever a sentence may want to name.
fn values(event: &Event, scene: &Scene) -> Vec<(&'static str, String)> {
    let mut values = Vec::new();
    if let Some(path) = event.path() {
        values.push(("path", path.to_string()));
        values.push(("name", harmless(&path.name())));
    }
    let layer = |no: &LayerNo| layer_name(*no, scene).to_string();
    match event {
        Event::LookUp { layer: at, found, .. } => {
            values.push(("layer", layer(at)));
            if let Found::Redirect { to } = found {
                values.push(("to", harmless(to)));
            }
        }
        Event::Read { layer: at, amount, .. } => {
            values.extend([
                ("layer", layer(at)),
                ("amount", format::bytes(*amount)),
                ("bytes", format::bytes(*amount)),
            ]);
        }
        Event::CopyUp { from, what, .. } => {
            let bytes = if let CopyUp::Data { bytes } = what { *bytes } else { 0 };
            values.extend([("layer", layer(from)), ("bytes", format::bytes(bytes))]);
        }
        Event::CopyUpData { from, content, .. } => {
            values.extend([("layer", layer(from)), ("bytes", format::bytes(content.len()))]);
        }
        Event::Write { written, content, .. } => {
            values.extend([("bytes", format::bytes(*written)), ("size", format::bytes(content.len()))]);
        }
        Event::SetMode { mode, .. } => values.push(("mode", format!("{mode:04o}"))),
        Event::SetOwner { uid, gid, .. } => values.extend([("uid", uid.to_string()), ("gid", gid.to_string())]),
        Event::SetXattr { name, .. } | Event::RemoveXattr { name, .. } => values.push(("xattr", harmless(name))),
        Event::Redirect { to, .. } => values.push(("to", harmless(to))),
        Event::Clear { whiteouts, .. } => values.push(("count", whiteouts.len().to_string())),
        Event::Move { from, to } => values.extend([("from", from.to_string()), ("to", to.to_string())]),
        Event::Exchange { a, b } => values.extend([("a", a.to_string()), ("b", b.to_string())]),
        Event::Refuse { errno, .. } => values.push(("errno", errno.to_string())),
        Event::UnionLinks { .. }
        | Event::Create { .. }
        | Event::Link { .. }
        | Event::SetTime { .. }
        | Event::Whiteout { .. }
        | Event::Opaque { .. }
        | Event::Impure { .. }
        | Event::Unindex { .. }
        | Event::Remove { .. } => {}
    }
    values
}
