//! Just enough of an image archive to find the layers that its expected values name.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use layerlab_core::{
    archive::{LayerBlob, Location},
    digest::Algorithm,
    layer::{LayerReading, changeset::ContentKey, decompress::Decompress, read::read_layer},
    limits::Limits,
};

pub enum Archive {
    Members(BTreeMap<String, Member>),
    Folder(PathBuf),
}

pub enum Member {
    Data(Vec<u8>),
    Link(String),
}

/// The folder of test images; says so and gives `None` where there is none.
pub fn images() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/images");
    let folder = std::env::var_os("LAYERLAB_IMAGES").map_or(default, PathBuf::from);
    let found = folder.is_dir();
    if !found {
        println!("skipped: there is no folder {}; LAYERLAB_IMAGES names another", folder.display());
    }
    found.then_some(folder)
}

impl Archive {
    pub fn open(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.into()));
        }
        let file = Decompress::new(fs::File::open(path)?, &Limits::default())?;
        let mut members = BTreeMap::new();
        for entry in tar::Archive::new(file).entries()? {
            let mut entry = entry?;
            let name = normal(&String::from_utf8_lossy(&entry.path_bytes()));
            let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
            let member = match (entry.header().entry_type(), link) {
                (tar::EntryType::Symlink, Some(target)) => Member::Link(format!("{name}/../{target}")),
                (tar::EntryType::Link, Some(target)) => Member::Link(target),
                _ => {
                    let mut data = Vec::new();
                    // A truncated archive has a last member that is cut short.
                    let _ = entry.read_to_end(&mut data);
                    Member::Data(data)
                }
            };
            members.insert(name, member);
        }
        Ok(Self::Members(members))
    }

    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read(folder.join(name)).ok(),
            Self::Members(members) => match members.get(&normal(name))? {
                Member::Data(data) => Some(data.clone()),
                Member::Link(target) => self.read(target),
            },
        }
    }
}

fn normal(name: &str) -> String {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads a layer's bytes whole, and again seven bytes at a time: both must tell the same.
pub fn read_both_ways(bytes: &[u8]) -> LayerReading {
    let whole = read(&mut &*bytes, bytes.len());
    if bytes.len() < 4 << 20 {
        let short = read(&mut Short(bytes), bytes.len());
        assert_eq!(short.summary, whole.summary);
        assert_eq!(short.changeset.encode(), whole.changeset.encode());
    }
    whole
}

fn read(source: &mut dyn Read, size: usize) -> LayerReading {
    let job = LayerBlob {
        location: Location { volume: 0, offset: 0, size: size as u64 },
        path: "layer.tar".into(),
        blob_algorithm: Algorithm::Sha256,
        diff_id_algorithm: Algorithm::Sha256,
        expect_tar: true,
    };
    read_layer(source, &job, ContentKey([1, 2, 3, 4]), &Limits::default(), &mut |_| {}).unwrap()
}

struct Short<'a>(&'a [u8]);

impl Read for Short<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(1 + self.0.len() % 7);
        self.0.read(&mut out[..len])
    }
}
