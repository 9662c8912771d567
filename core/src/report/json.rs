//! The report as bytes.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::Report;

/// JSON, indented by one space, with a newline at the end: the same bytes for the same report, everywhere.
pub fn to_json(report: &Report) -> Vec<u8> {
    document_to_json(report)
}

/// Any document of this crate in that form.
pub fn document_to_json(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
    document.serialize(&mut serializer).expect("documents have string keys only, and a vector takes every byte");
    bytes.push(b'\n');
    bytes
}
