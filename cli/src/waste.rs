//! `layerlab waste`: where the bytes went that no one sees, and what would save them.

use layerlab_core::{
    cost::bill::{By, Key, Line, bill},
    display::size,
    export::{csv, markdown},
    report::{Dive, Efficiency, ImageReport, document_to_json},
};
use serde::Serialize;

use crate::{args::WasteFormat, table};

/// Rows of each table.
const ROWS: usize = 20;

/// The text to print of one image.
pub fn waste(file: &str, number: usize, image: &ImageReport, format: WasteFormat) -> Vec<u8> {
    match (&image.efficiency, format) {
        (Some(efficiency), WasteFormat::Csv) => csv::ledger(efficiency),
        (_, WasteFormat::Json) => json(file, number, image),
        (_, WasteFormat::Markdown) => markdown::summary(file, image).into_bytes(),
        (Some(efficiency), WasteFormat::Table) => tables(number, image, efficiency).into_bytes(),
        (None, WasteFormat::Csv | WasteFormat::Table) => {
            let sentence = "A layer is absent, so it is not known what is seen.\n";
            (table::image_title(number, image) + sentence).into_bytes()
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    file: &'a str,
    /// From 1.
    image: usize,
    tags: &'a [String],
    shadowed_bytes: Option<u64>,
    efficiency: Option<&'a Efficiency>,
    dive: Option<&'a Dive>,
}

/// The report's own objects: docs/report.md says what is in them.
fn json(file: &str, number: usize, image: &ImageReport) -> Vec<u8> {
    document_to_json(&Document {
        schema: "layerlab.waste/1",
        file,
        image: number + 1,
        tags: &image.tags,
        shadowed_bytes: image.shadowed_bytes,
        efficiency: image.efficiency.as_ref(),
        dive: image.dive.as_ref(),
    })
}

fn tables(number: usize, image: &ImageReport, efficiency: &Efficiency) -> String {
    let mut out = table::image_title(number, image);
    let hidden = image.shadowed_bytes.unwrap_or_default();
    out.push_str(&format!("  efficiency {:.1} %: {} stored and not seen\n", efficiency.score * 100.0, size(hidden)));
    if let Some(dive) = &image.dive {
        let (score, wasted) = (dive.efficiency * 100.0, size(dive.wasted_bytes));
        out.push_str(&format!("  dive counts otherwise: {score:.1} %, {wasted} in paths that several layers have\n"));
    }
    if hidden > 0 {
        lines(&mut out, "by cause", efficiency, &By::Cause);
        lines(&mut out, "by layer", efficiency, &By::Layer);
        lines(&mut out, "by directory", efficiency, &By::Directory(String::new()));
        lines(&mut out, "by instruction", efficiency, &By::Instruction);
        largest(&mut out, efficiency);
    }
    leftovers(&mut out, efficiency);
    duplicates(&mut out, efficiency);
    out
}

fn lines(out: &mut String, title: &str, efficiency: &Efficiency, by: &By) {
    let lines = bill(efficiency, by);
    let mut table = table::new_table(&["bytes", "paths", title, "fix"]);
    table::right(&mut table, 0..2);
    for line in lines.iter().take(ROWS) {
        let fix = line.fix.map_or_else(String::new, |fix| match fix.saves == line.bytes {
            true => fix.to_string(),
            false => format!("{fix} (saves {})", size(fix.saves)),
        });
        table.add_row([size(line.bytes), line.rows.to_string(), key(line), fix]);
    }
    out.push_str(&format!("\n{table}\n"));
    rest(out, lines.len());
}

fn key(line: &Line) -> String {
    match &line.key {
        Key::Cause(cause) => table::serde_word(cause).replace('_', " "),
        Key::Layer(layer) => format!("layer {}", layer + 1),
        Key::Path(path) => path.clone(),
        Key::Instruction { layer, text } => {
            format!("{}  {}", layer + 1, table::shorten(text.as_deref().unwrap_or_default()))
        }
        Key::Fix { action, layer } => format!("{} {}", table::serde_word(action), layer + 1),
        Key::Others => "others".into(),
    }
}

fn largest(out: &mut String, efficiency: &Efficiency) {
    let mut table = table::new_table(&["bytes", "layer", "path", "cause", "by layer", "fix"]);
    table::right(&mut table, 0..2);
    for row in efficiency.ledger.iter().take(ROWS) {
        let cause = table::serde_word(&row.cause).replace('_', " ");
        let (layer, by) = ((row.layer + 1).to_string(), (row.by_layer + 1).to_string());
        table.add_row([size(row.bytes), layer, row.path.clone(), cause, by, row.fix.to_string()]);
    }
    out.push_str(&format!("\n{table}\n"));
    rest(out, efficiency.ledger.len() + efficiency.ledger_rest.rows as usize);
}

fn leftovers(out: &mut String, efficiency: &Efficiency) {
    if efficiency.leftovers.is_empty() {
        return;
    }
    let mut table = table::new_table(&["bytes", "files", "layer", "leftovers still seen", "removal", "fix"]);
    table::right(&mut table, 0..3);
    for row in efficiency.leftovers.iter().take(ROWS) {
        let (files, layer) = (row.files.to_string(), (row.layer + 1).to_string());
        let removal = row.known.removal().to_owned();
        table.add_row([size(row.bytes), files, layer, row.path.clone(), removal, row.fix.to_string()]);
    }
    out.push_str(&format!("\n{table}\n"));
    rest(out, efficiency.leftovers.len() + efficiency.leftovers_rest.rows as usize);
}

fn duplicates(out: &mut String, efficiency: &Efficiency) {
    if efficiency.duplicates.is_empty() {
        return;
    }
    let mut table = table::new_table(&["bytes", "copies", "the same content, seen at"]);
    table::right(&mut table, 0..2);
    for row in efficiency.duplicates.iter().take(ROWS) {
        let paths: Vec<&str> = row.paths.iter().take(3).map(|place| place.path.as_str()).collect();
        let more = if row.paths.len() > 3 { " …" } else { "" };
        table.add_row([size(row.wasted), row.copies.to_string(), paths.join("  ") + more]);
    }
    out.push_str(&format!("\n{table}\n"));
    rest(out, efficiency.duplicates.len() + efficiency.duplicates_rest.rows as usize);
}

fn rest(out: &mut String, rows: usize) {
    if rows > ROWS {
        out.push_str(&format!("… and {} more\n", rows - ROWS));
    }
}
