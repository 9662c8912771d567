//! Opens archives and folders of the disk for the tests.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    env, fs,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use layerlab_core::{
    archive::{
        BlobId, ImageArchive, Outer, read_layers_in_stream, sniff,
        source::{Files, LocationReader, SourceFile, Volumes},
    },
    digest::Digest,
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

/// Opens bytes in three ways (at random, with short reads, as a stream of short reads), which must agree.
pub fn open_bytes(bytes: &[u8]) -> Result<ImageArchive, ArchiveError> {
    let (limits, file) = (Limits::default(), SourceFile { name: "x.tar".into(), size: bytes.len() as u64 });
    let opened = ImageArchive::open(&mut &bytes[..], &file, &limits);
    let short = ImageArchive::open(&mut ShortReads { bytes, calls: 0 }, &file, &limits);
    let streamed = ImageArchive::open_stream(ShortStream { bytes, calls: 0 }, "x.tar", &limits);
    for other in [short, streamed] {
        match (&opened, &other) {
            (Ok(opened), Ok(other)) => assert_eq!(format!("{opened:#?}"), format!("{other:#?}")),
            (Err(opened), Err(other)) => assert_eq!(opened.to_string(), other.to_string()),
            (opened, other) => panic!("{opened:?} at once, {other:?} in pieces"),
        }
    }
    opened
}

/// Returns one to seven bytes a call.
#[derive(Debug)]
pub struct ShortReads<'a> {
    pub bytes: &'a [u8],
    pub calls: usize,
}

impl Volumes for ShortReads<'_> {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        let len = buf.len().min(1 + self.calls % 7);
        let mut bytes = self.bytes;
        (&mut bytes).read_at(volume, offset, &mut buf[..len])
    }
}

/// The same as a stream.
#[derive(Debug)]
pub struct ShortStream<'a> {
    pub bytes: &'a [u8],
    pub calls: usize,
}

impl Read for ShortStream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        let len = buf.len().min(1 + self.calls % 7);
        self.bytes.read(&mut buf[..len])
    }
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

/// Writes tars member by member, with names as they are given.
pub struct Tar(tar::Builder<Vec<u8>>);

impl Tar {
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    pub fn file(self, name: &str, data: impl AsRef<[u8]>) -> Self {
        self.member(tar::EntryType::Regular, name, "", data.as_ref())
    }

    pub fn folder(self, name: &str) -> Self {
        self.member(tar::EntryType::Directory, name, "", b"")
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.member(tar::EntryType::Symlink, name, target, b"")
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.member(tar::EntryType::Link, name, target, b"")
    }

    /// A PAX extended header, local (`x`) or global (`g`).
    pub fn pax(self, kind: tar::EntryType, records: &[(&str, &str)]) -> Self {
        let data: String = records
            .iter()
            .map(|(key, value)| {
                let rest = key.len() + value.len() + 3;
                let length = (1..).map(|digits| rest + digits).find(|l| l.to_string().len() + rest == *l).unwrap();
                format!("{length} {key}={value}\n")
            })
            .collect();
        self.member(kind, "pax", "", data.as_bytes())
    }

    pub fn member(mut self, kind: tar::EntryType, name: &str, target: &str, data: &[u8]) -> Self {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.0.append(&header, data).unwrap();
        self
    }

    /// A blob of a layout; returns its digest too.
    pub fn blob(self, data: impl AsRef<[u8]>) -> (Self, Digest) {
        let digest = Digest::sha256(data.as_ref());
        (self.file(&format!("blobs/sha256/{}", digest.encoded()), data), digest)
    }

    pub fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// A descriptor with the digest and size of `data`.
pub fn descriptor(media_type: &str, data: impl AsRef<[u8]>) -> Value {
    let data = data.as_ref();
    json!({ "mediaType": media_type, "digest": Digest::sha256(data).to_string(), "size": data.len() })
}

/// A config of a made-up image: its layers' diff_ids, one history entry for each.
pub fn config(layers: &[&[u8]]) -> String {
    let diff_ids: Vec<_> = layers.iter().map(|layer| Digest::sha256(layer).to_string()).collect();
    let history: Vec<_> = (0..layers.len()).map(|n| json!({ "created_by": format!("RUN {n}") })).collect();
    json!({ "os": "linux", "architecture": "amd64", "rootfs": { "diff_ids": diff_ids }, "history": history })
        .to_string()
}

/// A layer of one file.
pub fn layer(name: &str) -> Vec<u8> {
    Tar::new().file(name, name).bytes()
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
