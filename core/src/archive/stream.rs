//! Archives that are compressed as a whole and cannot be spooled: one pass lists, a second one reads the layers.

use std::io::{self, Read};

use super::{
    BlobId, ImageArchive, Location, Via,
    open::{Opened, assemble},
    scan, sniff,
    tape::StreamTape,
};
use crate::{
    display::harmless_text,
    error::ArchiveError,
    finding::{Code, Finding, Findings},
    limits::Limits,
};

impl ImageArchive {
    /// Plans a tar from a stream, which is read to its end. Locations are offsets in that stream; the layers are to
    /// be read with [`read_layers_in_stream`] from the same bytes again.
    ///
    /// A stream that fails after documents that list images is a finding; before, it is the error.
    pub fn open_stream(reader: impl Read, name: &str, limits: &Limits) -> Result<Self, ArchiveError> {
        let (start, reader) = peek(reader)?;
        if !sniff::is_tar(start.get_ref()) {
            return Err(ArchiveError::NotAnArchive { seems: sniff::seems(start.get_ref()) });
        }
        let mut findings = Findings::new(limits.findings);
        let mut tape = StreamTape::new(start.chain(reader), limits);
        let mut listing = scan::list(&mut tape, limits, &mut findings)?;
        let (mut kept, size, failure) = tape.finish();
        if let Some(failure) = &failure {
            let message =
                format!("The stream cannot be read past byte {size}: {}.", harmless_text(&failure.to_string()));
            findings.push(Finding::error(Code::ArchiveTruncated, message).at_offset(size));
            listing.cut_at.get_or_insert(size);
        }
        let whole = Location { volume: 0, offset: 0, size };
        let opened = Opened::File { name, whole };
        match (assemble(&listing, &mut kept, limits, findings, &opened), failure) {
            (Err(_), Some(failure)) => Err(failure.into()),
            (planned, _) => planned,
        }
    }

    /// Whether it is one bare layer or root file system: then its only blob is the whole file.
    pub fn is_bare(&self) -> bool {
        self.images.iter().any(|image| image.via == Via::Bare)
    }

    /// Points the blob of a bare layer that was planned from its decompressed form at the file as it is stored,
    /// `size` bytes in volume 0: the blob's digest is of the stored bytes, and the layer reader decompresses them.
    /// Nothing happens where the archive is not bare.
    pub fn point_at_stored_file(&mut self, size: u64) {
        if self.is_bare() {
            for blob in &mut self.blobs {
                blob.location = Location { volume: 0, offset: 0, size };
            }
        }
    }
}

/// The second pass: gives each layer's bytes to `read`, in the order of the stream. What `read` leaves is skipped.
/// A stream that is shorter than the plan gives short layers.
pub fn read_layers_in_stream(
    mut reader: impl Read,
    plan: &ImageArchive,
    mut read: impl FnMut(BlobId, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut blobs: Vec<_> =
        plan.blobs.iter().enumerate().map(|(index, blob)| (blob.location, BlobId(index as u32))).collect();
    blobs.sort();
    let mut position = 0;
    for (location, id) in blobs {
        // Members do not overlap, so the next one never begins behind the position.
        let gap = location.offset.saturating_sub(position);
        position += io::copy(&mut (&mut reader).take(gap), &mut io::sink())?;
        let mut blob = (&mut reader).take(location.size);
        read(id, &mut blob)?;
        io::copy(&mut blob, &mut io::sink())?;
        position += location.size - blob.limit();
    }
    Ok(())
}

/// The first bytes, and the reader behind them.
fn peek<R: Read>(mut reader: R) -> io::Result<(io::Cursor<Vec<u8>>, R)> {
    let mut start = Vec::new();
    (&mut reader).take(sniff::SNIFF_LEN as u64).read_to_end(&mut start)?;
    Ok((io::Cursor::new(start), reader))
}
