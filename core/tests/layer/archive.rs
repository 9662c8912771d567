//! Just enough of an image archive to find the layers that its expected values name.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use layerlab_core::{layer::decompress::Decompress, limits::Limits};
use serde_json::Value;

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
        // A truncated archive ends in an error; what came before it is what there is.
        for mut entry in tar::Archive::new(file).entries()?.map_while(Result::ok) {
            let name = normal(&String::from_utf8_lossy(&entry.path_bytes()));
            let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
            let member = match (entry.header().entry_type(), link) {
                (tar::EntryType::Symlink, Some(target)) => Member::Link(format!("{name}/../{target}")),
                (tar::EntryType::Link, Some(target)) => Member::Link(target),
                _ => {
                    let mut data = Vec::new();
                    // An error here is the cut too: `data` holds what came before it.
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

    /// The layers of the first image, base first: of `manifest.json`, else of the first manifest of `index.json`.
    pub fn layers(&self) -> Vec<Vec<u8>> {
        let json = |name: &str| serde_json::from_slice::<Value>(&self.read(name)?).ok();
        let blob = |digest: &Value| format!("blobs/{}", digest.as_str().unwrap_or_default().replacen(':', "/", 1));
        let names: Vec<String> = match json("manifest.json") {
            Some(manifest) => list(&manifest[0]["Layers"]).filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
            None => {
                let index = json("index.json").unwrap_or_default();
                let manifest = json(&blob(&index["manifests"][0]["digest"])).unwrap_or_default();
                list(&manifest["layers"]).map(|layer| blob(&layer["digest"])).collect()
            }
        };
        names.iter().filter_map(|name| self.read(name)).collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
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
