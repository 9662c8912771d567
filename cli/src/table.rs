//! Tables for people: plain text that fits the terminal, every name from the archive made harmless.

use comfy_table::{Cell, CellAlignment, Table, presets};
use layerlab_core::{
    display::{harmless_text, size},
    finding::{Finding, Severity},
    report::{ImageReport, LayerReport, Report},
    verify::{Check, Subject, Verdict},
};

/// The whole report as text.
pub fn report(report: &Report) -> String {
    let mut out = format!("{}  {}  {}\n", harmless_text(&report.file), size(report.size), serde_word(&report.kind),);
    findings(&mut out, &report.findings);
    for (number, image) in report.images.iter().enumerate() {
        out.push('\n');
        out.push_str(&image_title(number, image));
        out.push_str(&image_summary(image));
        match report.images[..number].iter().position(|earlier| earlier.same_stack(image)) {
            _ if image.layers.is_empty() => {}
            Some(earlier) => out.push_str(&format!("  the stack of image {}, listed a second time\n", earlier + 1)),
            None => out.push_str(&format!("{}\n", layers(image))),
        }
        findings(&mut out, &image.findings);
        for layer in &image.layers {
            for finding in &layer.findings {
                out.push_str(&format!("  layer {}: {}\n", layer.index + 1, sentence(finding)));
            }
        }
    }
    out
}

/// Every check of an image, one a line.
pub fn checks(image: &ImageReport) -> String {
    let mut table = new_table(&["", "what", "declared", "computed"]);
    for check in &image.checks {
        let word = match check.verdict {
            Verdict::Match => "verified",
            Verdict::Mismatch => "MISMATCH",
            Verdict::NotChecked => "not checked",
        };
        let or_dash = |value: &Option<String>| value.as_deref().map_or("-".into(), harmless_text);
        table.add_row([word.into(), subject(check), or_dash(&check.declared), or_dash(&check.computed)]);
    }
    format!("{table}\n")
}

/// `image 1  redis:6.2  linux/amd64`.
pub fn image_title(number: usize, image: &ImageReport) -> String {
    let tags = image.tags.iter().map(|tag| harmless_text(tag)).collect::<Vec<_>>().join(", ");
    let platform = match (&image.platform, &image.os, &image.architecture) {
        (Some(platform), ..) => harmless_text(&platform.to_string()),
        (None, Some(os), Some(architecture)) => harmless_text(&format!("{os}/{architecture}")),
        _ => "unknown platform".into(),
    };
    let tags = if tags.is_empty() { "no tag".into() } else { tags };
    format!("image {}  {tags}  {platform}\n", number + 1)
}

fn image_summary(image: &ImageReport) -> String {
    let mut out = String::new();
    if let Some(id) = &image.config_digest {
        out.push_str(&format!("  image ID         {id}\n"));
    }
    if let Some(digest) = &image.manifest_digest {
        out.push_str(&format!("  manifest digest  {digest}\n"));
    }
    if let (Some(merged), Some(efficiency)) = (&image.merged, &image.efficiency) {
        out.push_str(&format!(
            "  merged tree      {} paths, {}\n  not seen         {} of stored files\n  efficiency       {:.1} %",
            merged.paths,
            size(merged.bytes),
            size(image.shadowed_bytes.unwrap_or(0)),
            efficiency.score * 100.0
        ));
        if let Some(dive) = &image.dive {
            out.push_str(&format!(" (dive says {:.1} %)", dive.efficiency * 100.0));
        }
        out.push('\n');
    }
    out
}

fn layers(image: &ImageReport) -> Table {
    let mut table =
        new_table(&["#", "stored", "contributes", "total", "added", "modified", "removed", "diff_id", "instruction"]);
    right(&mut table, 1..7);
    for layer in &image.layers {
        let count = |pick: fn(&layerlab_core::report::Counts) -> u64| {
            layer.counts.as_ref().map_or("-".into(), |counts| pick(counts).to_string())
        };
        table.add_row([
            Cell::new(layer.index + 1),
            Cell::new(layer.blob_size.map_or("absent".into(), size)),
            Cell::new(layer.contribution_bytes.map_or("-".into(), signed_size)),
            Cell::new(layer.cumulative_bytes.map_or("-".into(), size)),
            Cell::new(count(|c| c.added)),
            Cell::new(count(|c| c.modified)),
            Cell::new(count(|c| c.removed)),
            Cell::new(seal(layer)),
            Cell::new(layer.created_by.as_deref().map_or("-".into(), |text| shorten(&harmless_text(text)))),
        ]);
    }
    table
}

/// `verified 8b762d78…`, or what else is true of it.
fn seal(layer: &LayerReport) -> String {
    let short = layer.diff_id.as_ref().map_or("", |id| id.0.short());
    match layer.diff_id_ok {
        Some(true) => format!("verified {short}"),
        Some(false) => format!("MISMATCH {short}"),
        None => format!("not checked {short}").trim_end().into(),
    }
}

fn subject(check: &Check) -> String {
    let what = match check.subject {
        Subject::ManifestDigest => "manifest digest",
        Subject::ManifestSize => "manifest size",
        Subject::ConfigDigest => "config digest",
        Subject::ConfigSize => "config size",
        Subject::BlobDigest => "blob digest",
        Subject::BlobSize => "blob size",
        Subject::DiffId => "diff_id",
        Subject::ChainId => "chain ID",
    };
    match check.layer {
        Some(layer) => format!("layer {} {what}", layer + 1),
        None => what.into(),
    }
}

/// Findings, one a line.
pub fn findings(out: &mut String, findings: &[Finding]) {
    for finding in findings {
        out.push_str(&format!("  {}\n", sentence(finding)));
    }
}

/// One line: severity, sentence, and the two values where something is not as declared.
pub fn sentence(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut line = format!("{severity}: {}", finding.message);
    if let (Some(expected), Some(found)) = (&finding.expected, &finding.found) {
        line.push_str(&format!(" Expected {expected}, found {found}."));
    }
    if let Some(offset) = finding.offset {
        line.push_str(&format!(" (byte {offset})"));
    }
    line
}

fn signed_size(bytes: i64) -> String {
    let sign = if bytes < 0 { "−" } else { "+" };
    format!("{sign}{}", size(bytes.unsigned_abs()))
}

/// An instruction is for recognising here; the whole text is in the JSON.
pub fn shorten(text: &str) -> String {
    const CHARS: usize = 60;
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// A table without lines.
pub fn new_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().copied());
    table
}

/// Numbers stand under each other.
pub fn right(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// The word a unit variant has in the report.
pub fn serde_word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
