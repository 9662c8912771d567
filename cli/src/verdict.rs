//! The answer of `verify`: every check, then one sentence, and whether all of it holds.

use layerlab_core::{
    finding::{Code, Severity},
    report::{ImageReport, Report},
    verify::{self, Answer, Because, Matched, Trust, Verdict},
};

use crate::table;

/// The text to print, and whether nothing contradicts: no mismatch and no damage, and where a trusted text is given,
/// some image equals it.
pub fn verdict(report: &Report, trusted: Option<&str>) -> (String, bool) {
    let mut out = String::new();
    table::findings(&mut out, &report.findings);
    for (number, image) in report.images.iter().enumerate() {
        out.push_str(&table::image_title(number, image));
        out.push_str(&table::checks(image));
        for finding in image.findings.iter().chain(image.layers.iter().flat_map(|layer| &layer.findings)) {
            if finding.severity == Severity::Error {
                out.push_str(&format!("  {}\n", table::sentence(finding)));
            }
        }
    }
    let (consistent, absent) = (is_consistent(report), absent_layers(report));
    out.push_str(if consistent {
        "The archive is consistent with itself: every digest that could be checked matches.\n"
    } else {
        "The archive is NOT consistent with itself: see the lines above.\n"
    });
    if absent > 0 {
        out.push_str(&format!("Not verified: {absent} layers are not in this archive.\n"));
    }
    let consistent = consistent && absent == 0;
    let Some(trusted) = trusted else { return (out, consistent) };
    let answers = verify::trust(trusted, report);
    if answers.is_empty() {
        out.push_str("The trusted text is no digest, reference, inspect output or image document.\n");
    }
    for answer in &answers {
        out.push_str(&format!("image {}: {}\n", answer.image + 1, sentence(answer)));
    }
    let equal = answers.iter().any(|answer| matches!(answer.trust, Trust::Equals(_)));
    (out, consistent && equal)
}

fn is_consistent(report: &Report) -> bool {
    let holds = |image: &ImageReport| {
        image.checks.iter().all(|check| check.verdict != Verdict::Mismatch)
            && image.findings.iter().all(|finding| finding.severity != Severity::Error)
            && image.layers.iter().flat_map(|layer| &layer.findings).all(|f| f.severity != Severity::Error)
    };
    report.findings.iter().all(|finding| finding.severity != Severity::Error) && report.images.iter().all(holds)
}

/// Layers that their image cannot do without. (Foreign layers, and whole platforms that a partial save leaves out, are
/// absent by design.)
fn absent_layers(report: &Report) -> usize {
    let layers = report.images.iter().flat_map(|image| &image.layers);
    layers.filter(|layer| layer.findings.iter().any(|finding| finding.code == Code::LayerAbsent)).count()
}

fn sentence(answer: &Answer) -> String {
    let found = answer.found.as_deref().unwrap_or("nothing computed");
    match answer.trust {
        Trust::Equals(matched) => format!("equals what you trust: its {} is {found}.", noun(matched)),
        Trust::Contradicts(matched) => {
            format!("CONTRADICTS what you trust: its {} is {found}, expected {}.", noun(matched), answer.expected)
        }
        Trust::Undecidable(because) => format!("cannot be decided from this archive: {}.", reason(because)),
    }
}

fn noun(matched: Matched) -> &'static str {
    match matched {
        Matched::ImageId => "image ID (config digest)",
        Matched::ManifestDigest => "manifest digest",
        Matched::IndexDigest => "index digest",
        Matched::LayerBlob => "layer blob digest",
        Matched::DiffId => "diff_id",
        Matched::DiffIds => "list of diff_ids",
        Matched::ChainId => "chain ID",
    }
}

fn reason(because: Because) -> &'static str {
    match because {
        Because::NoManifestInArchive => "it carries no registry manifest, which is what that digest is of",
        Because::ManifestMadeOnSaving => {
            "its manifest was made on saving, so the registry's may differ although the image is the same"
        }
        Because::UnknownRole => "the digest equals nothing here, and does not say what it is of",
        Because::LayersAbsent => "layers are absent",
        Because::AlgorithmNotComputed => "that digest algorithm is not computed here",
    }
}
