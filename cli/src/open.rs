//! From a path on the command line to a plan and the files its layers are read from.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use layerlab_core::{
    archive::{
        ImageArchive, Outer, sniff,
        source::{Files, SourceFile},
    },
    error::ArchiveError,
    layer::{Compression, decompress::Decompress},
    limits::Limits,
};

use crate::progress::Progress;

/// An archive, opened: its plan, and what its blobs' locations are relative to.
#[derive(Debug)]
pub struct Opened {
    pub plan: ImageArchive,
    /// Base name of what was opened.
    pub name: String,
    pub size: u64,
    pub outer: Outer,
    volumes: Vec<Volume>,
}

/// A file that can be opened again for each reading thread.
#[derive(Debug)]
enum Volume {
    Path(PathBuf),
    /// Standard input or a decompressed archive, spooled: removed when the last handle is closed.
    Spool(tempfile::NamedTempFile),
}

/// Opens a file, a folder, or standard input (`-`).
pub fn open(path: &Path, limits: &Limits, progress: &Progress) -> Result<Opened, ArchiveError> {
    if path == Path::new("-") {
        let spool = spool(&mut io::stdin().lock(), progress)?;
        return open_file(Volume::Spool(spool), "-".into(), limits, progress);
    }
    let name = base_name(path);
    if path.is_dir() {
        open_folder(path, name, limits)
    } else {
        open_file(Volume::Path(path.into()), name, limits, progress)
    }
}

impl Opened {
    /// Handles of its own, for one thread.
    pub fn handles(&self) -> io::Result<Files<File>> {
        self.volumes.iter().map(Volume::open).collect::<io::Result<_>>().map(Files)
    }
}

fn open_folder(root: &Path, name: String, limits: &Limits) -> Result<Opened, ArchiveError> {
    let mut files = Vec::new();
    list(root, "", &mut files, limits)?;
    // The order of a directory listing is the file system's; the report's is not.
    files.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    let (sources, volumes): (Vec<_>, Vec<_>) = files.into_iter().unzip();
    let size = sources.iter().map(|file| file.size).sum();
    let mut handles = Files(volumes.iter().map(Volume::open).collect::<io::Result<_>>()?);
    let plan = ImageArchive::open_folder(&mut handles, &sources, limits)?;
    Ok(Opened { plan, name, size, outer: Outer::Dir, volumes })
}

fn open_file(volume: Volume, name: String, limits: &Limits, progress: &Progress) -> Result<Opened, ArchiveError> {
    let mut file = volume.open()?;
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut start = Vec::new();
    file.by_ref().take(Compression::SNIFF_BYTES as u64).read_to_end(&mut start)?;
    let outer = sniff::outer(&start);
    let source = |size| SourceFile { name: name.clone(), size };
    if outer == Outer::None {
        let plan = ImageArchive::open(&mut Files(vec![file]), &source(size), limits)?;
        return Ok(Opened { plan, name, size, outer, volumes: vec![volume] });
    }
    file.rewind()?;
    progress.opening(size);
    let mut inside = Decompress::new(progress.reader(file), limits)?;
    let compression = inside.compression();
    let spool = spool(&mut inside, progress)?;
    let inner_size = spool.as_file().metadata()?.len();
    let mut plan = ImageArchive::open(&mut Files(vec![spool.reopen()?]), &source(inner_size), limits)
        .map_err(|error| error.inside(compression))?;
    // A bare layer is stored as it was given: its blob is the compressed file itself.
    if plan.is_bare() {
        plan.point_at_stored_file(size);
        return Ok(Opened { plan, name, size, outer, volumes: vec![volume] });
    }
    Ok(Opened { plan, name, size, outer, volumes: vec![Volume::Spool(spool)] })
}

impl Volume {
    fn open(&self) -> io::Result<File> {
        match self {
            Self::Path(path) => File::open(path),
            Self::Spool(spool) => spool.reopen(),
        }
    }
}

/// An archive is read at random and its manifest is usually last, so what cannot be sought is written down first:
/// to a file, never to memory.
fn spool(reader: &mut impl Read, progress: &Progress) -> io::Result<tempfile::NamedTempFile> {
    let mut spool = tempfile::NamedTempFile::new()?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(spool),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        io::Write::write_all(&mut spool, &buffer[..read])?;
        progress.spooled(read as u64);
    }
}

fn list(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(SourceFile, Volume)>,
    limits: &Limits,
) -> Result<(), ArchiveError> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // A symbolic link could lead out of the folder, and in a circle: links are not followed.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), files, limits)?;
        } else if kind.is_file() {
            files.push((SourceFile { name, size: entry.metadata()?.len() }, Volume::Path(entry.path())));
        }
        if files.len() > limits.archive_members {
            return Err(ArchiveError::Limit { what: "files", limit: limits.archive_members as u64 });
        }
    }
    Ok(())
}

fn base_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    // "." and "/" have no last component of their own.
    name.or_else(|| path.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "/".into())
}
