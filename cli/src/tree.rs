//! `layerlab tree`: a reading of an image's layers as lines.

use std::{fmt::Write, path::Path, rc::Rc};

use layerlab_core::{
    archive::LayerSource,
    display::{harmless_text, size},
    error::ArchiveError,
    explore::{Change, Kind, Reading, Row, Timeline, TreeView, row::permissions},
    layer::LayerReading,
    limits::Limits,
    report::Readings,
};

use crate::{analysis::Analysis, args::TreeArgs, read};

/// The tree as text, or the sentence that says why there is none.
pub fn tree(args: &TreeArgs) -> Result<Result<String, String>, ArchiveError> {
    let Analysis { opened, readings, .. } = Analysis::read(&args.file, read::random_key())?;
    let limits = Limits::default();
    let Some(image) = args.image.checked_sub(1).and_then(|at| opened.plan.images.get(at)) else {
        return Ok(Err(format!("{} has {} images.", name(&args.file), opened.plan.images.len())));
    };
    let sources: Vec<&LayerSource> = image.layers.iter().map(|layer| &layer.source).collect();
    let layers: Vec<&LayerReading> = sources.iter().map_while(|source| reading(source, &readings)).collect();
    let timeline = Timeline::new(layers.iter().map(|layer| (&layer.changeset, layer.summary.regular_bytes)), &limits);
    let reading = match chosen(args, timeline.height(), sources.len()) {
        Ok(reading) => reading,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let mut view = TreeView::new(Rc::new(timeline), reading);
    view.expand_all();
    Ok(Ok(lines(&view)))
}

fn reading<'r>(source: &LayerSource, readings: &'r Readings) -> Option<&'r LayerReading> {
    match source {
        LayerSource::Blob(blob) => readings.get(blob)?.as_ref().ok(),
        LayerSource::Absent(_) => None,
    }
}

/// Layers are numbered from 1 here, as in every table of the command line.
fn chosen(args: &TreeArgs, height: u32, layers: usize) -> Result<Reading, String> {
    let index = |layer: u32| {
        layer.checked_sub(1).filter(|&layer| layer < height).ok_or_else(|| {
            let readable =
                if height as usize == layers { String::new() } else { format!(", of which {height} can be read") };
            format!("There is no layer {layer}: the image has {layers} layers{readable}.")
        })
    };
    match (args.layer, args.from, args.to) {
        (_, Some(from), to) => {
            let from = if from == 0 { None } else { Some(index(from)?) };
            Ok(Reading::Range { from, to: index(to.unwrap_or(height))? })
        }
        (Some(layer), ..) if args.changes => Ok(Reading::Own { layer: index(layer)? }),
        (Some(layer), ..) => Ok(Reading::Merged { layer: index(layer)? }),
        _ if args.changes => Ok(Reading::Own { layer: index(height)? }),
        _ => Ok(Reading::Merged { layer: index(height)? }),
    }
}

fn lines(view: &TreeView) -> String {
    let mut out = String::new();
    let rows = view.rows(0..usize::MAX);
    let width = rows.iter().map(|row| size(row.size).len()).max().unwrap_or(0);
    for row in &rows {
        let path = view.timeline().paths().display(row.path);
        let sign = row.change.sign();
        let bytes = if matches!(row.kind, Kind::File | Kind::HardLink | Kind::Directory) {
            size(row.size)
        } else {
            String::new()
        };
        let layer = row.layer + 1;
        let owner = format!("{}:{}", row.metadata.uid, row.metadata.gid);
        let _ = writeln!(out, "{sign} {} {owner:>9} {bytes:>width$} {layer:>3}  {path}{}", mode(row), details(row));
    }
    let summary = view.summary();
    let counts: Vec<String> = summary
        .changes
        .iter()
        .filter(|(_, paths)| *paths > 0)
        .map(|&(change, paths)| format!("{paths} {}", words(change)))
        .collect();
    let sign = if summary.contribution < 0 { '-' } else { '+' };
    let contribution = size(summary.contribution.unsigned_abs());
    let _ = writeln!(out, "\n{}; {}, {sign}{contribution}", counts.join(", "), size(summary.bytes));
    out
}

fn details(row: &Row) -> String {
    match (&row.target, row.device) {
        (Some(target), _) => format!(" -> {target}"),
        (None, Some(device)) => format!(" ({}, {})", device.major, device.minor),
        _ if row.kind == Kind::HardLink => " (hard link)".into(),
        _ => String::new(),
    }
}

/// As `ls -l` prints it.
fn mode(row: &Row) -> String {
    let kind = match row.kind {
        Kind::Directory => 'd',
        Kind::File | Kind::HardLink => '-',
        Kind::Symlink => 'l',
        Kind::CharDevice => 'c',
        Kind::BlockDevice => 'b',
        Kind::Fifo => 'p',
        Kind::Other => '?',
    };
    format!("{kind}{}", permissions(row.metadata.mode))
}

fn words(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Content => "with other content",
        Change::Metadata => "with other metadata",
        Change::Type => "of another type",
        Change::Removed => "removed",
        Change::Relisted => "listed again",
        Change::Unmodified => "unmodified",
    }
}

fn name(file: &Path) -> String {
    harmless_text(&file.to_string_lossy())
}
