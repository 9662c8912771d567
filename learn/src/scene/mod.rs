//! What the picture shows, before anything has a place: a pure function of a union mount.
//!
//! A layer is a slab, a path is a column, and what a layer has at a path is a piece in that slab over that column.

mod columns;
mod film;
mod pieces;

use std::{collections::BTreeMap, ops::Range};

use layerlab_core::overlay::{FileType, LayerNo, MergedPath, Overlay};

use self::{
    columns::Columns,
    pieces::{Below, Table},
};
pub use self::{
    columns::{Bracket, Column},
    film::{Film, Movement, PieceKey, Place, Step},
};

/// What belongs to the picture and is not in the mount.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backdrop {
    /// For each read-only layer, base first, the instruction that made it.
    pub made_by: Vec<String>,
    /// Their sizes, where they are not those of the files: a lesson shows a few files of a real layer.
    pub sizes: Vec<u64>,
    /// Read-only layers of the image; those above them are the engine's own. `None` where all are the image's.
    pub image_layers: Option<usize>,
    /// The containers over this stack, side by side. With less than two, none is drawn for itself.
    pub stands: Vec<Stand>,
    /// The host's kernel is drawn, outside the stack.
    pub kernel: bool,
    /// Without a container there is neither a writable layer nor a merged view.
    pub only_image: bool,
    /// Directories are folded until there are no more columns than this; 0 is no bound.
    pub columns: usize,
    /// Is unfolded before all else.
    pub focus: Option<MergedPath>,
    /// Films show the look-ups of the directories on the way too, and those that were seen before.
    pub every_look_up: bool,
}

/// One of the containers over a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    pub name: String,
    pub running: bool,
    /// The one whose merged view is drawn.
    pub chosen: bool,
    /// Bytes in its own writable layer.
    pub bytes: u64,
    /// Files, and whiteouts, in its own writable layer.
    pub changes: usize,
}

/// A still picture. Equal scenes look equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Base first; the last one is writable if there is a container.
    pub slabs: Vec<Slab>,
    /// Left to right.
    pub columns: Vec<Column>,
    pub brackets: Vec<Bracket>,
    pub pieces: Vec<Piece>,
    /// What a process sees, one for each column that has something to be seen; `None` without a container.
    pub merged: Option<Vec<Seen>>,
    pub stands: Vec<Stand>,
    pub kernel: bool,
    pub ray: Option<Ray>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slab {
    pub layer: LayerNo,
    pub writable: bool,
    /// The engine's own layer between image and container.
    pub init: bool,
    /// The instruction that made it, where it is known.
    pub made_by: Option<String>,
    /// Bytes of its regular files, hidden ones included.
    pub bytes: u64,
}

/// What a layer has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub key: PieceKey,
    /// The columns it lies over: one, but of a directory all that are under it.
    pub span: Range<usize>,
    pub kind: PieceKind,
    /// A layer above hides it.
    pub hidden: bool,
    /// The same bytes as below with another mode, owner or attribute.
    pub notch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A file, link or node, or an empty directory.
    Tile(FileType),
    /// A folded directory with so many paths under it in this layer.
    Folded(usize),
    /// A directory, drawn under what is in it.
    Tray,
    /// A directory that hides all that the layers below have in it.
    OpaqueTray,
    /// A whiteout.
    Lid,
}

/// What the merged view shows in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub column: usize,
    pub path: MergedPath,
    /// The layer that wins, and the one that has the bytes (another only where metadata alone was copied up).
    pub layer: LayerNo,
    pub data: LayerNo,
    pub file_type: FileType,
    /// Paths behind a folded column.
    pub folded: Option<usize>,
}

/// Path resolution: from the eye down through the columns of a path to a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ray {
    pub path: MergedPath,
    pub span: Range<usize>,
    pub layer: LayerNo,
    /// The look-up ends here: something was found, or hides what lies below.
    pub stops: bool,
}

impl Scene {
    pub fn of(overlay: &Overlay, backdrop: &Backdrop) -> Self {
        let table = Table::of(overlay);
        let columns = Columns::of(&table, backdrop);
        let below = Below::of(overlay, &table);
        let mut slabs: Vec<Slab> = overlay
            .lowers()
            .iter()
            .zip(0..)
            .map(|(layer, no)| Slab {
                layer: LayerNo(no),
                writable: false,
                init: backdrop.image_layers.is_some_and(|layers| no as usize >= layers),
                made_by: backdrop.made_by.get(no as usize).filter(|text| !text.is_empty()).cloned(),
                bytes: backdrop.sizes.get(no as usize).copied().unwrap_or_else(|| layer.file_bytes()),
            })
            .collect();
        if !backdrop.only_image {
            let bytes = overlay.upper().layer().file_bytes();
            slabs.push(Slab { layer: overlay.upper_no(), writable: true, init: false, made_by: None, bytes });
        }
        let pieces = pieces::pieces(overlay, &table, &columns, &below);
        let merged = (!backdrop.only_image).then(|| pieces::seen(&table, &columns));
        let stands = if backdrop.stands.len() > 1 { backdrop.stands.clone() } else { Vec::new() };
        let Columns { columns, brackets, .. } = columns;
        Self { slabs, columns, brackets, pieces, merged, stands, kernel: backdrop.kernel, ray: None }
    }

    /// What the layers have at each path, for the table that says the same as the picture: base first.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: BTreeMap<(usize, &MergedPath), Row<'_>> = BTreeMap::new();
        for piece in &self.pieces {
            let row = rows.entry((piece.span.start, &piece.key.path)).or_insert_with(|| Row {
                path: &piece.key.path,
                seen: None,
                pieces: Vec::new(),
            });
            row.pieces.push(piece);
        }
        for seen in self.merged.iter().flatten() {
            let row = rows.entry((seen.column, &seen.path)).or_insert_with(|| Row {
                path: &seen.path,
                seen: None,
                pieces: Vec::new(),
            });
            row.seen = Some(seen);
        }
        rows.into_values().collect()
    }

    pub fn piece(&self, key: &PieceKey) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.key == *key)
    }

    /// The columns of a path, or of the nearest directory above it that has some.
    pub fn span(&self, path: &MergedPath) -> Option<Range<usize>> {
        let under = |path: &MergedPath| {
            let inside = |column: &Column| column.path == *path || path.is_ancestor_of(&column.path);
            let from = self.columns.iter().position(inside)?;
            Some(from..from + self.columns[from..].iter().take_while(|column| inside(column)).count())
        };
        under(path).or_else(|| path.ancestors().iter().rev().find_map(under))
    }
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub path: &'a MergedPath,
    pub seen: Option<&'a Seen>,
    /// Base first.
    pub pieces: Vec<&'a Piece>,
}

#[cfg(test)]
mod tests;
