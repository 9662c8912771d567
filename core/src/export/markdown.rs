//! A summary of an image to paste into a review.

use std::fmt::Write;

use crate::{
    cost::bill::{By, Key, Line, bill},
    display::{harmless_text, size},
    report::{Cause, Efficiency, ImageReport, Leftover},
};

/// Rows of each table.
const ROWS: usize = 10;

/// GitHub's Markdown. Names from the archive are escaped: they cannot link, mention, or end a table.
pub fn summary(file: &str, image: &ImageReport) -> String {
    let mut out = String::new();
    let tags: Vec<String> = image.tags.iter().map(|tag| escaped(&harmless_text(tag))).collect();
    let title = if tags.is_empty() { escaped(&harmless_text(file)) } else { tags.join(", ") };
    let _ = writeln!(out, "### {title}\n");
    if let Some(id) = &image.config_digest {
        let _ = writeln!(out, "- image ID `{id}`");
    }
    let _ = writeln!(out, "- {} layers, {} stored", image.layers.len(), size(stored(image)));
    let (Some(merged), Some(efficiency)) = (&image.merged, &image.efficiency) else {
        out.push_str("- a layer is absent, so nothing is said of the merged tree\n");
        return out;
    };
    let hidden = image.shadowed_bytes.unwrap_or_default();
    let _ = writeln!(out, "- merged tree: {} paths, {}", merged.paths, size(merged.bytes));
    let _ = write!(out, "- efficiency {:.1} %, {} stored and not seen", efficiency.score * 100.0, size(hidden));
    if let Some(dive) = &image.dive {
        let _ = write!(out, " (dive: {:.1} %, {})", dive.efficiency * 100.0, size(dive.wasted_bytes));
    }
    out.push('\n');
    layers(&mut out, image);
    costs(&mut out, efficiency);
    leftovers(&mut out, &efficiency.leftovers);
    out
}

fn stored(image: &ImageReport) -> u64 {
    image.layers.iter().filter_map(|layer| layer.blob_size).fold(0, u64::saturating_add)
}

fn layers(out: &mut String, image: &ImageReport) {
    out.push_str("\n| layer | stored | contributes | instruction |\n|--:|--:|--:|---|\n");
    for layer in &image.layers {
        let contribution = layer.contribution_bytes.map_or_else(|| "–".into(), signed);
        let stored = layer.blob_size.map_or_else(|| "absent".into(), size);
        let instruction = cell(layer.created_by.as_deref().unwrap_or_default());
        let _ = writeln!(out, "| {} | {stored} | {contribution} | {instruction} |", layer.index + 1);
    }
}

fn costs(out: &mut String, efficiency: &Efficiency) {
    let lines = bill(efficiency, &By::Fix);
    if lines.is_empty() {
        return;
    }
    out.push_str("\n| saves | fix | largest loss |\n|--:|---|---|\n");
    for line in lines.iter().take(ROWS) {
        let _ = writeln!(out, "| {} | {} | {} |", size(line.bytes), fix(line), largest(efficiency, line));
    }
    rest(out, lines.len());
}

fn fix(line: &Line) -> String {
    line.fix.map_or_else(|| format!("{} smaller losses", line.rows), |fix| fix.to_string())
}

fn largest(efficiency: &Efficiency, line: &Line) -> String {
    let Key::Fix { action, layer } = line.key else { return String::new() };
    let row = efficiency.ledger.iter().find(|row| (row.fix.action, row.fix.layer) == (action, layer));
    row.map_or_else(String::new, |row| format!("{}, {}", cell(&row.path), cause(row.cause)))
}

fn leftovers(out: &mut String, leftovers: &[Leftover]) {
    if leftovers.is_empty() {
        return;
    }
    out.push_str("\nStill in the image, and removable:\n\n| bytes | layer | place | removal |\n|--:|--:|---|---|\n");
    for row in leftovers.iter().take(ROWS) {
        let (bytes, layer) = (size(row.bytes), row.layer + 1);
        let _ = writeln!(out, "| {bytes} | {layer} | {} | `{}` |", cell(&row.path), row.known.removal());
    }
    rest(out, leftovers.len());
}

fn rest(out: &mut String, rows: usize) {
    if rows > ROWS {
        let _ = writeln!(out, "\n… and {} further rows.", rows - ROWS);
    }
}

fn signed(bytes: i64) -> String {
    format!("{}{}", if bytes < 0 { "−" } else { "+" }, size(bytes.unsigned_abs()))
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Overwritten => "overwritten",
        Cause::MetadataOnly => "only mode or owner changed",
        Cause::TimeOnly => "only the time changed",
        Cause::RepeatedInLayer => "twice in its layer",
        Cause::Deleted => "deleted",
        Cause::DeletedWithDirectory => "deleted with its directory",
        Cause::HiddenByOpaque => "hidden by an opaque directory",
        Cause::DirectoryReplaced => "its directory was replaced",
        Cause::NoPath => "no path",
    }
}

/// Short and on one line.
fn cell(text: &str) -> String {
    const CHARS: usize = 80;
    let text = harmless_text(text);
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(&text),
    }
}

/// Every character that Markdown, or a forge that shows it, gives a meaning.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // A backslash before these is text in Markdown, but a forge still sees a mention, a reference or a link.
            '@' | '#' | ':' | '&' | '<' | '>' | '|' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c.is_ascii_punctuation()
                && !matches!(c, '.' | ',' | '/' | '-' | '=' | ';' | '\'' | '"' | '+' | '%') =>
            {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{BlobId, Outer},
        limits::Limits,
        report::{
            assemble,
            testing::{archive, image, layer, reading},
        },
        tree::testing::{file, whiteout},
    };

    fn report() -> ImageReport {
        let base = reading("base", &[file("a|b", "12345"), file("var/lib/apt/lists/x", "123")]);
        let top = reading("top", &[whiteout("a|b")]);
        let mut image = image(vec![layer(0, &base.summary), layer(1, &top.summary)]);
        image.tags = vec!["[x](javascript:alert) @team #1 <b>".into()];
        image.layers[0].created_by = Some("RUN make".into());
        image.layers[1].created_by = Some("RUN rm a | tee\n\u{1b}[31m `b`".into());
        let readings = [(BlobId(0), Ok(base)), (BlobId(1), Ok(top))].into();
        assemble(&archive(vec![image]), "x.tar", 0, Outer::None, &readings, &Limits::default()).images.remove(0)
    }

    #[test]
    fn a_summary_has_the_layers_the_fixes_and_the_leftovers() {
        let text = summary("x.tar", &report());
        for line in [
            "- 2 layers, 200 B stored",
            "- merged tree: 5 paths, 3 B",
            "| 1 | 100 B | +8 B | RUN make |",
            "| 5 B | remove it in layer 1's own instruction | a&#124;b, deleted |",
            "| 3 B | 1 | var/lib/apt/lists | `rm -rf /var/lib/apt/lists/*` |",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let text = summary("x.tar", &report());
        assert!(!text.contains('\u{1b}') && !text.contains("@team") && !text.contains("<b>"), "{text}");
        assert!(text.starts_with("### \\[x\\]\\(javascript&#58;alert\\) &#64;team &#35;1 &#60;b&#62;"), "{text}");
        assert!(text.contains("| RUN rm a &#124; tee\\\\n\\\\u\\{1b\\}\\[31m \\`b\\` |"), "{text}");
    }
}
