use layerlab_core::{
    digest::{ChainId, DiffId, Digest},
    store::{
        Store,
        layout::{ContainerPlace, FileKind, FileNode, cache_id, containerd, docker, mount_line, short_name},
    },
};

use crate::build::{diff_id, store};

fn text<'a>(nodes: &'a [FileNode], path: &str) -> Option<&'a str> {
    nodes.iter().find(|node| node.path == path).and_then(|node| match &node.kind {
        FileKind::Text(text) => Some(&**text),
        _ => None,
    })
}

fn container(store: &Store) -> ContainerPlace {
    ContainerPlace { id: "c0ffee".into(), image: store.image("a:1").unwrap().id.clone(), running: true }
}

#[test]
fn layerdb_has_each_layer_once_under_its_chain_id() {
    let nodes = docker(&store(&[("a:1", &["base", "a"]), ("b:1", &["base", "b"])]), &[]);
    let (base, a) = (diff_id("base"), diff_id("a"));
    let chain = ChainId::base(&base).then(&a);
    let file = |chain: &ChainId, name: &str| {
        text(&nodes, &format!("image/overlay2/layerdb/sha256/{}/{name}", chain.0.encoded())).map(str::to_owned)
    };
    assert_eq!(file(&chain, "diff"), Some(a.to_string()));
    assert_eq!(file(&chain, "parent"), Some(base.to_string()));
    assert_eq!(file(&chain, "size"), Some("1000".into()));
    assert_eq!(file(&chain, "cache-id"), Some(cache_id(&chain)));
    assert_eq!(file(&ChainId::base(&base), "parent"), None);
    assert_eq!(nodes.iter().filter(|node| node.path.ends_with("/diff") && node.path.starts_with("image/")).count(), 3);
}

#[test]
fn a_layers_lower_file_lists_what_is_below_it_top_first() {
    let nodes = docker(&store(&[("a:1", &["1", "2", "3"])]), &[]);
    let chains = ChainId::chain(&[diff_id("1"), diff_id("2"), diff_id("3")]);
    let short = |layer: usize| format!("l/{}", short_name(&cache_id(&chains[layer])));
    let lower = |layer: usize| text(&nodes, &format!("overlay2/{}/lower", cache_id(&chains[layer])));
    assert_eq!(lower(2), Some(&*format!("{}:{}", short(1), short(0))));
    assert_eq!(lower(1), Some(&*short(0)));
    assert_eq!(lower(0), None);
}

#[test]
fn the_mount_of_a_container_begins_with_its_init_layer() {
    let store = store(&[("a:1", &["1", "2"])]);
    let container = container(&store);
    let line = mount_line(&store, &container).unwrap();
    let lowerdirs = line.split_once("lowerdir=").unwrap().1.split_once(",upperdir").unwrap().0;
    let lowerdirs: Vec<&str> = lowerdirs.split(':').collect();
    let nodes = docker(&store, std::slice::from_ref(&container));
    let mount = text(&nodes, "image/overlay2/layerdb/mounts/c0ffee/mount-id").unwrap();
    let expected = [format!("{mount}-init"), cache_id(&store.image("a:1").unwrap().chain_ids()[1])];
    for (lowerdir, folder) in lowerdirs.iter().zip(expected) {
        let link = format!("overlay2/l/{}", lowerdir.rsplit('/').next().unwrap());
        let node = nodes.iter().find(|node| node.path == link).unwrap();
        assert_eq!(node.kind, FileKind::Link { to: format!("../{folder}/diff") });
    }
    assert_eq!(lowerdirs.len(), 3);
    assert!(nodes.iter().any(|node| node.path == format!("overlay2/{mount}/merged")));
}

#[test]
fn the_distribution_maps_lead_both_ways() {
    let nodes = docker(&store(&[("redis:6.2", &["gzip:a"]), ("ghcr.io/x/y:1", &["zstd:a", "b"])]), &[]);
    let blob = |word: &str| Digest::sha256(format!("blob {word}").as_bytes());
    for word in ["gzip:a", "zstd:a"] {
        let path = format!("image/overlay2/distribution/diffid-by-digest/sha256/{}", blob(word).encoded());
        assert_eq!(text(&nodes, &path), Some(&*diff_id("a").to_string()));
    }
    let path = format!("image/overlay2/distribution/v2metadata-by-diffid/sha256/{}", diff_id("a").0.encoded());
    let back: serde_json::Value = serde_json::from_str(text(&nodes, &path).unwrap()).unwrap();
    assert_eq!(back.as_array().unwrap().len(), 2);
    assert!(back.to_string().contains("docker.io/library/redis") || back.to_string().contains("ghcr.io/x/y"));
}

#[test]
fn only_what_is_random_in_reality_is_marked_and_every_file_comes_in_its_folder() {
    let store = store(&[("a:1", &["1", "2"])]);
    for nodes in [docker(&store, &[container(&store)]), containerd(&store)] {
        for (index, node) in nodes.iter().enumerate() {
            if let Some((folder, _)) = node.path.rsplit_once('/') {
                // As a tree is printed: what follows a folder is in it until another folder of its own begins.
                let before = &nodes[index - 1].path;
                let inside = *before == folder || before.starts_with(&format!("{folder}/"));
                assert!(inside || folder.contains("meta.db/"), "{} comes after {before}", node.path);
            }
            let random = ["overlay2/", "layerdb/mounts/", "/cache-id", "snapshots/"];
            let exempt = node.path.ends_with("/mounts") || node.path.ends_with("/l") || node.path.ends_with("/parent");
            if node.invented {
                assert!(random.iter().any(|part| node.path.contains(part)), "{}", node.path);
            } else {
                assert!(exempt || !node.path.starts_with("overlay2/"), "{}", node.path);
            }
        }
    }
}

#[test]
fn containerd_keeps_blobs_and_snapshots() {
    let nodes = containerd(&store(&[("a:1", &["1", "2"])]));
    let blobs = nodes.iter().filter(|node| node.path.contains("/blobs/sha256/")).count();
    assert_eq!(blobs, 4, "two layers, config and manifest");
    assert!(nodes.iter().any(|node| node.path.ends_with("/snapshots/2/fs")));
    let labels = nodes.iter().filter(|node| node.path.contains("meta.db/content/"));
    assert!(labels.clone().count() == 4);
    let chain = ChainId::chain(&[diff_id("1"), diff_id("2")]).pop().unwrap();
    assert!(labels.into_iter().any(|node| {
        matches!(&node.kind, FileKind::Text(text) if *text == format!("containerd.io/gc.ref.snapshot.overlayfs={chain}"))
    }));
}

/// Two layers "A" and "B" as image-spec's config.md writes them: ChainID(A|B) is the digest of the two, joined by a
/// blank.
#[test]
fn the_chain_id_of_the_specification() {
    let (a, b) = (DiffId(Digest::sha256(b"A")), DiffId(Digest::sha256(b"B")));
    assert_eq!(ChainId::chain([&a]), [ChainId(a.0.clone())]);
    let joined = Digest::sha256(format!("{} {}", a.0, b.0).as_bytes());
    assert_eq!(ChainId::chain([&a, &b])[1].0, joined);
}
