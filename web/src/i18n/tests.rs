use layerlab_core::finding::Code;
use layerlab_tests::catalogue::Catalogues;

use super::*;

#[test]
fn every_word_is_in_both_catalogues() {
    let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/app"));
    catalogues.assert_alike();
    catalogues.assert_keys_of(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    catalogues.assert_has(Code::ALL.iter().map(|code| format!("finding.{}", code.as_str())));
    catalogues.assert_has(Code::ALL.iter().map(|code| format!("finding-about.{}", code.as_str())));
    catalogues.assert_has(crate::view_model::words::all().into_iter().map(str::to_owned));
}

#[test]
fn the_browsers_languages_choose() {
    for (wanted, chosen) in [
        (&["zh-TW", "en"][..], Language::SimplifiedChinese),
        (&["de-DE", "en-GB", "zh"], Language::English),
        (&["fr"], Language::English),
        (&[], Language::English),
    ] {
        assert_eq!(Language::choose(wanted.iter().copied()), chosen, "{wanted:?}");
    }
}
