//! `layerlab diff`: two images held against each other.

use layerlab_core::{
    compare::{Comparison, DiffDocument, LayerRow, PathRow, document, to_json},
    display::{harmless_text, size},
    export::csv,
    report::ImageReport,
};

use crate::{args::DiffFormat, table};

/// Paths that the table shows.
const ROWS: usize = 60;
/// Paths that the JSON and the CSV hold.
const DOCUMENT_ROWS: usize = 1_000_000;

/// The text to print.
pub fn diff(comparison: &Comparison, a: &ImageReport, b: &ImageReport, format: DiffFormat) -> Vec<u8> {
    match format {
        DiffFormat::Json => to_json(&document(comparison, a, b, DOCUMENT_ROWS)),
        DiffFormat::Csv => csv::diff(&document(comparison, a, b, DOCUMENT_ROWS)),
        DiffFormat::Table => tables(&document(comparison, a, b, ROWS), a, b).into_bytes(),
    }
}

fn tables(document: &DiffDocument, a: &ImageReport, b: &ImageReport) -> String {
    let mut out = format!("{}\n\n{}\n", document.sentence, layers(document, a, b));
    if !document.config.is_empty() {
        let mut table = table::new_table(&["config", "a", "b"]);
        for change in &document.config {
            let mut field = table::serde_word(&change.field);
            if let Some(key) = &change.key {
                field = format!("{field} {}", harmless_text(key));
            }
            let value = |value: &Option<String>| {
                value.as_deref().map_or("-".into(), |text| table::shorten(&harmless_text(text)))
            };
            table.add_row([field, value(&change.a), value(&change.b)]);
        }
        out.push_str(&format!("\n{table}\n"));
    }
    if !document.paths.is_empty() {
        let mut table = table::new_table(&["", "path", "differs in", "a", "b"]);
        table::right(&mut table, 3..5);
        for row in &document.paths {
            let aspects: Vec<&str> = row.aspects.iter().map(|aspect| aspect.as_str()).collect();
            let bytes = |bytes: Option<u64>| bytes.map_or_else(|| "-".into(), size);
            table.add_row([row.change.clone(), path(row), aspects.join(", "), bytes(row.size_a), bytes(row.size_b)]);
        }
        out.push_str(&format!("\n{table}\n"));
    }
    if document.paths_rest.rows > 0 {
        out.push_str(&format!("… and {} more paths\n", document.paths_rest.rows));
    }
    out
}

fn path(row: &PathRow) -> String {
    let kind = row.type_b.as_deref().or(row.type_a.as_deref());
    if kind == Some("dir") { format!("{}/", row.path) } else { row.path.clone() }
}

fn layers(document: &DiffDocument, a: &ImageReport, b: &ImageReport) -> String {
    let mut table = table::new_table(&["layers", "a", "b", "stored", "instruction"]);
    table::right(&mut table, 1..4);
    let layer = |image: &ImageReport, index: u64| {
        let layer = usize::try_from(index).ok().and_then(|index| image.layers.get(index));
        let stored = layer.and_then(|layer| layer.blob_size).map_or_else(|| "absent".into(), size);
        let instruction = layer.and_then(|layer| layer.created_by.as_deref()).unwrap_or_default();
        (stored, table::shorten(&harmless_text(instruction)))
    };
    for row in &document.layers.rows {
        let (word, of_a, of_b, (stored, instruction)) = match *row {
            LayerRow::Shared { a: of_a, b: of_b, same_blob } => {
                let word = match (of_a < document.layers.trunk, same_blob) {
                    (true, true) => "shared",
                    (false, true) => "shared, on others",
                    (_, false) => "shared, stored otherwise",
                };
                (word, Some(of_a), Some(of_b), layer(a, of_a))
            }
            LayerRow::OnlyA(of_a) => ("only in a", Some(of_a), None, layer(a, of_a)),
            LayerRow::OnlyB(of_b) => ("only in b", None, Some(of_b), layer(b, of_b)),
        };
        let number = |index: Option<u64>| index.map_or_else(|| "-".into(), |index| (index + 1).to_string());
        table.add_row([word.into(), number(of_a), number(of_b), stored, instruction]);
    }
    format!("{table}\n")
}
