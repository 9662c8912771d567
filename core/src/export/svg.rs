//! The strata picture of an image as an SVG document.
//!
//! It is pure text without scripts, styles or references; every name from the archive is escaped. Even so a page
//! shows such a document as an image only, where nothing in it can run.

use std::fmt::Write;

use crate::{
    display::{harmless_text, size},
    report::{ImageReport, LayerReport},
};

const WIDTH: u32 = 960;
const MARGIN: u32 = 24;
const HEAD: u32 = 84;
const SLAB: u32 = 44;
const GAP: u32 = 6;
/// Where the bar of stored bytes begins and how long it can be.
const BAR: (u32, f64) = (560, 220.0);
/// More slabs than these are no picture: those between the ends are counted.
const SLABS: usize = 120;

/// Base at the bottom, the merged view on top.
pub fn strata(file: &str, image: &ImageReport) -> String {
    let layers = &image.layers;
    let shown: Vec<Shown<'_>> = shown(layers);
    let height = HEAD + 2 * MARGIN + (shown.len() as u32 + 1) * (SLAB + GAP);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"#22252b\">\n"
    );
    let tags: Vec<String> = image.tags.iter().map(|tag| harmless_text(tag)).collect();
    let name = if tags.is_empty() { harmless_text(file) } else { tags.join(", ") };
    let _ = writeln!(out, "<title>{}</title>", escaped(&name));
    let _ = writeln!(out, "<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#faf8f3\"/>");
    text(&mut out, (MARGIN, 46), "font-size=\"20\" font-weight=\"600\"", &cut(&name, 80));
    text(&mut out, (MARGIN, 72), "fill=\"#5c626b\"", &subtitle(image));
    let mut y = HEAD + MARGIN;
    merged(&mut out, y, image);
    let largest = layers.iter().filter_map(|layer| layer.blob_size).max().unwrap_or(0).max(1);
    for slab in &shown {
        y += SLAB + GAP;
        match slab {
            Shown::Layer(layer) => draw(&mut out, y, layer, largest),
            Shown::LeftOut(count) => {
                let words = format!("… {count} layers …");
                text(&mut out, (WIDTH / 2, y + 27), "text-anchor=\"middle\" fill=\"#5c626b\"", &words);
            }
        }
    }
    out.push_str("</svg>\n");
    out
}

enum Shown<'a> {
    Layer(&'a LayerReport),
    LeftOut(usize),
}

/// Top first.
fn shown(layers: &[LayerReport]) -> Vec<Shown<'_>> {
    let all = layers.iter().rev().map(Shown::Layer);
    if layers.len() <= SLABS {
        return all.collect();
    }
    let (top, bottom) = (SLABS / 2, SLABS - SLABS / 2);
    let ends = all.enumerate().filter(|(at, _)| *at < top || *at >= layers.len() - bottom).map(|(_, slab)| slab);
    let mut shown: Vec<_> = ends.collect();
    shown.insert(top, Shown::LeftOut(layers.len() - SLABS));
    shown
}

fn subtitle(image: &ImageReport) -> String {
    let stored = image.layers.iter().filter_map(|layer| layer.blob_size).fold(0, u64::saturating_add);
    let mut words = format!("{} layers, {} stored", image.layers.len(), size(stored));
    if let Some(efficiency) = &image.efficiency {
        let hidden = size(image.shadowed_bytes.unwrap_or_default());
        let _ = write!(words, ", efficiency {:.1} %, {hidden} stored and not seen", efficiency.score * 100.0);
    }
    words
}

fn merged(out: &mut String, y: u32, image: &ImageReport) {
    let words = match &image.merged {
        Some(merged) => format!("merged view: {} paths, {}", merged.paths, size(merged.bytes)),
        None => "merged view: not computed, a layer is absent".into(),
    };
    let _ = writeln!(
        out,
        "<rect x=\"{MARGIN}\" y=\"{y}\" width=\"{}\" height=\"{SLAB}\" rx=\"8\" fill=\"#fffdf8\" stroke=\"#bdb7a8\"/>",
        WIDTH - 2 * MARGIN
    );
    text(out, (MARGIN + 16, y + 27), "font-weight=\"600\"", &words);
}

fn draw(out: &mut String, y: u32, layer: &LayerReport, largest: u64) {
    // The hues of the page: the golden angle keeps neighbours apart.
    let hue = (layer.index.wrapping_mul(137) + 35) % 360;
    let absent = layer.blob_size.is_none();
    let dash = if absent { " stroke-dasharray=\"6 4\"" } else { "" };
    let fill = if absent { "none".into() } else { format!("hsl({hue} 45% 86%)") };
    let width = WIDTH - 2 * MARGIN;
    let _ = writeln!(
        out,
        "<rect x=\"{MARGIN}\" y=\"{y}\" width=\"{width}\" height=\"{SLAB}\" rx=\"8\" fill=\"{fill}\" \
         stroke=\"hsl({hue} 40% 55%)\"{dash}/>"
    );
    let line = y + 27;
    text(out, (MARGIN + 16, line), "font-weight=\"600\"", &(layer.index + 1).to_string());
    let instruction = layer.created_by.as_deref().filter(|text| !text.is_empty()).unwrap_or(&layer.path);
    text(out, (MARGIN + 56, line), "", &cut(&harmless_text(instruction), 62));
    let bytes = layer.blob_size.unwrap_or(0);
    let bar = (bytes as f64 / largest as f64) * BAR.1;
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{bar:.1}\" height=\"10\" rx=\"3\" fill=\"hsl({hue} 45% 55%)\"/>",
        BAR.0,
        y + 17
    );
    let stored = if absent { "absent".into() } else { size(bytes) };
    text(out, (WIDTH - MARGIN - 92, line), "text-anchor=\"end\"", &stored);
    let (seal, colour) = match layer.diff_id_ok {
        Some(true) => ("✓ verified", "#1c6f47"),
        Some(false) => ("≠ mismatch", "#a4133c"),
        None => ("not checked", "#5c626b"),
    };
    let style = format!("text-anchor=\"end\" font-size=\"12\" fill=\"{colour}\"");
    text(out, (WIDTH - MARGIN - 12, line), &style, seal);
}

fn text(out: &mut String, (x, y): (u32, u32), attributes: &str, words: &str) {
    let space = if attributes.is_empty() { "" } else { " " };
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\"{space}{attributes}>{}</text>", escaped(words));
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// XML's five, and nothing that XML 1.0 forbids: harmless text has no control characters, and noncharacters are
/// written out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_unicode()),
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
            testing::{absent_layer, archive, image, layer, reading, summary},
        },
        tree::testing::file,
    };

    fn picture(tag: &str, instruction: &str, layers: usize) -> String {
        let base = reading("base", &[file("a", "12345")]);
        let mut image = image(vec![layer(0, &base.summary); layers]);
        image.layers.push(absent_layer(&summary("absent")));
        image.tags = vec![tag.into()];
        image.layers[0].created_by = Some(instruction.into());
        let readings = [(BlobId(0), Ok(base))].into();
        strata("x", &assemble(&archive(vec![image]), "x", 0, Outer::None, &readings, &Limits::default()).images[0])
    }

    #[test]
    fn the_base_is_at_the_bottom_and_an_absent_layer_is_dashed() {
        let svg = picture("app:1", "COPY a /", 1);
        let at = |needle: &str| svg.find(needle).unwrap_or_else(|| panic!("{needle} is not in {svg}"));
        assert!(at("app:1") < at("merged view") && at("merged view") < at(">absent<"));
        assert!(at(">absent<") < at("COPY a /"));
        assert_eq!(svg.matches("stroke-dasharray").count(), 1);
    }

    #[test]
    fn hostile_names_stay_text() {
        let svg = picture("<script>alert(1)</script>", "\"/><image href='x' onerror=\u{1b}\u{ffff}&", 1);
        assert!(!svg.contains("<script") && !svg.contains("<image") && !svg.contains(['\u{1b}', '\u{ffff}']), "{svg}");
        assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{svg}");
    }

    #[test]
    fn ten_thousand_layers_are_shown_by_their_ends() {
        let svg = picture("x:1", "", 9_999);
        assert!(svg.contains("… 9880 layers …") && svg.len() < 200_000);
    }
}
