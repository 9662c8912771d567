use yew::prelude::*;

use crate::{
    i18n::text,
    view_model::{
        glyph,
        seal::{Seal, ring},
    },
};

const RADIUS: f32 = 19.0;

/// A digest as a seal: its glyph, a ring that fills while it is computed, short hex, and a word.
pub fn seal_mark(seal: Seal, digest: Option<&str>) -> Html {
    let word = seal.word();
    let picture = digest.and_then(glyph::glyph);
    let short = digest.and_then(|digest| digest.get(..8));
    let (drawn, whole) = ring(RADIUS, if let Seal::Checking(share) = seal { share } else { 1.0 });
    let badge = match seal {
        Seal::Verified => Some("M-3.5 .2l2.6 2.6 4.6-5"),
        Seal::Mismatch => Some("M-3 -3l6 6m0-6l-6 6"),
        Seal::NotChecked | Seal::Checking(_) => None,
    };
    html! {
        <span class={classes!("seal", format!("seal--{word}"))}>
            <span class="seal__text">
                <span class="seal__word">{ text(&format!("seal.{word}")) }</span>
                <code class="seal__hex">{ short.unwrap_or("—").to_owned() }</code>
            </span>
            <svg viewBox="-24 -24 48 48" width="44" height="44" aria-hidden="true">
                <circle class="seal__disc" r={RADIUS.to_string()} />
                if let Some(picture) = picture {
                    <path class="seal__glyph" style={format!("--h:{}", picture.hue)} d={glyph::path(&picture, 4.0)} />
                }
                <circle class="seal__ring" r={RADIUS.to_string()} transform="rotate(-90)" stroke-dasharray={format!("{drawn:.1} {whole:.1}")} />
                if let Some(badge) = badge {
                    <g transform="translate(14 14)"><circle class="seal__badge" r="7.5" /><path class="seal__tick" d={badge} /></g>
                }
            </svg>
        </span>
    }
}
