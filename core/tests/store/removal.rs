use layerlab_core::store::{ImageName, Measure, Policy, RemoveError};

use crate::build::{image, pull, store};

#[test]
fn a_layer_goes_with_the_last_image_that_needs_it() {
    let mut store = store(&[("a:1", &["base", "mid", "a"]), ("b:1", &["base", "mid", "b"])]);
    let b = store.image("b:1").unwrap().id.clone();
    let removed = store.remove("a:1", false).unwrap();
    assert_eq!((removed.layers.len(), removed.kept.len(), removed.freed), (1, 2, 1_000));
    assert!(removed.kept.iter().all(|kept| kept.needed_by == [b.clone()]));
    assert_eq!(store.layers().len(), 3);
    let removed = store.remove("b:1", false).unwrap();
    assert_eq!((removed.layers.len(), removed.kept.len()), (3, 0));
    assert_eq!((store.layers().len(), store.content().iter().count()), (0, 0));
    assert_eq!(store.usage(Measure::Blobs).physical, 0);
}

#[test]
fn the_lines_are_those_of_docker_rmi() {
    let mut store = store(&[("a:1", &["base", "a"]), ("b:1", &["base"])]);
    let (id, top) = {
        let image = store.image("a:1").unwrap();
        (image.id.clone(), image.chain_ids()[1].clone())
    };
    let removed = store.remove("a:1", false).unwrap();
    assert_eq!(removed.lines(), ["Untagged: a:1".to_owned(), format!("Deleted: {id}"), format!("Deleted: {top}")]);
}

#[test]
fn an_image_with_another_name_stays() {
    let mut store = store(&[("a:1", &["a"])]);
    let id = store.image("a:1").unwrap().id.clone();
    store.tag(&id, ImageName::parse("a:latest"));
    let removed = store.remove("a:1", false).unwrap();
    assert_eq!((&removed.image, removed.lines()), (&None, vec!["Untagged: a:1".to_owned()]));
    assert!(store.image("a").is_some());
}

#[test]
fn by_its_id_an_image_goes_with_all_its_names_of_one_repository() {
    let mut store = store(&[("a:1", &["a"])]);
    let id = store.image("a:1").unwrap().id.clone();
    store.tag(&id, ImageName::parse("a:2"));
    store.tag(&id, ImageName::parse("b:1"));
    let short = id.0.short().to_owned();
    let refused = store.remove(&short, false).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("conflict: unable to delete {short} (must be forced) - image is referenced in multiple repositories")
    );
    assert_eq!(store.remove(&short, true).unwrap().untagged.len(), 3);
    assert!(store.images().is_empty());
    assert_eq!(store.remove("a:1", false), Err(RemoveError::NoSuchImage { name: "a:1".into() }));
}

#[test]
fn a_note_outlives_its_layer_and_leads_to_nothing() {
    let mut store = store(&[("a:1", &["a"])]);
    store.remove("a:1", false).unwrap();
    let again = pull(&mut store, "a:1", &image(&["a"]), Policy::Classic);
    let keys: Vec<_> = again.events.iter().map(|event| event.key()).collect();
    assert!(keys.contains(&"note-found") && keys.contains(&"chain-missing") && keys.contains(&"fetch"), "{keys:?}");
}

#[test]
fn shared_and_unique_bytes_of_each_image() {
    let store = store(&[("a:1", &["base", "a"]), ("b:1", &["base"])]);
    let of = |name: &str| {
        let id = &store.image(name).unwrap().id;
        let usage = store.usage_by_image(Measure::Unpacked).into_iter().find(|usage| usage.id == *id).unwrap();
        (usage.size, usage.shared, usage.unique())
    };
    assert_eq!((of("a:1"), of("b:1")), ((2_000, 1_000, 1_000), (1_000, 1_000, 0)));
}
