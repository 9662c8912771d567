//! Tables for spreadsheets (RFC 4180, UTF-8), with names that a spreadsheet would take for formulas defused.

use std::io;

use ::csv::Writer;

use crate::{
    compare::DiffDocument,
    path::PathId,
    report::{Efficiency, ImageReport},
    tree::{InodeKind, UnionTree, View, compare_paths},
};

/// The ledger of an image, in the report's order; a last row has what the bound on rows left out.
pub fn ledger(efficiency: &Efficiency) -> Vec<u8> {
    let header =
        ["cause", "layer", "path", "bytes", "by_layer", "by_instruction", "known", "fix", "fix_layer", "saves"];
    let mut table = Table::new(&header);
    for row in &efficiency.ledger {
        table.row([
            word(&row.cause),
            number(row.layer + 1),
            text(&row.path),
            number(row.bytes),
            number(row.by_layer + 1),
            text(row.by_instruction.as_deref().unwrap_or_default()),
            row.known.map_or_else(String::new, |known| known.as_str().into()),
            word(&row.fix.action),
            number(row.fix.layer + 1),
            number(row.fix.saves),
        ]);
    }
    let rest = efficiency.ledger_rest;
    if rest.rows > 0 {
        let mut row: [String; 10] = Default::default();
        (row[0], row[2], row[3]) = ("others".into(), format!("{} rows", rest.rows), number(rest.bytes));
        table.row(row);
    }
    table.finish()
}

/// The merged tree, sorted by path, as an image's last layer leaves it. Layers are numbered from 1.
pub fn tree(tree: &UnionTree) -> Vec<u8> {
    let header = ["path", "type", "size", "mode", "uid", "gid", "mtime", "layer", "target"];
    let mut table = Table::new(&header);
    let paths = tree.paths();
    let mut living: Vec<PathId> = tree.living().map(|view| view.path).collect();
    living.sort_by(|&a, &b| compare_paths(paths, a, b));
    for view in living.into_iter().filter_map(|path| tree.get(path)) {
        table.row(tree_row(tree, &view));
    }
    table.finish()
}

/// What differs between two images, in the document's order; a last row counts what its bound left out.
pub fn diff(document: &DiffDocument) -> Vec<u8> {
    let mut table = Table::new(&["change", "path", "aspects", "type_a", "type_b", "size_a", "size_b"]);
    for row in &document.paths {
        let aspects: Vec<&str> = row.aspects.iter().map(|aspect| aspect.as_str()).collect();
        let size = |size: Option<u64>| size.map_or_else(String::new, number);
        table.row([
            row.change.clone(),
            text(&row.path),
            aspects.join(" "),
            row.type_a.clone().unwrap_or_default(),
            row.type_b.clone().unwrap_or_default(),
            size(row.size_a),
            size(row.size_b),
        ]);
    }
    if document.paths_rest.rows > 0 {
        let mut row: [String; 7] = Default::default();
        (row[0], row[1]) = ("others".into(), format!("{} rows", document.paths_rest.rows));
        table.row(row);
    }
    table.finish()
}

/// The layers of an image, base first.
pub fn layers(image: &ImageReport) -> Vec<u8> {
    let header = ["layer", "stored", "unpacked", "contribution", "cumulative", "diff_id", "instruction"];
    let mut table = Table::new(&header);
    for layer in &image.layers {
        let or_empty = |value: Option<u64>| value.map_or_else(String::new, number);
        table.row([
            number(layer.index + 1),
            or_empty(layer.blob_size),
            or_empty(layer.tar_size),
            layer.contribution_bytes.map_or_else(String::new, |bytes| bytes.to_string()),
            or_empty(layer.cumulative_bytes),
            layer.diff_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            text(&crate::display::harmless_text(layer.created_by.as_deref().unwrap_or_default())),
        ]);
    }
    table.finish()
}

/// A cell from an archive. A spreadsheet evaluates what begins with `=`, `+`, `-` or `@`, also behind blanks, tabs and
/// line breaks: such a cell gets an apostrophe, which marks text.
pub fn text(cell: &str) -> String {
    let first = cell.trim_start().chars().next();
    // Full-width forms too: some locales' spreadsheets read them as the narrow ones.
    let formula = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    let breaks = cell.starts_with(['\t', '\r', '\n']);
    if formula || breaks { format!("'{cell}") } else { cell.into() }
}

fn tree_row(tree: &UnionTree, view: &View<'_>) -> [String; 9] {
    let inode = view.inode;
    let target = match inode.kind {
        InodeKind::Symlink { target } => text(&crate::display::harmless(tree.target(target))),
        InodeKind::CharDevice(number) | InodeKind::BlockDevice(number) => format!("{}:{}", number.major, number.minor),
        _ => String::new(),
    };
    let metadata = &inode.metadata;
    [
        text(&tree.paths().display(view.path)),
        view.word.into(),
        number(inode.size),
        format!("{:04o}", metadata.mode),
        number(metadata.uid.into()),
        number(metadata.gid.into()),
        metadata.mtime.to_string(),
        number(u64::from(view.layer) + 1),
        target,
    ]
}

fn number(number: u64) -> String {
    number.to_string()
}

/// The word a unit variant has in the report.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

struct Table(Writer<Vec<u8>>);

impl Table {
    fn new(header: &[&str]) -> Self {
        let mut table = Self(Writer::from_writer(Vec::new()));
        table.record(header);
        table
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.record(&cells);
    }

    fn record<T: AsRef<[u8]>>(&mut self, cells: &[T]) {
        self.0.write_record(cells).expect("a vector takes every byte, and all rows have the header's length");
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().map_err(|error| io::Error::other(error.to_string())).expect("a vector takes every byte")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{dir, file, symlink, tree as union};

    #[test]
    fn formulas_are_text() {
        for (cell, written) in [
            ("usr/bin/env", "usr/bin/env"),
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1", "'+1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\tx", "'\tx"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(text(cell), written);
        }
    }

    #[test]
    fn a_tree_is_sorted_and_quoted() {
        let tree = union(&[&[
            dir("etc"),
            file("etc/a,b", "123").mode(0o600),
            file("=cmd|'x'!A0", ""),
            symlink("etc/l\"q", "a\nb"),
        ]]);
        assert_eq!(
            String::from_utf8(super::tree(&tree)).unwrap(),
            "path,type,size,mode,uid,gid,mtime,layer,target\n\
             '=cmd|'x'!A0,file,0,0644,0,0,0,1,\n\
             etc,dir,0,0755,0,0,0,1,\n\
             \"etc/a,b\",file,3,0600,0,0,0,1,\n\
             \"etc/l\"\"q\",symlink,0,0777,0,0,0,1,a\\nb\n"
        );
    }
}
