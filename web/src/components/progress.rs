use layerlab_core::archive::Outer;
use yew::prelude::*;

use crate::{
    i18n::{fill, text},
    protocol::Passes,
    state::{Archive, Phase},
    view_model::{format, progress::Progress},
};

/// Bytes, layers, and the time that is left.
pub fn progress_bar(archive: &Archive) -> Html {
    let progress = Progress::of(archive);
    let share = progress.share();
    let bytes = fill(
        "progress.bytes",
        &[("done", &format::bytes(progress.bytes.done)), ("total", &format::bytes(progress.bytes.total))],
    );
    let layers = progress.layers.map(|layers| {
        fill("progress.layers", &[("done", &format::count(layers.done)), ("total", &format::count(layers.total))])
    });
    let left = progress.remaining.map_or_else(|| "—".to_owned(), format::clock);
    html! {
        <div class="progress">
            <div
                class="progress__track" role="progressbar" aria-label={text("progress.label")}
                aria-valuemin="0" aria-valuemax="100" aria-valuenow={share.map(|share| format!("{:.0}", share * 100.0))}
            >
                <div class="progress__bar" style={format!("--share:{:.4}", share.unwrap_or(0.0))} />
            </div>
            <dl class="progress__facts">
                <div><dt>{ text("progress.read") }</dt><dd>{ bytes }</dd></div>
                if let Some(layers) = layers {
                    <div><dt>{ text("progress.layers-word") }</dt><dd>{ layers }</dd></div>
                } else {
                    <div><dt>{ text("progress.layers-word") }</dt><dd>{ text("progress.opening") }</dd></div>
                }
                <div><dt>{ text("progress.rate") }</dt><dd>{ progress.rate.map_or_else(|| "—".to_owned(), |rate| format!("{}/s", format::bytes(rate as u64))) }</dd></div>
                <div><dt>{ text("progress.left") }</dt><dd>{ left }</dd></div>
            </dl>
            { note(archive) }
        </div>
    }
}

/// What takes longer than reading: an archive that is compressed as a whole.
fn note(archive: &Archive) -> Html {
    let outer = match archive.phase {
        Phase::Opening { outer, .. } => outer,
        _ => Outer::None,
    };
    let compression = match outer {
        Outer::Gzip => Some("gzip"),
        Outer::Zstd => Some("zstd"),
        Outer::Xz => Some("xz"),
        Outer::Bzip2 => Some("bzip2"),
        Outer::None | Outer::Dir => None,
    };
    let note = match (compression, archive.passes) {
        (Some(compression), _) => fill("progress.outer", &[("outer", &compression)]),
        (None, Passes::Spooled) => text("progress.spooled"),
        (None, Passes::Two) => text("progress.two"),
        (None, Passes::Direct) => return Html::default(),
    };
    html! { <p class="progress__note">{ note }</p> }
}
