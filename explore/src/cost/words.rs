//! Words for fixes, leftovers and the lines of a bill.

use layerlab_core::{
    cost::{
        Action, Fix, Known,
        bill::{Key, Line},
    },
    display::harmless_text,
    report::ImageReport,
};
use layerlab_web::{
    i18n,
    view_model::{format, instruction, words},
};
use yew::AttrValue;

use crate::{fill, plural, text};

/// What to do, naming the layer as it is numbered in the picture.
pub fn fix(fix: Fix) -> AttrValue {
    fill(action(fix.action), &[("layer", &(fix.layer + 1))])
}

pub fn action(action: Action) -> &'static str {
    match action {
        Action::RemoveInSameInstruction => "fix.remove",
        Action::KeepCacheOut => "fix.cache",
        Action::LeaveOutOfCopy => "fix.leave-out",
        Action::CopyChmod => "fix.chmod",
        Action::CopyChown => "fix.chown",
        Action::Join => "fix.join",
        Action::CopyFinalVersion => "fix.final",
        Action::KeepTimes => "fix.times",
        Action::KeepMetadata => "fix.metadata",
        Action::ChangeBase => "fix.base",
        Action::WriteOnce => "fix.once",
        Action::WriteNoContent => "fix.no-content",
    }
}

pub fn known(known: Known) -> AttrValue {
    text(&format!("known.{}", known.as_str()))
}

/// The name of a line of the bill, and the instruction that stands below it.
pub fn line(line: &Line, image: &ImageReport) -> (AttrValue, Option<String>) {
    let layer = |layer: u64| fill("cost.layer", &[("layer", &(layer + 1))]);
    match &line.key {
        Key::Cause(cause) => (i18n::text(words::cause(*cause)), None),
        // The instructions of the ledger are made harmless, the layers' are as written, which is what `plain` reads.
        Key::Layer(index) | Key::Instruction { layer: index, .. } => (layer(*index), made_by(image, *index)),
        Key::Path(path) => (path.clone().into(), None),
        Key::Fix { action: kind, layer: index } => (fill(action(*kind), &[("layer", &(index + 1))]), None),
        Key::Others => (text("cost.others"), None),
    }
}

/// The instruction that made a layer, as its author wrote it and made harmless.
pub fn made_by(image: &ImageReport, layer: u64) -> Option<String> {
    let made_by = image.layers.get(usize::try_from(layer).ok()?)?.created_by.as_deref()?;
    Some(instruction::plain(made_by)).filter(|text| !text.is_empty())
}

/// `12 paths`.
pub fn paths(n: u64) -> AttrValue {
    plural("cost.paths", n)
}

/// A saving, and its share of all that is stored.
pub fn saving(bytes: u64, stored: u64) -> String {
    let share = if stored == 0 { 0.0 } else { bytes as f64 / stored as f64 };
    format!("{} ({})", format::bytes(bytes), format::percent(share))
}

/// The name of an archive or image for a file's name: nothing that a file system or a shell would take otherwise.
pub fn file_name(name: &str) -> String {
    let kept: String = harmless_text(name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' })
        .take(80)
        .collect();
    let kept = kept.trim_matches(['.', '-']);
    if kept.is_empty() { "image".into() } else { kept.into() }
}

#[cfg(test)]
mod tests {
    use layerlab_tests::catalogue::Catalogues;

    use super::*;

    #[test]
    fn every_fix_and_every_leftover_has_words() {
        let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/explore"));
        catalogues.assert_has(Action::ALL.iter().map(|&kind| action(kind).to_owned()));
        catalogues.assert_has(Known::ALL.iter().map(|known| format!("known.{}", known.as_str())));
    }

    #[test]
    fn a_file_name_is_harmless_everywhere() {
        assert_eq!(file_name("docker.io/library/redis:6.2"), "docker.io-library-redis-6.2");
        assert_eq!(file_name("../..\u{202e}"), "u-202e");
        assert_eq!(file_name(""), "image");
    }
}
