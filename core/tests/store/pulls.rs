use layerlab_core::{
    digest::{ChainId, Digest},
    limits::Limits,
    store::{
        ImageName, ImageRecord,
        LayerAction::{self, Fetch, Present, Reuse},
        Measure, Policy, PullEvent, RecordError, Store, differences, plan,
    },
};

use crate::build::{diff_id, image, pull, store};

fn actions(store: &Store, layers: &[&str], policy: Policy) -> Vec<LayerAction> {
    let plan = plan(store, &ImageName::parse("new:1"), &image(layers), policy);
    plan.layers.into_iter().map(|layer| layer.action).collect()
}

fn keys(events: &[PullEvent]) -> Vec<&str> {
    events.iter().map(PullEvent::key).collect()
}

#[test]
fn what_each_policy_fetches() {
    let here: &[(&str, &[&str])] = &[("old:1", &["a", "b", "c"])];
    for (what, layers, classic, containerd, by_content) in [
        ("nothing in common", &["x", "y"][..], &[Fetch, Fetch][..], &[Fetch, Fetch][..], &[Fetch, Fetch][..]),
        (
            "the lower two shared",
            &["a", "b", "x"],
            &[Present, Present, Fetch],
            &[Present, Present, Fetch],
            &[Present, Present, Fetch],
        ),
        ("a shared layer above another base", &["x", "b"], &[Fetch, Fetch], &[Fetch, Reuse], &[Fetch, Reuse]),
        (
            "a hole in the middle",
            &["a", "x", "c"],
            &[Present, Fetch, Fetch],
            &[Present, Fetch, Reuse],
            &[Present, Fetch, Reuse],
        ),
        (
            "the base, compressed in another way",
            &["zstd:a", "b", "x"],
            &[Fetch, Fetch, Fetch],
            &[Present, Present, Fetch],
            &[Present, Present, Fetch],
        ),
        ("another compression on another base", &["x", "zstd:b"], &[Fetch, Fetch], &[Fetch, Fetch], &[Fetch, Reuse]),
        ("the same layer twice", &["x", "x"], &[Fetch, Reuse], &[Fetch, Reuse], &[Fetch, Reuse]),
    ] {
        let store = store(here);
        assert_eq!(actions(&store, layers, Policy::Classic), classic, "{what}");
        assert_eq!(actions(&store, layers, Policy::Containerd), containerd, "{what}");
        assert_eq!(actions(&store, layers, Policy::ByContent), by_content, "{what}");
        let differ = differences(&store, &ImageName::parse("new:1"), &image(layers));
        let expected = classic.iter().zip(containerd).zip(by_content).filter(|((a, b), c)| !(a == b && b == c));
        assert_eq!(differ.len(), expected.count(), "{what}");
    }
}

#[test]
fn the_second_pull_fetches_what_the_first_did_not_bring() {
    let mut store = Store::new();
    let first = pull(&mut store, "redis:6.2", &image(&["debian", "user", "tools", "a"]), Policy::Classic);
    assert_eq!((first.bytes.layers, first.bytes.saved), (400, 0));
    let second = pull(&mut store, "redis:7.0-rc", &image(&["debian", "user", "tools", "b"]), Policy::Classic);
    assert_eq!((second.bytes.layers, second.bytes.saved), (100, 300));
    let usage = store.usage(Measure::Unpacked);
    assert_eq!((usage.logical, usage.physical, usage.saved(), usage.unknown), (8_000, 5_000, 3_000, 0));
}

#[test]
fn the_steps_of_a_classic_pull() {
    let store = store(&[("old:1", &["a", "b"])]);
    let plan = plan(&store, &ImageName::parse("new:1"), &image(&["a", "x", "b"]), Policy::Classic);
    assert_eq!(
        keys(&plan.events),
        [
            "ask",
            "manifest",
            "image-missing",
            "config",
            "note-found",
            "chain-found",
            "exists",
            "note-missing",
            "look-up-stopped",
            "fetch",
            "blob-verified",
            "decompress",
            "diff-id-verified",
            "register",
            "fetch",
            "blob-verified",
            "decompress",
            "diff-id-verified",
            "register",
            "image-registered",
            "tagged",
        ]
    );
    let steps: Vec<u8> = plan.events.iter().map(|event| event.step() as u8).collect();
    assert!(steps[..10].is_sorted(), "{steps:?}");
}

#[test]
fn containerd_looks_for_every_document_and_unpacks_what_it_has() {
    let store = store(&[("old:1", &["a", "b"])]);
    let plan = plan(&store, &ImageName::parse("new:1"), &image(&["b"]), Policy::Containerd);
    assert_eq!(
        keys(&plan.events),
        [
            "ask",
            "document-missing",
            "manifest",
            "image-target-missing",
            "document-missing",
            "config",
            "chain-missing",
            "blob-found",
            "register",
            "image-registered",
            "tagged",
        ]
    );
}

#[test]
fn an_image_that_is_here_is_only_named() {
    let mut store = store(&[("a:1", &["a", "b"])]);
    let again = pull(&mut store, "a:2", &image(&["a", "b"]), Policy::Classic);
    assert!(again.up_to_date);
    assert_eq!(keys(&again.events), ["ask", "manifest", "image-found", "tagged"]);
    assert_eq!((store.images().len(), store.tags().iter().count()), (1, 2));
}

#[test]
fn a_tag_that_moves_leaves_the_image_without_a_name() {
    let mut store = store(&[("a:1", &["a"])]);
    let old = store.image("a:1").unwrap().id.clone();
    let moved = pull(&mut store, "a:1", &image(&["b"]), Policy::Classic);
    assert_eq!(moved.events.last().unwrap().key(), "tag-moved");
    assert_ne!(store.image("a:1").unwrap().id, old);
    assert_eq!(store.tags().of(&old).count(), 0);
    assert!(store.images().contains(&old));
}

#[test]
fn planning_changes_nothing_and_a_prefix_of_the_events_is_a_state_of_its_own() {
    let mut store = Store::new();
    let plan = plan(&store, &ImageName::parse("a:1"), &image(&["a", "b"]), Policy::ByContent);
    assert_eq!(store, Store::new());
    let half = plan.events.iter().position(|event| event.key() == "register").unwrap() + 1;
    plan.events[..half].iter().for_each(|event| store.apply(event));
    assert_eq!((store.layers().len(), store.images().len()), (1, 0));
    let resumed = actions(&store, &["a", "b"], Policy::ByContent);
    assert_eq!(resumed, [Present, Fetch]);
}

#[test]
fn layers_are_on_their_parents() {
    let store = store(&[("a:1", &["a", "b"]), ("b:1", &["b"])]);
    let (a, b) = (diff_id("a"), diff_id("b"));
    let top = ChainId::base(&a).then(&b);
    assert_eq!(store.layers().get(&top).unwrap().parent, Some(ChainId::base(&a)));
    assert_eq!(store.layers().get(&ChainId::base(&b)).unwrap().parent, None);
    assert_eq!((store.layers().len(), store.layers().diffs().len()), (3, 2));
}

/// The manifest and config of image-spec's own examples, as far as they go.
#[test]
fn a_record_is_read_from_its_documents() {
    let digest = |text: &str| Digest::sha256(text.as_bytes());
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{}","{}"]}},
        "history":[{{"created_by":"ADD rootfs.tar /"}},{{"created_by":"ENV A=1","empty_layer":true}},{{"created_by":"RUN x"}}]}}"#,
        digest("a"),
        digest("b")
    );
    let layer = |text: &str| format!(r#"{{"mediaType":"tar","digest":"{}","size":7}}"#, digest(text));
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"digest":"{}","size":{}}},"layers":[{},{}]}}"#,
        digest(&config),
        config.len(),
        layer("blob a"),
        layer("blob b")
    );
    let read = |manifest: &str, config: &str| {
        ImageRecord::from_documents(manifest.as_bytes(), config.as_bytes(), &Limits::default())
    };
    let record = read(&manifest, &config).unwrap();
    assert_eq!(record.id().0, digest(&config));
    assert_eq!(record.layers[1].created_by.as_deref(), Some("RUN x"));
    assert_eq!((record.layers[1].diff_id.0.clone(), record.layers[1].blob_size), (digest("b"), 7));
    for (manifest, config, sentence) in [
        (
            "{",
            &*config,
            "The manifest cannot be understood: it is no valid JSON (EOF while parsing an object at line 1 column 1).",
        ),
        ("[]", &config, "The document that came is no image manifest."),
        (r#"{"manifests":[]}"#, &config, "The document that came is no image manifest."),
        (&manifest, "{}", "The manifest lists 2 layers, and the config 0 diff_ids."),
        (&manifest.replace(":7}", ":-7}"), &config, "The manifest gives no digest or no size for layer 1."),
    ] {
        assert_eq!(read(manifest, config).unwrap_err().to_string(), sentence);
    }
    assert_eq!(read(&manifest, "{}"), Err(RecordError::Count { layers: 2, diff_ids: 0 }));
}
