//! A registry of miniatures, as static files: two images that share their lower three of six layers, and the eleven
//! images of a forest with two trees.
//!
//! The real `redis:6.2` and `redis:7.0-rc` are some 113 MB each once unpacked; these are some kilobytes, say so, and
//! have the same shape: which layers there are, in what order, and which are shared.

use serde_json::{Value, json};

use crate::{Compression, Entry, Image, Layer, big::noise, sha256};

/// What is said of the real thing: bytes once unpacked, rounded as `docker images` prints them.
const REAL_REDIS: u64 = 113_000_000;

/// Path below `static/registry` and bytes. `cargo xtask fixtures` writes them.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("index.json".to_owned(), index())];
    let mut tags: Vec<(String, Vec<String>)> = Vec::new();
    for sample in all() {
        let folder = format!("v2/{}", sample.path);
        let (manifest, config) = (sample.image.manifest_document(), sample.image.config_document());
        let blobs = sample.image.blobs().into_iter().chain([config]);
        files.extend(blobs.map(|blob| (format!("{folder}/blobs/{}", sha256(&blob)), blob)));
        for name in [sha256(&manifest), sample.tag.to_owned()] {
            files.push((format!("{folder}/manifests/{name}"), manifest.clone()));
        }
        match tags.iter_mut().find(|(path, _)| path == sample.path) {
            Some((_, tags)) => tags.push(sample.tag.to_owned()),
            None => tags.push((sample.path.to_owned(), vec![sample.tag.to_owned()])),
        }
    }
    for (path, tags) in tags {
        files.push((format!("v2/{path}/tags/list"), json!({ "name": path, "tags": tags }).to_string().into_bytes()));
    }
    files.sort();
    files.dedup();
    files
}

/// An image of the registry.
#[derive(Clone, Debug)]
pub struct Sample {
    /// `library/redis`.
    pub path: &'static str,
    pub tag: &'static str,
    pub set: Set,
    pub image: Image,
}

/// What a sample is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    Redis,
    /// A node of the forest: its number, and that of its parent.
    Forest {
        node: usize,
        parent: Option<usize>,
    },
}

pub fn all() -> Vec<Sample> {
    let redis = |tag, image| Sample { path: "library/redis", tag, set: Set::Redis, image };
    let mut samples = vec![redis("6.2", redis_6_2()), redis("7.0-rc", redis_7_0())];
    samples.extend((0..FOREST.len()).map(|node| Sample {
        path: FOREST[node].0,
        tag: FOREST[node].1,
        set: Set::Forest { node, parent: FOREST[node].2 },
        image: tree_of(node),
    }));
    samples
}

/// What the page lists: no digest is in it, because those are asked for from the registry.
fn index() -> Vec<u8> {
    let images: Vec<Value> = all()
        .iter()
        .map(|sample| {
            let mut listed = json!({ "path": sample.path, "tag": sample.tag });
            match sample.set {
                Set::Redis => {
                    listed["set"] = json!("redis");
                    listed["real_size"] = json!(REAL_REDIS);
                }
                Set::Forest { node, parent } => {
                    listed["set"] = json!("forest");
                    listed["node"] = json!(node);
                    listed["parent"] = json!(parent);
                }
            }
            listed
        })
        .collect();
    let index = json!({ "schema": "layerlab.registry/1", "miniature": true, "images": images });
    let mut text = serde_json::to_vec_pretty(&index).expect("a value without maps of other keys");
    text.push(b'\n');
    text
}

fn redis_6_2() -> Image {
    over_redis_base("redis:6.2", "6.2.7")
        .layer("RUN make install # redis 6.2.7", program("redis-server", 61, 9 * 1024))
        .layer("RUN mkdir /data && chown redis:redis /data", data())
        .layer("COPY docker-entrypoint.sh /usr/local/bin/", entrypoint("6.2"))
        .instruction("ENTRYPOINT [\"docker-entrypoint.sh\"]")
        .instruction("CMD [\"redis-server\"]")
        .compressed(Compression::Gzip)
}

/// The layer of `mkdir /data` is the very same as in 6.2, on another parent: what a store by chain ID fetches again.
fn redis_7_0() -> Image {
    over_redis_base("redis:7.0-rc", "7.0-rc3")
        .layer("RUN make install # redis 7.0-rc3", program("redis-server", 70, 10 * 1024))
        .layer("RUN mkdir /data && chown redis:redis /data", data())
        .layer("COPY docker-entrypoint.sh /usr/local/bin/", entrypoint("7.0"))
        .instruction("ENTRYPOINT [\"docker-entrypoint.sh\"]")
        .instruction("CMD [\"redis-server\"]")
        .compressed(Compression::Gzip)
}

fn over_redis_base(tag: &str, version: &str) -> Image {
    let user = Layer::new()
        .dir("etc")
        .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nredis:x:999:999::/home/redis:/bin/sh\n")
        .file("etc/group", "root:x:0:\nredis:x:999:\n");
    labelled(Image::new(tag), "A miniature of redis: the shape is real, the contents are not.")
        .config("Env", json!(["PATH=/usr/local/bin:/usr/bin:/bin", format!("REDIS_VERSION={version}")]))
        .config("Entrypoint", json!(["docker-entrypoint.sh"]))
        .config("Cmd", json!(["redis-server"]))
        .config("WorkingDir", json!("/data"))
        .layer("ADD rootfs.tar.xz / # debian bullseye, in small", debian(11, 24 * 1024))
        .layer("RUN groupadd -r -g 999 redis && useradd -r -g redis -u 999 redis", user)
        .layer("RUN install gosu 1.14", program("gosu", 14, 4 * 1024))
        .instruction(&format!("ENV REDIS_VERSION={version}"))
}

/// Repository, tag and parent of each image: the tree of ubuntu with five, that of debian with six. Those that the
/// classic picture leaves without a name have a number for their tag.
const FOREST: [(&str, &str, Option<usize>); 11] = [
    ("library/forest", "0", None),
    ("library/forest", "1", Some(0)),
    ("library/ubuntu", "12.04", Some(1)),
    ("library/ubuntu", "14.04", Some(2)),
    ("library/forest", "4", Some(2)),
    ("library/forest", "5", None),
    ("library/debian", "wheezy", Some(5)),
    ("library/debian", "jessie", Some(5)),
    ("library/forest", "8", Some(6)),
    ("library/mysql", "5.6", Some(8)),
    ("library/mongo", "2.2", Some(6)),
];

/// The image of a node: its own layer on those of its ancestors.
fn tree_of(node: usize) -> Image {
    let (path, tag, _) = FOREST[node];
    let name = format!("{}:{tag}", path.trim_start_matches("library/"));
    let image = labelled(Image::new(&name), "A miniature: one of eleven images in two trees.");
    let mut path = vec![node];
    while let Some(parent) = path.last().and_then(|node| FOREST[*node].2) {
        path.push(parent);
    }
    let image = path.into_iter().rev().fold(image, |image, node| {
        let (layer, created_by) = layer_of(node);
        image.layer(&created_by, layer)
    });
    image.instruction("CMD [\"/bin/sh\"]").compressed(Compression::Gzip)
}

fn layer_of(node: usize) -> (Layer, String) {
    match node {
        0 => (debian(120, 5 * 1024), "ADD ubuntu-rootfs.tar / # in small".into()),
        5 => (debian(130, 6 * 1024), "ADD debian-rootfs.tar / # in small".into()),
        _ => {
            let name = format!("part-{node}");
            let bytes = 512 * (1 + node % 4);
            (program(&name, 200 + node as u64, bytes), format!("RUN install {name}"))
        }
    }
}

fn labelled(image: Image, words: &str) -> Image {
    image.config("Labels", json!({ "org.opencontainers.image.description": words }))
}

/// A root file system in small; `seed` makes its contents its own.
fn debian(seed: u64, bytes: usize) -> Layer {
    let layer = ["bin", "etc", "home", "lib", "root", "tmp", "usr", "usr/bin", "usr/local", "usr/local/bin", "var"]
        .iter()
        .fold(Layer::new(), |layer, dir| layer.dir(dir));
    layer
        .entry(Entry::file("bin/busybox", noise(seed, bytes / 2)).mode(0o755))
        .symlink("bin/sh", "busybox")
        .file("lib/libc.so.6", noise(seed + 1, bytes / 2))
        .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        .file("etc/group", "root:x:0:\n")
        .file("etc/motd", "A miniature: the shape is real, the contents are not.\n")
}

fn program(name: &str, seed: u64, bytes: usize) -> Layer {
    Layer::new()
        .dir("usr")
        .dir("usr/local")
        .dir("usr/local/bin")
        .entry(Entry::file(&format!("usr/local/bin/{name}"), noise(seed, bytes)).mode(0o755))
}

fn data() -> Layer {
    Layer::new().entry(Entry::dir("data").owner(999, 999))
}

fn entrypoint(version: &str) -> Layer {
    let script = format!("#!/bin/sh\n# for redis {version}\nset -e\nexec gosu redis \"$@\"\n");
    Layer::new()
        .dir("usr")
        .dir("usr/local")
        .dir("usr/local/bin")
        .entry(Entry::file("usr/local/bin/docker-entrypoint.sh", script).mode(0o755))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn the_committed_registry_is_what_this_builder_makes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/registry");
        for (name, bytes) in files() {
            let committed = fs::read(folder.join(&name)).unwrap_or_default();
            assert!(committed == bytes, "static/registry/{name} is not what `cargo xtask fixtures` makes");
        }
    }

    #[test]
    fn it_is_small_and_every_name_is_that_of_its_bytes() {
        let files = files();
        assert!(files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < 400_000);
        for (name, bytes) in files.iter().filter(|(name, _)| name.contains("sha256:")) {
            assert!(name.ends_with(&sha256(bytes)), "{name}");
        }
    }

    #[test]
    fn the_two_redis_share_the_lower_three_of_six_and_one_more_content() {
        let (old, new) = (redis_6_2().diff_ids(), redis_7_0().diff_ids());
        assert_eq!((old.len(), new.len()), (6, 6));
        let equal: Vec<bool> = old.iter().zip(&new).map(|(old, new)| old == new).collect();
        assert_eq!(equal, [true, true, true, false, true, false]);
    }

    #[test]
    fn the_forest_has_eleven_layers_in_two_trees() {
        let images: Vec<Vec<String>> = (0..FOREST.len()).map(|node| tree_of(node).diff_ids()).collect();
        let layers: BTreeSet<&String> = images.iter().flatten().collect();
        let roots: BTreeSet<&String> = images.iter().map(|layers| &layers[0]).collect();
        assert_eq!((images.len(), layers.len(), roots.len()), (11, 11, 2));
        assert_eq!(images[3][..3], images[2], "ubuntu:14.04 is made on 12.04");
    }
}
