//! What lies in `/var/lib/docker`, as far as it is about layers.
//!
//! Source: moby, `image/fs.go`, `layer/filestore.go`, `distribution/metadata`, `daemon/graphdriver/overlay2`.

use super::{Container, Engine, Image, short_name};
use crate::{
    digest::{ChainId, Digest},
    overlay::{Inode, Kind, Layer, MergedPath},
};

/// Below `image/`, by the name of the driver.
const IMAGES: &str = "/var/lib/docker/image/overlay2";
const LAYERS: &str = "/var/lib/docker/overlay2";

/// A directory tree being written.
struct Writer(Layer);

impl Engine {
    /// The engine's own directories, as a tree that begins at the host's root. The names of layer directories
    /// (cache-ids) and the short ones in `l/` are random in reality; here they are invented.
    pub fn storage(&self) -> Layer {
        let mut writer = Writer(Layer::new());
        for image in &self.images {
            writer.image(image);
        }
        for container in self.containers.iter().filter(|container| !container.is_plain) {
            let lowers = self.images.iter().find(|image| image.id == container.image).map(Image::chain_ids);
            writer.container(container, &lowers.unwrap_or_default());
        }
        for (name, volume) in self.volumes() {
            let at = MergedPath::from(&format!("/var/lib/docker/volumes/{name}/_data")[..]);
            writer.0.put(&at, Inode::directory(0o755));
            writer.tree(&at, volume);
        }
        writer.0
    }
}

impl Writer {
    fn image(&mut self, image: &Image) {
        self.bytes(&format!("{IMAGES}/imagedb/content/sha256/{}", image.id.0.encoded()), &image.config);
        let chains = image.chain_ids();
        for (number, (layer, chain)) in image.layers.iter().zip(&chains).enumerate() {
            let entry = format!("{IMAGES}/layerdb/sha256/{}", chain.0.encoded());
            let cache_id = cache_id(chain);
            self.text(&format!("{entry}/diff"), &layer.diff_id.0.to_string());
            self.text(&format!("{entry}/cache-id"), &cache_id);
            self.text(&format!("{entry}/size"), &layer.size.to_string());
            if let Some(parent) = number.checked_sub(1).and_then(|below| chains.get(below)) {
                self.text(&format!("{entry}/parent"), &parent.0.to_string());
            }
            if let Some(blob) = &layer.blob {
                let digest = format!("{IMAGES}/distribution/diffid-by-digest/sha256/{}", blob.digest.encoded());
                self.text(&digest, &layer.diff_id.0.to_string());
            }
            self.layer(&cache_id, &short_name(&chain.0.to_string()), &layer.layer, &chains[..number]);
        }
    }

    fn container(&mut self, container: &Container, image: &[ChainId]) {
        let init = format!("{}-init", container.id);
        if let Some(layer) = container.overlay.lowers().last() {
            self.layer(&init, &short_name(&init), layer, image);
        }
        let upper = container.overlay.upper().layer();
        self.layer(&container.id, &short_name(&container.id), upper, image);
        let below = container.shell.mount().lowerdirs.iter().filter_map(|dir| dir.strip_prefix(LAYERS));
        let lower: Vec<&str> = below.map(|dir| dir.trim_start_matches('/')).collect();
        self.text(&format!("{LAYERS}/{}/lower", container.id), &lower.join(":"));
    }

    /// One directory of overlay2: the files, the short name, the short names of what lies below.
    fn layer(&mut self, directory: &str, short: &str, files: &Layer, below: &[ChainId]) {
        let at = format!("{LAYERS}/{directory}");
        let diff = MergedPath::from(&format!("{at}/diff")[..]);
        self.0.put(&diff, Inode::directory(0o755));
        self.tree(&diff, files);
        self.text(&format!("{at}/link"), short);
        self.0.put(
            &MergedPath::from(&format!("{LAYERS}/l/{short}")[..]),
            Inode::symlink(format!("../{directory}/diff").as_bytes()),
        );
        if !below.is_empty() {
            let lower: Vec<String> =
                below.iter().rev().map(|chain| format!("l/{}", short_name(&chain.0.to_string()))).collect();
            self.text(&format!("{at}/lower"), &lower.join(":"));
            self.0.put(&MergedPath::from(&format!("{at}/work")[..]), Inode::directory(0o755));
        }
    }

    fn tree(&mut self, at: &MergedPath, files: &Layer) {
        for (path, ino) in files.walk() {
            let mut inode = files.inode(ino).clone();
            if inode.is_directory() {
                inode.kind = Kind::Directory(Default::default());
            }
            // A whiteout or an opaque directory is an ordinary thing on the file system below the union.
            inode.links = 0;
            inode.overlay = Default::default();
            let place = path.components().fold(at.clone(), |at, name| at.join(name));
            self.0.put(&place, inode);
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        self.bytes(path, text.as_bytes());
    }

    fn bytes(&mut self, path: &str, bytes: &[u8]) {
        self.0.put(&path.into(), Inode::file(bytes, 0o644));
    }
}

fn cache_id(chain: &ChainId) -> String {
    Digest::sha256(format!("cache-id {}", chain.0).as_bytes()).encoded().to_string()
}
