//! Archives that are compressed as a whole. There is no random access inside, and the manifest is usually last: the
//! decompressed archive is spooled into the browser's private file system, or else passes through twice.

use std::io::{self, Read};

use layerlab_core::{
    archive::{
        BlobId, ImageArchive, Location, Outer, read_layers_in_stream,
        source::{LocationReader, SourceFile},
    },
    error::ArchiveError,
    finding::{Code, Finding},
    layer::{
        changeset::ContentKey,
        decompress::{Damage, Decompress},
        read::read_layer,
    },
    limits::Limits,
    report::Readings,
};
use web_sys::File;

use super::{Planned, tell};
use crate::{
    protocol::{Failure, FromArchive, Passes, SourceInfo},
    worker::{
        Pace,
        file::{FileProblem, FileVolumes},
        spool::{Spool, SpoolWriter, sweep},
    },
};

/// Bytes of one read call of the compressed file.
const READ_BYTES: u64 = 16 << 20;
/// Bytes decompressed, and written to the spool, at once.
const WRITE_BYTES: usize = 1 << 20;

pub(super) async fn plan(file: &File, source: &SourceInfo, outer: Outer) -> Result<Planned, Failure> {
    let size = file.size() as u64;
    let (mut plan, spool) = match spool(file, outer).await? {
        Some((spool, damage)) => (plan_spooled(&spool, source, damage)?, Some(spool)),
        None => (plan_stream(file, source, outer)?, None),
    };
    if plan.is_bare() {
        // The only blob of a bare layer is the file itself: the pool decompresses it, and its digest is the file's.
        plan.point_at_stored_file(size);
        drop(spool);
        sweep().await;
        return Ok(Planned { outer, plan, passes: Passes::Direct, spool: None });
    }
    let passes = if spool.is_some() { Passes::Spooled } else { Passes::Two };
    Ok(Planned { outer, plan, passes, spool })
}

/// The second pass. Layers behind a damage of the stream are told apart from those that were read.
pub(super) fn read_layers(file: &File, plan: &ImageArchive, key: ContentKey) -> Result<Readings, Failure> {
    let limits = Limits::default();
    let mut volumes = volumes(file)?;
    let stream = Decompress::new(whole(&mut volumes, file), &limits)?;
    let mut readings = Readings::new();
    let passed = read_layers_in_stream(stream, plan, |blob, stored| {
        let Some(layer) = plan.blobs.get(blob.0 as usize) else { return Ok(()) };
        let mut pace = Pace::new();
        let mut progress = |stored| {
            if pace.is_due() {
                tell(FromArchive::LayerProgress { blob, stored });
            }
        };
        let reading = read_layer(stored, layer, key, &limits, &mut progress)?;
        tell(FromArchive::LayerRead { blob, summary: reading.summary.clone() });
        readings.insert(blob, Ok(reading));
        Ok(())
    });
    if let Err(error) = passed {
        let Some(damage) = Damage::of(&error) else { return Err(error.into()) };
        for blob in (0..plan.blobs.len() as u32).map(BlobId) {
            let message = format!("The layer lies behind a damage of the whole archive: {damage}.");
            let finding = Finding::error(Code::LayerDamaged, message).at_offset(damage.offset);
            readings.entry(blob).or_insert(Err(finding));
        }
    }
    Ok(readings)
}

fn plan_spooled(spool: &Spool, source: &SourceInfo, damage: Option<Damage>) -> Result<ImageArchive, Failure> {
    let mut volumes = FileVolumes::new(vec![spool.file.clone()], vec![spool.size])?;
    let listed = SourceFile { name: source.name.clone(), size: spool.size };
    match (ImageArchive::open(&mut volumes, &listed, &Limits::default()), damage) {
        (Err(_), Some(damage)) => Err(outer_damaged(&damage).into()),
        (Ok(mut plan), Some(damage)) => {
            let message = format!("The stream cannot be read past byte {}: {damage}.", spool.size);
            plan.findings.push(Finding::error(Code::ArchiveTruncated, message).at_offset(spool.size));
            Ok(plan)
        }
        (planned, None) => Ok(planned?),
    }
}

fn plan_stream(file: &File, source: &SourceInfo, outer: Outer) -> Result<ImageArchive, Failure> {
    let limits = Limits::default();
    let mut volumes = volumes(file)?;
    let counted = Counted::new(whole(&mut volumes, file), file, outer);
    ImageArchive::open_stream(Decompress::new(counted, &limits)?, &source.name, &limits).map_err(|error| match error {
        ArchiveError::Io(error) => match Damage::of(&error) {
            Some(damage) => outer_damaged(damage).into(),
            None => error.into(),
        },
        error => error.into(),
    })
}

/// Decompresses the archive into a spool, as far as it can be decompressed. `None` where the browser has no private
/// file system for it, or no room.
async fn spool(file: &File, outer: Outer) -> Result<Option<(Spool, Option<Damage>)>, Failure> {
    let Some(mut writer) = SpoolWriter::create(file.size() as u64).await else { return Ok(None) };
    match decompress_into(&mut writer, file, outer) {
        Ok(damage) => Ok(writer.finish().await.map(|spool| (spool, damage))),
        Err(Stop::NoRoom) => {
            writer.discard().await;
            Ok(None)
        }
        Err(Stop::Failed(failure)) => {
            writer.discard().await;
            Err(failure)
        }
    }
}

/// Why a spool is not written to its end.
enum Stop {
    NoRoom,
    Failed(Failure),
}

fn decompress_into(writer: &mut SpoolWriter, file: &File, outer: Outer) -> Result<Option<Damage>, Stop> {
    let failed = |error: io::Error| Stop::Failed(error.into());
    let limits = Limits::default();
    let mut volumes = volumes(file).map_err(|problem| Stop::Failed(problem.into()))?;
    let counted = Counted::new(whole(&mut volumes, file), file, outer);
    let mut stream = Decompress::new(counted, &limits).map_err(failed)?;
    let mut buffer = vec![0; WRITE_BYTES];
    loop {
        let mut filled = 0;
        let mut ended = false;
        let mut damage = None;
        while filled < buffer.len() && !ended {
            match stream.read(&mut buffer[filled..]) {
                Ok(0) => ended = true,
                Ok(read) => filled += read,
                Err(error) => {
                    damage = Some(Damage::of(&error).cloned().ok_or_else(|| failed(error))?);
                    ended = true;
                }
            }
        }
        writer.write(&buffer[..filled]).map_err(|_| Stop::NoRoom)?;
        if ended {
            return Ok(damage);
        }
    }
}

fn outer_damaged(damage: &Damage) -> ArchiveError {
    ArchiveError::OuterDamaged {
        compression: damage.compression.as_str(),
        offset: damage.offset,
        problem: damage.problem.to_string(),
    }
}

fn volumes(file: &File) -> Result<FileVolumes, FileProblem> {
    Ok(FileVolumes::new(vec![file.clone()], vec![file.size() as u64])?.reading_ahead(READ_BYTES))
}

fn whole<'a>(volumes: &'a mut FileVolumes, file: &File) -> LocationReader<'a> {
    let size = file.size() as u64;
    volumes.read_ahead_until(size);
    LocationReader::new(volumes, Location { volume: 0, offset: 0, size })
}

/// Tells the page how far the compressed file has passed.
struct Counted<R> {
    source: R,
    outer: Outer,
    done: u64,
    total: u64,
    pace: Pace,
}

impl<R> Counted<R> {
    fn new(source: R, file: &File, outer: Outer) -> Self {
        Self { source, outer, done: 0, total: file.size() as u64, pace: Pace::new() }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buf)?;
        self.done += read as u64;
        if self.pace.is_due() {
            tell(FromArchive::Opening { outer: self.outer, done: self.done, total: self.total });
        }
        Ok(read)
    }
}
