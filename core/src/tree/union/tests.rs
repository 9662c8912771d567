use proptest::prelude::*;

use super::*;
use crate::{
    finding::Code,
    report::Cause,
    tree::testing::{
        Item, assert_files, bare_whiteout, changeset, char_device, describe, dir, file, files, link, opaque,
        regular_bytes, symlink, tree, whiteout,
    },
};

/// The effect of the last of `layers`.
fn last_effect(layers: &[&[Item]]) -> LayerEffect {
    let (last, below) = layers.split_last().unwrap();
    let changeset = changeset(last);
    tree(below).apply(&changeset, regular_bytes(&changeset))
}

fn codes(effect: &LayerEffect) -> Vec<Code> {
    effect.findings.iter().map(|finding| finding.code).collect()
}

fn layer_of(tree: &UnionTree, path: &str) -> u32 {
    let path = tree.paths().find(path.split('/').map(str::as_bytes)).unwrap();
    tree.get(path).unwrap().layer
}

#[test]
fn upper_layers_win_and_every_path_knows_its_layer() {
    let tree = tree(&[&[dir("etc"), file("etc/passwd", "a"), file("etc/hosts", "h")], &[file("etc/passwd", "b")]]);
    assert_files(&tree, &["etc", "etc/hosts", "etc/passwd"]);
    assert_eq!((layer_of(&tree, "etc/hosts"), layer_of(&tree, "etc/passwd")), (0, 1));
}

#[test]
fn a_whiteout_hides_the_path_and_all_below_it() {
    let tree = tree(&[&[file("a/b/c", ""), file("a/d", ""), file("ab", "")], &[whiteout("a")]]);
    assert_files(&tree, &["ab"]);
}

#[test]
fn a_whiteout_hides_lower_layers_only_whatever_its_place_in_the_tar() {
    for order in [[whiteout("a"), file("a", "new")], [file("a", "new"), whiteout("a")]] {
        let tree = tree(&[&[file("a", "old")], &order]);
        assert_files(&tree, &["a"]);
        assert_eq!(layer_of(&tree, "a"), 1);
    }
}

#[test]
fn an_opaque_whiteout_comes_first_even_when_it_is_last_in_the_tar() {
    let tree = tree(&[&[dir("d"), file("d/old", ""), file("d/sub/older", "")], &[file("d/new", ""), opaque("d")]]);
    assert_files(&tree, &["d", "d/new"]);
}

#[test]
fn an_opaque_root_hides_everything() {
    assert_files(&tree(&[&[file("a", ""), file("b/c", "")], &[opaque(""), file("d", "")]]), &["d"]);
}

#[test]
fn a_whiteout_never_goes_through_a_lower_symlink() {
    let tree = tree(&[&[file("usr/lib/x", ""), symlink("lib", "usr/lib")], &[whiteout("lib/x"), opaque("lib")]]);
    assert_files(&tree, &["lib", "usr", "usr/lib", "usr/lib/x"]);
}

#[test]
fn an_opaque_marker_under_a_file_hides_nothing() {
    assert_files(&tree(&[&[file("f", "")], &[opaque("f")]]), &["f"]);
}

#[test]
fn a_bare_whiteout_hides_not_even_its_directory() {
    let layers: [&[Item]; 2] = [&[file("d/f", "")], &[bare_whiteout("d"), bare_whiteout("")]];
    assert_files(&tree(&layers), &["d", "d/f"]);
    let counts = last_effect(&layers).counts;
    assert_eq!((counts.whiteouts, counts.whiteouts_without_target, counts.removed), (2, 2, 0));
}

#[test]
fn a_whiteout_of_what_never_was_is_a_note() {
    let effect = last_effect(&[&[file("a", "")], &[whiteout("b")]]);
    assert_eq!(codes(&effect), [Code::WhiteoutWithoutTarget]);
    assert_eq!(effect.findings[0].message, "A whiteout hides b, which no lower layer has.");
    assert_eq!(effect.counts.whiteouts_without_target, 1);
}

#[test]
fn the_last_of_a_repeated_path_wins() {
    let layers: [&[Item]; 1] = [&[file("a", "first"), file("a", "second")]];
    let effect = last_effect(&layers);
    assert_eq!(codes(&effect), [Code::EntryRepeated]);
    assert_eq!((effect.counts.added, effect.cumulative_bytes), (1, 6));
    assert_eq!(tree(&layers).ledger().causes()[&Cause::RepeatedInLayer], 5);
}

#[test]
fn a_file_in_place_of_a_directory_takes_its_children_away() {
    let layers: [&[Item]; 2] = [&[dir("d"), file("d/a", "aa"), file("d/b/c", "c")], &[file("d", "file")]];
    let tree = tree(&layers);
    assert_files(&tree, &["d"]);
    let counts = last_effect(&layers).counts;
    assert_eq!((counts.removed, counts.modified, counts.modified_type), (3, 1, 1));
    assert_eq!(tree.ledger().causes()[&Cause::DirectoryReplaced], 3);
}

#[test]
fn a_directory_in_place_of_a_file_starts_empty() {
    assert_files(&tree(&[&[file("d", "x")], &[dir("d"), file("d/a", "")]]), &["d", "d/a"]);
}

#[test]
fn parents_without_an_entry_are_directories_of_root() {
    let tree = tree(&[&[file("a/b/c", "")]]);
    assert_files(&tree, &["a", "a/b", "a/b/c"]);
    let parent = tree.get(tree.paths().find([&b"a"[..]]).unwrap()).unwrap();
    assert_eq!((parent.word, parent.inode.metadata.mode, parent.inode.metadata.uid), ("dir", 0o755, 0));
    assert_eq!(last_effect(&[&[file("a/b/c", "")]]).counts.added, 1);
}

#[test]
fn a_parent_that_is_a_lower_symlink_becomes_the_layers_own_directory() {
    let layers: [&[Item]; 2] = [&[file("usr/lib/a", ""), symlink("lib", "usr/lib")], &[file("lib/b", "")]];
    assert_files(&tree(&layers), &["lib", "lib/b", "usr", "usr/lib", "usr/lib/a"]);
    assert_eq!(codes(&last_effect(&layers)), [Code::ParentNotDirectory]);
}

#[test]
fn the_root_entry_is_no_path() {
    assert_files(&tree(&[&[dir(""), file("a", "")]]), &["a"]);
}

#[test]
fn a_hard_link_is_the_same_inode_and_its_bytes_count_once() {
    let tree = tree(&[&[file("a", "12345"), link("b", "a"), link("c", "b")]]);
    let merged = tree.merged(None);
    assert_eq!((merged.bytes, merged.bytes_apparent), (5, 15));
    assert_eq!(merged.types, BTreeMap::from([("file".to_string(), 1), ("hardlink".to_string(), 2)]));
}

#[test]
fn a_hard_link_keeps_its_content_when_the_target_is_replaced_or_deleted() {
    let tree = tree(&[&[file("a", "12345"), link("b", "a")], &[file("a", "xyz")], &[whiteout("a")]]);
    assert_files(&tree, &["b"]);
    assert_eq!((tree.bytes(), tree.shadowed_bytes()), (5, 3));
}

#[test]
fn a_hard_link_to_a_lower_layer_is_bound_and_noted() {
    let layers: [&[Item]; 2] = [&[file("a", "12345")], &[link("b", "a")]];
    let effect = last_effect(&layers);
    assert_eq!(codes(&effect), [Code::HardLinkCrossLayer]);
    assert_eq!((effect.contribution_bytes, effect.cumulative_bytes), (0, 5));
}

#[test]
fn a_hard_link_is_bound_when_read() {
    let forward = last_effect(&[&[link("b", "a"), file("a", "12345")]]);
    assert_eq!(codes(&forward), [Code::HardLinkUnresolved]);
    assert_eq!(forward.cumulative_bytes, 5);
    let cycle: [&[Item]; 1] = [&[link("a", "b"), link("b", "a")]];
    assert_files(&tree(&cycle), &["a", "b"]);
    assert_eq!(codes(&last_effect(&cycle)), [Code::HardLinkUnresolved]);
    let hidden = last_effect(&[&[file("a", "12345")], &[link("b", "a"), whiteout("a")]]);
    assert_eq!(codes(&hidden), [Code::HardLinkUnresolved]);
}

#[test]
fn a_hard_link_to_its_own_lower_path_changes_nothing() {
    let layers: [&[Item]; 2] = [&[file("a", "12345")], &[link("a", "a")]];
    assert_eq!(last_effect(&layers).counts, Counts { relisted: 1, ..Counts::default() });
    assert_eq!(tree(&layers).shadowed_bytes(), 0);
}

#[test]
fn aufs_metadata_is_no_path_and_its_hard_links_resolve() {
    let layers: [&[Item]; 1] = [&[
        dir(".wh..wh.plnk"),
        file(".wh..wh.plnk/12.34", "linked"),
        file(".wh..wh.plnk/56.78", "lost"),
        file(".wh..wh.aufs", ""),
        link("a", ".wh..wh.plnk/12.34"),
        link("b", ".wh..wh.plnk/12.34"),
    ]];
    let tree = tree(&layers);
    assert_files(&tree, &["a", "b"]);
    assert_eq!((tree.bytes(), tree.shadowed_bytes()), (6, 4));
    assert_eq!(tree.ledger().causes()[&Cause::NoPath], 4);
}

#[test]
fn counts_tell_content_metadata_type_and_mere_repetition_apart() {
    let below = [
        file("content", "a"),
        file("mode", "a"),
        file("xattr", "a"),
        file("type", "a"),
        file("time", "a"),
        symlink("target", "a"),
        char_device("device", 1, 3),
        dir("d"),
        file("d/x", ""),
    ];
    let above = [
        file("content", "b"),
        file("mode", "a").mode(0o600),
        file("xattr", "a").xattr("security.capability", "\u{1}\0"),
        symlink("type", "a"),
        file("time", "a").mtime(7),
        symlink("target", "b"),
        char_device("device", 1, 5),
        dir("d"),
        whiteout("d/x"),
        file("new", ""),
    ];
    let expected = Counts {
        added: 1,
        modified: 6,
        modified_content: 3,
        modified_meta_only: 2,
        modified_type: 1,
        relisted: 2,
        removed: 1,
        whiteouts: 1,
        ..Counts::default()
    };
    assert_eq!(last_effect(&[&below, &above]).counts, expected);
}

#[test]
fn what_a_layer_removes_and_brings_again_was_modified() {
    let below: &[Item] = &[dir("d"), file("d/same", "a"), file("d/other", "a"), file("d/gone", "a")];
    let above: &[Item] = &[opaque("d"), file("d/same", "a"), file("d/other", "b")];
    let expected =
        Counts { modified: 1, modified_content: 1, relisted: 1, removed: 1, opaque_dirs: 1, ..Counts::default() };
    assert_eq!(last_effect(&[below, above]).counts, expected);
    let causes = tree(&[below, above]).ledger().causes();
    let of = |cause: Cause| causes[&cause];
    assert_eq!((of(Cause::TimeOnly), of(Cause::Overwritten), of(Cause::HiddenByOpaque)), (1, 1, 1));
}

#[test]
fn removed_counts_only_what_was_below() {
    let effect = last_effect(&[&[dir("d"), file("d/below", "")], &[file("d/own", ""), file("d", "")]]);
    assert_eq!(effect.counts.removed, 1);
}

#[test]
fn a_contribution_can_be_negative() {
    let effect = last_effect(&[&[file("a", "12345")], &[whiteout("a"), file("b", "1")]]);
    assert_eq!((effect.contribution_bytes, effect.cumulative_bytes), (-4, 1));
}

#[test]
fn the_ledger_names_what_took_the_last_name_away() {
    let tree = tree(&[
        &[file("keep", "k"), file("a", "123456789"), link("b", "a"), file("d/x", "12"), file("m", "1234")],
        &[whiteout("a"), file("m", "1234").mode(0o600)],
        &[whiteout("b"), whiteout("d").sized(3)],
    ]);
    let (rows, rest) = tree.ledger().rows(tree.paths());
    let rows: Vec<(String, Cause, u32, u32, u64)> = rows
        .iter()
        .map(|row| (tree.paths().display(row.path), row.cause, row.layer, row.by_layer, row.bytes))
        .collect();
    assert_eq!(
        rows,
        [
            ("b".into(), Cause::Deleted, 0, 2, 9),
            ("m".into(), Cause::MetadataOnly, 0, 1, 4),
            ("d".into(), Cause::NoPath, 2, 2, 3),
            ("d/x".into(), Cause::DeletedWithDirectory, 0, 2, 2),
        ]
    );
    assert_eq!((rest.rows, rest.bytes), (0, 0));
}

#[test]
fn thousands_of_levels_and_thousands_of_layers_pass() {
    let deep = "d/".repeat(20_000) + "f";
    let base = changeset(&[file(&deep, "x")]);
    let mut tree = UnionTree::new(&Limits::default());
    tree.apply(&base, 1);
    for _ in 0..10_000 {
        tree.apply(&changeset(&[file("a", "y")]), 1);
    }
    assert_eq!(tree.merged(None).paths, 20_002);
    let effect = tree.apply(&changeset(&[whiteout("d")]), 0);
    assert_eq!((effect.counts.removed, effect.cumulative_bytes), (20_001, 1));
}

/// Well-formed layers over few names, so that they meet often: a name with an extension is never a directory.
fn any_layer() -> impl Strategy<Value = Vec<Item>> {
    let directory = prop::sample::select(vec!["d", "e", "d/s"]);
    let leaf = prop::sample::select(vec!["a.f", "b.f", "d/a.f", "d/b.f", "e/a.f", "d/s/a.f"]);
    let item = prop_oneof![
        (leaf.clone(), "[xy]{0,3}", 0_u16..2).prop_map(|(p, text, mode)| file(p, &text).mode(0o600 + mode)),
        directory.clone().prop_map(dir),
        leaf.clone().prop_map(|p| symlink(p, "t")),
        leaf.clone().prop_map(whiteout),
        directory.clone().prop_map(|p| whiteout(p).sized(2)),
        directory.prop_map(opaque),
    ];
    prop::collection::vec(item, 0..8)
}

/// One item a path, and one whiteout a path.
fn distinct(items: Vec<Item>) -> Vec<Item> {
    let mut seen = std::collections::BTreeSet::new();
    items.into_iter().filter(|item| seen.insert((item.name().to_owned(), item.is_whiteout()))).collect()
}

proptest! {
    #[test]
    fn any_order_of_distinct_paths_gives_the_same_tree(
        below in any_layer(),
        (above, shuffled) in any_layer().prop_map(distinct).prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())),
    ) {
        prop_assert_eq!(describe(&tree(&[&below, &above])), describe(&tree(&[&below, &shuffled])));
    }

    #[test]
    fn the_ledger_is_exact(
        layers in prop::collection::vec(
            (any_layer(), prop::option::of((prop::sample::select(vec!["a.f", "l", "d"]), prop::sample::select(vec!["a.f", "d/a.f", "l"])))),
            1..5,
        ),
    ) {
        let layers: Vec<Vec<Item>> = layers
            .into_iter()
            .map(|(mut items, hard_link)| {
                items.extend(hard_link.map(|(name, target)| link(name, target)));
                items
            })
            .collect();
        let slices: Vec<&[Item]> = layers.iter().map(Vec::as_slice).collect();
        let tree = tree(&slices);
        prop_assert_eq!(tree.ledger().bytes(), tree.shadowed_bytes());
        let (rows, rest) = tree.ledger().rows(tree.paths());
        prop_assert_eq!(rows.iter().map(|row| row.bytes).sum::<u64>() + rest.bytes, tree.shadowed_bytes());
        let visible: std::collections::BTreeMap<_, _> =
            tree.living().filter(|v| v.inode.is_file()).map(|v| (v.inode_id, v.inode.size)).collect();
        prop_assert_eq!(visible.values().sum::<u64>(), tree.bytes());
        prop_assert_eq!(files(&tree).len() as u64, tree.merged(None).paths);
    }
}
