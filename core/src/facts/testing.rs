//! Layers as tars and scans, written as lists of paths and texts.

use super::{contents::Walk, scan::LayerScan};
use crate::limits::Limits;

/// The tar of a layer of files.
pub fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// What a scan keeps of a layer of files.
pub fn scan(files: &[(&str, &str)]) -> LayerScan {
    let limits = Limits::default();
    let mut walk = Walk::new(LayerScan::new(&limits), &limits);
    walk.push(&tar(files));
    walk.into_visitor()
}
