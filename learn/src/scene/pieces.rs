//! What each layer has in each column, and what hides it.

use std::collections::BTreeMap;

use layerlab_core::overlay::{FileType, Inode, Kind, LayerNo, MergedPath, Overlay, Part};

use super::{Piece, PieceKey, PieceKind, Seen, columns::Columns};

/// All paths of all layers, and of the merged view.
pub(super) struct Table {
    /// Top first.
    parts: BTreeMap<MergedPath, Vec<(Part, PartKind)>>,
    merged: BTreeMap<MergedPath, (LayerNo, LayerNo, FileType)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PartKind {
    Directory { opaque: bool },
    Whiteout,
    Other(FileType),
}

impl Table {
    pub fn of(overlay: &Overlay) -> Self {
        let kind = |inode: &Inode| match inode.file_type() {
            FileType::Directory => PartKind::Directory { opaque: inode.overlay.opaque },
            _ if inode.is_whiteout() => PartKind::Whiteout,
            other => PartKind::Other(other),
        };
        let parts = overlay
            .columns()
            .into_iter()
            .map(|(path, parts)| (path, parts.into_iter().map(|part| (part, kind(overlay.part(part)))).collect()));
        let merged = overlay
            .merged()
            .into_iter()
            .map(|entry| (entry.path, (entry.part.layer, entry.data_layer, entry.inode.file_type())));
        Self { parts: parts.collect(), merged: merged.collect() }
    }

    /// Every path, and whether anything there is a directory.
    pub fn paths(&self) -> impl Iterator<Item = (&MergedPath, bool)> {
        let is_directory = |kind: &PartKind| matches!(kind, PartKind::Directory { .. });
        let of_layers =
            self.parts.iter().map(move |(path, parts)| (path, parts.iter().any(|(_, kind)| is_directory(kind))));
        // Under a redirect there are paths that no layer has by that name.
        let redirected = self.merged.iter().filter(|(path, _)| !self.parts.contains_key(*path));
        of_layers.chain(redirected.map(|(path, (_, _, file_type))| (path, *file_type == FileType::Directory)))
    }
}

/// Which layers are cut off from view at which paths.
pub(super) struct Below {
    /// For a path the topmost layer that lets nothing of the layers below show under it.
    walls: BTreeMap<MergedPath, LayerNo>,
    notches: Vec<PieceKey>,
}

impl Below {
    pub fn of(overlay: &Overlay, table: &Table) -> Self {
        let mut walls = BTreeMap::new();
        let mut notches = Vec::new();
        for (path, parts) in &table.parts {
            let wall = parts.iter().find(|(_, kind)| *kind != PartKind::Directory { opaque: false });
            if let Some((part, _)) = wall {
                walls.insert(path.clone(), part.layer);
            }
            for pair in parts.windows(2) {
                let [(part, upper), (below, lower)] = pair else { continue };
                if let (PartKind::Other(_), PartKind::Other(_)) = (upper, lower)
                    && is_change_of_metadata(overlay.part(*part), overlay.part(*below))
                {
                    notches.push(PieceKey { layer: part.layer, path: path.clone() });
                }
            }
        }
        Self { walls, notches }
    }

    /// Whether something above `layer` hides what it has at `path`.
    fn hides(&self, path: &MergedPath, layer: LayerNo) -> bool {
        let above = |path: &MergedPath| self.walls.get(path).is_some_and(|wall| *wall > layer);
        above(path) || path.ancestors().iter().any(above)
    }
}

fn is_change_of_metadata(upper: &Inode, lower: &Inode) -> bool {
    if upper.overlay.metacopy {
        return true;
    }
    let same_content = match (&upper.kind, &lower.kind) {
        (Kind::File(a), Kind::File(b)) => a.is_same(b),
        (a, b) => a == b,
    };
    same_content
        && (upper.mode, upper.uid, upper.gid, &upper.xattrs) != (lower.mode, lower.uid, lower.gid, &lower.xattrs)
}

pub(super) fn pieces(overlay: &Overlay, table: &Table, columns: &Columns, below: &Below) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut folded: BTreeMap<(LayerNo, usize), (usize, bool)> = BTreeMap::new();
    for (path, parts) in &table.parts {
        let Some(span) = columns.span(path) else {
            // Behind a folded directory: it counts there.
            let shown = path.ancestors().into_iter().rev().find_map(|ancestor| columns.span(&ancestor));
            if let Some(span) = shown {
                for (part, _) in parts {
                    let entry = folded.entry((part.layer, span.start)).or_insert((0, true));
                    entry.0 += 1;
                    entry.1 &= below.hides(path, part.layer);
                }
            }
            continue;
        };
        let has_columns_under = columns.columns.get(span.start).is_none_or(|column| column.path != *path);
        for (part, kind) in parts {
            let key = PieceKey { layer: part.layer, path: path.clone() };
            let kind = match kind {
                PartKind::Directory { opaque: true } => PieceKind::OpaqueTray,
                PartKind::Directory { .. } if has_columns_under => PieceKind::Tray,
                PartKind::Directory { .. } => PieceKind::Tile(FileType::Directory),
                PartKind::Whiteout => PieceKind::Lid,
                PartKind::Other(file_type) => PieceKind::Tile(*file_type),
            };
            // A tray is drawn under the files of its directory; one that holds only directories would add nothing.
            let is_plain_tray = kind == PieceKind::Tray;
            let span = if is_plain_tray {
                match columns.brackets.iter().find(|bracket| bracket.path == *path) {
                    Some(bracket) => bracket.span.clone(),
                    None => continue,
                }
            } else {
                span.clone()
            };
            // A lid of a lower layer hides, and may itself be hidden or have become needless: it is dimmed then too.
            let hidden = below.hides(path, part.layer) && !is_data(overlay, table, &key);
            let notch = below.notches.contains(&key);
            pieces.push(Piece { key, span, kind, hidden, notch });
        }
    }
    for piece in &mut pieces {
        if let Some((count, hidden)) = folded.get(&(piece.key.layer, piece.span.start))
            && columns.columns.get(piece.span.start).is_some_and(|column| column.folded.is_some())
            && piece.kind == PieceKind::Tile(FileType::Directory)
        {
            piece.kind = PieceKind::Folded(*count);
            piece.hidden = *hidden;
        }
    }
    pieces.sort_by(|a, b| (a.key.layer, a.span.start, &a.key.path).cmp(&(b.key.layer, b.span.start, &b.key.path)));
    pieces
}

/// Whether the bytes of a file that was copied up without its data are here.
fn is_data(overlay: &Overlay, table: &Table, key: &PieceKey) -> bool {
    key.layer != overlay.upper_no()
        && table.merged.get(&key.path).is_some_and(|(layer, data, _)| layer != data && *data == key.layer)
}

pub(super) fn seen(table: &Table, columns: &Columns) -> Vec<Seen> {
    columns
        .columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| {
            let (layer, data, file_type) = *table.merged.get(&column.path)?;
            let under = |path: &&MergedPath| column.path.is_ancestor_of(path);
            let folded = column.folded.map(|_| table.merged.keys().filter(under).count());
            Some(Seen { column: at, path: column.path.clone(), layer, data, file_type, folded })
        })
        .collect()
}
