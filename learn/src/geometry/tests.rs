use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use layerlab_core::overlay::{Flags, Inode, Layer, Mode, Op, Overlay, Place, shell::Call};

use super::*;
use crate::scene::{Backdrop, Film, Stand};

fn layer(files: &[String]) -> Arc<Layer> {
    let mut layer = Layer::new();
    for file in files {
        layer.put(&file.as_str().into(), Inode::file(file.as_bytes(), 0o644));
    }
    Arc::new(layer)
}

fn classic() -> Overlay {
    let files = |names: &[&str]| layer(&names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>());
    Overlay::new(vec![files(&["/etc/hosts", "/etc/passwd"]), files(&["/etc/passwd", "/srv/data/a"])], Mode::Default)
}

/// 12 layers with 200 tiles, names from one letter to forty, some of them Chinese; some deleted and copied up.
fn crowded() -> Overlay {
    let mut number = 0;
    let lowers = (0..11)
        .map(|no| {
            let files: Vec<String> = (0..18)
                .map(|at| {
                    number += 1;
                    let stem = ["f", "配置文件", "a-rather-long-name-of-a-file-in-a-directory"][number % 3];
                    format!("/d{}/{stem}{}", at % 5, if at % 4 == 0 { at } else { no * 100 + at })
                })
                .collect();
            layer(&files)
        })
        .collect();
    let mut overlay = Overlay::new(lowers, Mode::Default);
    let paths: Vec<MergedPath> = overlay.columns().into_keys().collect();
    for path in paths.iter().step_by(9) {
        let bytes = [b"/", path.bytes()].concat();
        let _ = overlay.apply(&Op::Unlink { path: bytes.clone() });
    }
    for path in paths.iter().skip(1).step_by(9) {
        let _ = overlay.apply(&Op::Chmod { path: [b"/", path.bytes()].concat(), mode: 0o600 });
    }
    overlay
}

fn is_tile(item: &Item) -> bool {
    match &item.look {
        Look::Seen { .. } => true,
        Look::Piece { kind, .. } => !matches!(kind, PieceKind::Tray | PieceKind::OpaqueTray),
        _ => false,
    }
}

fn assert_sound(picture: &Picture, what: &str) {
    let tiles: Vec<&Item> = picture.items.iter().filter(|item| is_tile(item)).collect();
    for (at, tile) in tiles.iter().enumerate() {
        for other in &tiles[at + 1..] {
            assert!(!tile.rect.overlaps(&other.rect), "{what}: {tile:?} and {other:?}");
        }
        let home = match &tile.look {
            Look::Seen { .. } => picture.item(&Key::Merged),
            Look::Piece { layer, .. } => picture.item(&Key::Slab(*layer)),
            _ => None,
        };
        let home = home.unwrap_or_else(|| panic!("{what}: {tile:?} has no slab"));
        assert!(home.rect.contains(&tile.rect), "{what}: {tile:?} in {home:?}");
        assert!(label::width(&tile.label, grid::LETTER) <= tile.rect.w, "{what}: the label of {tile:?}");
    }
    let whole = Rect { x: 0.0, y: 0.0, w: picture.width, h: picture.height };
    let brackets: Vec<&Item> = picture.items.iter().filter(|item| item.look == Look::Bracket).collect();
    for pair in brackets.windows(2) {
        assert!(!pair[0].rect.overlaps(&pair[1].rect));
    }
    for item in &picture.items {
        assert!(whole.contains(&item.rect), "{what}: {item:?} in {whole:?}");
    }
}

#[test]
fn nothing_overlaps_and_nothing_leaves_its_slab_from_a_telephone_to_a_wall() {
    let stands = ["web", "a-container-with-a-long-name", "db"].map(|name| Stand {
        name: name.into(),
        running: true,
        chosen: name == "web",
        bytes: 0,
        changes: 0,
    });
    let backdrop = Backdrop { kernel: true, stands: stands.into(), ..Backdrop::default() };
    for (name, overlay) in [("classic", classic()), ("crowded", crowded())] {
        for width in [320.0, 390.0, 719.0, 720.0, 1240.0, 2560.0] {
            let scene = Scene::of(&overlay, &backdrop);
            assert_sound(&Picture::of(&scene, width), &format!("{name} at {width}"));
        }
    }
    assert!(Scene::of(&crowded(), &backdrop).pieces.len() > 200);
    let classic = Picture::of(&Scene::of(&classic(), &backdrop), 390.0);
    assert_eq!(classic.width, 390.0, "a small picture needs no scrolling on a telephone");
}

#[test]
fn an_image_alone_has_neither_merged_view_nor_writable_slab() {
    let scene = Scene::of(&classic(), &Backdrop { only_image: true, ..Backdrop::default() });
    let picture = Picture::of(&scene, 1000.0);
    assert!(picture.item(&Key::Merged).is_none() && picture.item(&Key::Slab(LayerNo(2))).is_none());
    assert_sound(&picture, "an image");
}

/// One command for each kind of movement.
fn commands() -> Vec<(&'static str, Vec<Op>)> {
    let flags = |create| Flags { create, exclusive: false, truncate: false };
    let write = |path: &str, create| Op::Write {
        path: path.into(),
        flags: flags(create),
        place: Place::End,
        data: b"x".to_vec(),
    };
    let unlink = |path: &str| Op::Unlink { path: path.into() };
    vec![
        ("read", vec![Op::Read { path: "/etc/passwd".into() }]),
        ("copy-up", vec![write("/etc/hosts", None)]),
        ("create", vec![write("/etc/motd", Some(0o644))]),
        ("whiteout", vec![unlink("/etc/hosts")]),
        (
            "opaque",
            vec![
                unlink("/srv/data/a"),
                Op::Rmdir { path: "/srv/data".into() },
                Op::Mkdir { path: "/srv/data".into(), mode: 0o755 },
            ],
        ),
        ("remove", vec![write("/etc/motd", Some(0o644)), unlink("/etc/motd")]),
        ("move", vec![write("/new", Some(0o644)), Op::Rename { from: "/new".into(), to: "/etc/moved".into() }]),
        (
            "exchange",
            vec![write("/x", Some(0o644)), write("/y", Some(0o644)), Op::Exchange { a: "/x".into(), b: "/y".into() }],
        ),
        ("metadata", vec![Op::Chmod { path: "/etc/passwd".into(), mode: 0o600 }]),
        ("refuse", vec![Op::Rename { from: "/srv".into(), to: "/lib".into() }]),
    ]
}

fn film(ops: &[Op]) -> Film {
    let mut overlay = classic();
    let calls: Vec<Call> = ops
        .iter()
        .map(|op| {
            let (result, events) = overlay.apply(op);
            Call { op: op.clone(), result, events, mount: None, wrote: false }
        })
        .collect();
    let film = Film::of(classic(), Backdrop::default(), &calls);
    let lowers = overlay.into_lowers();
    film.then(None, Overlay::new(lowers, Mode::Default), Backdrop::default())
}

/// All that is not where it was in the picture before.
fn shown(before: &Picture, now: &Picture) -> String {
    let mut out = String::new();
    for item in &now.items {
        if before.items.contains(item) {
            continue;
        }
        let name = match &item.key {
            Key::Piece(piece) => format!("piece {} {}", piece.layer.0, piece.path),
            Key::Seen(path) => format!("seen {path}"),
            Key::Slab(layer) => format!("slab {}", layer.0),
            other => format!("{other:?}").to_lowercase(),
        };
        let Rect { x, y, w, h } = item.rect;
        let mark = match &item.look {
            Look::Piece { kind, hidden, notch, .. } => {
                format!(" {kind:?}{}{}", if *hidden { " hidden" } else { "" }, if *notch { " notch" } else { "" })
            }
            Look::Seen { layer, .. } => format!(" from {}", layer.0),
            Look::Ray { stops } => format!(" stops={stops}"),
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "  {name}: {x:.2},{y:.2} {w:.2}x{h:.2} opacity {:.3} glow {:.3}{mark}",
            item.opacity, item.glow
        );
    }
    out
}

/// `LAYERLAB_BLESS=1` writes the snapshots anew; a look at the difference is part of a review.
#[test]
fn every_movement_at_its_first_middle_and_last_frame() {
    for (name, ops) in commands() {
        let film = film(&ops);
        let mut text = String::new();
        for (at, step) in film.steps().iter().enumerate() {
            let pictures = [film.scene(at), film.scene(at + 1)].map(|scene| Picture::of(&scene, 900.0));
            let event = step.event.as_ref().map_or("rebuild", |event| event.key());
            let _ = writeln!(text, "{event}");
            for t in [0.0, 0.5, 1.0] {
                let moment = between(&pictures[0], &pictures[1], &step.movement, t);
                let _ = write!(text, " at {t}\n{}", shown(&pictures[0], &moment));
            }
            assert_sound(&pictures[1], name);
        }
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/geometry/snapshots/{name}.txt"));
        if std::env::var_os("LAYERLAB_BLESS").is_some() {
            std::fs::write(&path, &text).expect("snapshots can be written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, expected, "{name}");
    }
}

#[test]
fn resting_pieces_never_overlap_while_others_make_room() {
    let film = film(&commands()[2].1);
    for (at, step) in film.steps().iter().enumerate() {
        let pictures = [film.scene(at), film.scene(at + 1)].map(|scene| Picture::of(&scene, 390.0));
        for percent in 0..=100 {
            let moment = between(&pictures[0], &pictures[1], &step.movement, f64::from(percent) / 100.0);
            let resting: Vec<&Item> = moment
                .items
                .iter()
                .filter(|item| is_tile(item) && pictures.iter().all(|picture| picture.item(&item.key).is_some()))
                .collect();
            for (at, tile) in resting.iter().enumerate() {
                assert!(resting[at + 1..].iter().all(|other| !tile.rect.overlaps(&other.rect)));
            }
        }
    }
}

#[test]
fn a_moment_of_twelve_layers_and_two_hundred_tiles_costs_less_than_a_frame() {
    let overlay = crowded();
    let mut after = overlay.clone();
    let op = Op::Write {
        path: "/d0/new".into(),
        flags: Flags { create: Some(0o644), exclusive: false, truncate: false },
        place: Place::End,
        data: b"x".to_vec(),
    };
    let (result, events) = after.apply(&op);
    let film = Film::of(overlay, Backdrop::default(), &[Call { op, result, events, mount: None, wrote: false }]);
    let last = film.steps().len();
    let pictures = [film.scene(last - 2), film.scene(last)].map(|scene| Picture::of(&scene, 1240.0));
    let start = std::time::Instant::now();
    for frame in 1..30 {
        let _ = between(&pictures[0], &pictures[1], &film.steps()[last - 1].movement, f64::from(frame) / 30.0);
    }
    // Without optimisation, on a busy machine: a sixtieth of a second each, with room to spare when it is optimised.
    assert!(start.elapsed().as_millis() < 29 * 16, "{:?}", start.elapsed());
}
