//! A million paths against the clock. The bounds are those of the specification for a build with optimisation, ten
//! times as long for one without.

use std::{rc::Rc, time::Instant};

use layerlab_core::{
    explore::{Column, Direction, Filter, Reading, Sort, TextFilter, Timeline, TreeView, row::Set},
    layer::changeset::{Changeset, ContentHash, Entry, EntryKind, Metadata},
    limits::Limits,
};

const SLOWER: u128 = if cfg!(debug_assertions) { 10 } else { 1 };

fn layer(paths: usize) -> Changeset {
    let mut changeset = Changeset::default();
    for number in 0..paths {
        let names = [format!("d{}", number / 10_000), format!("pkg{}", number / 100), format!("Module_{number}.py")];
        let path = changeset.paths.path(names.iter().map(|name| name.as_bytes()));
        let kind = EntryKind::File { content: ContentHash([number as u64, 0]) };
        let size = (number * 7919 % 100_000) as u64;
        changeset.entries.push(Entry { path, kind, metadata: Metadata::default(), size, data_offset: 0 });
    }
    changeset
}

fn timed<T>(what: &str, bound: u128, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let took = start.elapsed();
    println!("{what}: {took:?}");
    assert!(took.as_millis() < bound * SLOWER, "{what} took {took:?}");
    done
}

#[test]
fn opening_a_layer_and_each_keystroke_of_the_search_are_fast_enough() {
    let (big, small) = (layer(1_000_000), layer(300_000));
    let top = layer(1_000);
    let timeline = timed("timeline of 1,000,000 paths", 5_000, || {
        Rc::new(Timeline::new([(&big, 0), (&top, 0)], &Limits::default()))
    });
    let mut view =
        timed("opening the layer of 1,000,000", 100, || TreeView::new(timeline.clone(), Reading::Own { layer: 0 }));
    timed("opening the layer above", 100, || TreeView::new(timeline.clone(), Reading::Merged { layer: 1 }));
    timed("a window of rows", 5, || assert_eq!(view.rows(0..60).len(), 60));
    timed("all of it unfolded", 400, || view.expand_all());
    assert_eq!(view.len(), 1_000_000 + 10_000 + 100);
    timed("largest first over all files", 1_000, || {
        view.set_sort(Sort { by: Column::Size, descending: true });
        view.set_flat(true);
    });
    assert_eq!(view.rows(0..1)[0].size, 99_999);
    for text in [
        TextFilter::Contains("module_77".into()),
        TextFilter::Glob("d1*/**/*7.py".into()),
        TextFilter::Regex("_77+\\.py$".into()),
    ] {
        let filter = Filter { text: Some(text.clone()), ..Filter::of_changes(Set::all()) };
        timed(&format!("filter {text:?}"), 3_000, || view.set_filter(filter).unwrap());
    }

    let timeline = Rc::new(Timeline::new([(&small, 0)], &Limits::default()));
    let mut view = TreeView::new(timeline, Reading::Own { layer: 0 });
    for query in ["m", "mo", "module_", "module_299", "9.py", "pkg77/mod", "nowhere"] {
        timed(&format!("keystroke {query:?} at 300,000 paths"), 50, || {
            let found = view.search(query);
            assert_eq!(view.jump(None, Direction::Next).is_some(), found > 0);
        });
    }
}
