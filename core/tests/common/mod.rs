//! Archives and folders of the disk, for the tests that compare with real ones.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    env, fs,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::Value;

use layerlab_core::{
    archive::{
        BlobId, ImageArchive, Outer, read_layers_in_stream, sniff,
        source::{Files, LocationReader, SourceFile, Volumes},
    },
    error::ArchiveError,
    layer::{changeset::ContentKey, decompress::Decompress, read::read_layer},
    limits::Limits,
    report::{Readings, Report, assemble},
};

/// The folder of real archives: `LAYERLAB_IMAGES`, or `shared/images` beside the project.
pub fn images_folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/images");
    let folder = env::var_os("LAYERLAB_IMAGES").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder of archives (LAYERLAB_IMAGES)");
    None
}

/// Opens a folder, a file at random, or, where it is compressed as a whole, the stream inside it.
pub fn open_path(path: &Path) -> Result<ImageArchive, ArchiveError> {
    let limits = Limits::default();
    if path.is_dir() {
        let files = files_below(path, path);
        let mut volumes = Files(files.iter().map(|(_, path)| File::open(path).unwrap()).collect());
        let files: Vec<_> = files.into_iter().map(|(name, path)| source_file(&name, &path)).collect();
        return ImageArchive::open_folder(&mut volumes, &files, &limits);
    }
    let name = path.file_name().unwrap().to_string_lossy();
    let mut start = Vec::new();
    File::open(path)?.take(sniff::SNIFF_LEN as u64).read_to_end(&mut start)?;
    if sniff::outer(&start) != Outer::None {
        return ImageArchive::open_stream(Decompress::new(File::open(path)?, &limits)?, &name, &limits);
    }
    ImageArchive::open(&mut Files(vec![File::open(path)?]), &source_file(&name, path), &limits)
}

/// The whole report of an archive or folder of the disk.
pub fn analyse_path(path: &Path) -> Result<Report, ArchiveError> {
    let limits = Limits::default();
    let key = ContentKey([1, 2, 3, 4]);
    let mut plan = open_path(path)?;
    let mut readings = Readings::new();
    let mut read = |plan: &ImageArchive, id: BlobId, stored: &mut dyn Read| -> io::Result<()> {
        let reading = read_layer(stored, &plan.blobs[id.0 as usize], key, &limits, &mut |_| {})?;
        readings.insert(id, Ok(reading));
        Ok(())
    };
    let (outer, size) = if path.is_dir() {
        let files = files_below(path, path);
        let size = files.iter().map(|(_, path)| fs::metadata(path).unwrap().len()).sum();
        let mut volumes = Files(files.iter().map(|(_, path)| File::open(path).unwrap()).collect());
        read_blobs(&plan, &mut volumes, &mut read)?;
        (Outer::Dir, size)
    } else {
        let mut start = Vec::new();
        File::open(path)?.take(sniff::SNIFF_LEN as u64).read_to_end(&mut start)?;
        let (outer, size) = (sniff::outer(&start), fs::metadata(path)?.len());
        if outer == Outer::None || plan.is_bare() {
            plan.point_at_stored_file(size);
            read_blobs(&plan, &mut Files(vec![File::open(path)?]), &mut read)?;
        } else {
            let stream = Decompress::new(File::open(path)?, &limits)?;
            read_layers_in_stream(stream, &plan, |id, stored| read(&plan, id, stored))?;
        }
        (outer, size)
    };
    let name = path.file_name().unwrap().to_string_lossy();
    Ok(assemble(&plan, &name, size, outer, &readings, &limits))
}

fn read_blobs(
    plan: &ImageArchive,
    volumes: &mut dyn Volumes,
    read: &mut dyn FnMut(&ImageArchive, BlobId, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    for (index, blob) in plan.blobs.iter().enumerate() {
        let mut stored = LocationReader::new(volumes, blob.location);
        read(plan, BlobId(index as u32), &mut stored)?;
    }
    Ok(())
}

/// Every file or folder below `folder` of which an oracle's `*.expected.json` stands beside it, and that file.
pub fn expectations(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(expectations(&path));
        } else if let Some(archive) = name.strip_suffix(".expected.json") {
            found.push((archive.into(), serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()));
        }
    }
    found
}

fn source_file(name: &str, path: &Path) -> SourceFile {
    SourceFile { name: name.into(), size: fs::metadata(path).unwrap().len() }
}

fn files_below(root: &Path, folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(root, &path));
        } else {
            files.push((path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), path));
        }
    }
    files
}
