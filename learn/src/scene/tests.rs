use std::sync::Arc;

use layerlab_core::overlay::{Inode, Layer, Mode, Op, shell::Call};

use super::*;

/// The classic stack: a base, the programs on it, and a configuration.
fn classic() -> Overlay {
    let layer = |files: &[&str]| {
        let mut layer = Layer::new();
        for file in files {
            layer.put(&(*file).into(), Inode::file(file.as_bytes(), 0o644));
        }
        Arc::new(layer)
    };
    Overlay::new(
        vec![
            layer(&["/etc/hosts", "/etc/passwd", "/bin/bash"]),
            layer(&["/etc/passwd", "/usr/bin/redis", "/usr/share/mysql/a.frm", "/usr/share/mysql/b.frm"]),
            layer(&["/etc/redis.conf"]),
        ],
        Mode::Default,
    )
}

/// Runs operations, and gives the film of them with the mount after it.
fn film(overlay: &Overlay, ops: &[Op]) -> (Film, Overlay) {
    let mut after = overlay.clone();
    let calls: Vec<Call> = ops
        .iter()
        .map(|op| {
            let (result, events) = after.apply(op);
            Call { op: op.clone(), result, events, mount: None, wrote: false }
        })
        .collect();
    (Film::of(overlay.clone(), Backdrop::default(), &calls), after)
}

fn append(path: &str) -> Op {
    use layerlab_core::overlay::{Flags, Place};
    let flags = Flags { create: None, exclusive: false, truncate: false };
    Op::Write { path: path.into(), flags, place: Place::End, data: b"x".to_vec() }
}

/// A layer's pieces in words: `hosts`, `(hosts)` if hidden, `x:name` for a lid, `o:dir` opaque, `[dir]` a tray.
fn words(scene: &Scene, layer: u32) -> Vec<String> {
    let pieces = scene.pieces.iter().filter(|piece| piece.key.layer == LayerNo(layer));
    pieces
        .map(|piece| {
            let path = &piece.key.path;
            let text = match piece.kind {
                PieceKind::Tile(_) => path.to_string(),
                PieceKind::Folded(n) => format!("{path}+{n}"),
                PieceKind::Tray => format!("[{path}]"),
                PieceKind::OpaqueTray => format!("o:{path}"),
                PieceKind::Lid => format!("x:{path}"),
            };
            let text = if piece.notch { format!("{text}'") } else { text };
            if piece.hidden { format!("({text})") } else { text }
        })
        .collect()
}

fn seen(scene: &Scene) -> Vec<String> {
    scene.merged.iter().flatten().map(|seen| format!("{} {}", seen.path, seen.layer.0)).collect()
}

#[test]
fn a_path_is_a_column_and_files_stand_before_directories() {
    let scene = Scene::of(&classic(), &Backdrop::default());
    let names: Vec<String> = scene.columns.iter().map(|column| column.path.to_string()).collect();
    assert_eq!(
        names,
        [
            "/bin/bash",
            "/etc/hosts",
            "/etc/passwd",
            "/etc/redis.conf",
            "/usr/bin/redis",
            "/usr/share/mysql/a.frm",
            "/usr/share/mysql/b.frm",
        ]
    );
    let brackets: Vec<(String, Range<usize>)> =
        scene.brackets.iter().map(|bracket| (bracket.path.to_string(), bracket.span.clone())).collect();
    assert_eq!(
        brackets,
        [("/bin".into(), 0..1), ("/etc".into(), 1..4), ("/usr/bin".into(), 4..5), ("/usr/share/mysql".into(), 5..7)]
    );
    assert_eq!(words(&scene, 0), ["[/bin]", "/bin/bash", "[/etc]", "/etc/hosts", "(/etc/passwd)"]);
    assert_eq!(seen(&scene)[1..4], ["/etc/hosts 0", "/etc/passwd 1", "/etc/redis.conf 2"]);
    assert_eq!(scene.slabs.len(), 4);
}

#[test]
fn copy_up_rises_before_the_write_and_the_original_is_shadowed() {
    let (film, after) = film(&classic(), &[append("/etc/hosts")]);
    let kinds: Vec<&str> =
        film.steps().iter().filter_map(|step| step.event.as_ref()).map(|event| event.key()).collect();
    let rise = kinds.iter().position(|kind| *kind == "copy-up-data").unwrap();
    assert_eq!(kinds[rise - 1..], ["copy-up-directory", "copy-up-data", "write"]);
    let key = |layer, path: &str| PieceKey { layer: LayerNo(layer), path: path.into() };
    assert_eq!(film.steps()[rise].movement, Movement::Rise { from: key(0, "/etc/hosts"), to: key(3, "/etc/hosts") });
    assert_eq!(words(&film.scene(rise), 3), ["[/etc]"]);
    assert_eq!(words(&film.scene(rise + 1), 3), ["[/etc]", "/etc/hosts"]);
    assert_eq!(words(&film.scene(rise + 1), 0)[3], "(/etc/hosts)");
    let last = film.scene(film.steps().len());
    assert_eq!(last, Scene::of(&after, &Backdrop::default()));
}

#[test]
fn every_scene_of_every_film_ends_as_the_mount_does() {
    let ops = [
        Op::Unlink { path: "/usr/share/mysql/a.frm".into() },
        Op::Unlink { path: "/usr/share/mysql/b.frm".into() },
        Op::Rmdir { path: "/usr/share/mysql".into() },
        Op::Mkdir { path: "/usr/share/mysql".into(), mode: 0o755 },
        Op::Chmod { path: "/bin/bash".into(), mode: 0o600 },
        Op::Rename { from: "/etc/redis.conf".into(), to: "/etc/redis".into() },
        Op::Rename { from: "/etc".into(), to: "/config".into() },
    ];
    for count in 1..=ops.len() {
        let (film, after) = film(&classic(), &ops[..count]);
        let mut last = film.scene(film.steps().len());
        last.ray = None;
        assert_eq!(last, Scene::of(&after, &Backdrop::default()), "{:?}", ops[count - 1]);
    }
    let (film, _) = film(&classic(), &ops);
    let scene = film.scene(film.steps().len());
    let upper = words(&scene, 3);
    for piece in ["/bin/bash'", "x:/etc/redis.conf", "/etc/redis", "o:/usr/share/mysql"] {
        assert!(upper.iter().any(|word| word == piece), "{piece} in {upper:?}");
    }
}

#[test]
fn the_ray_falls_from_the_eye_to_where_the_look_up_ends() {
    let (film, _) = film(&classic(), &[Op::Read { path: "/etc/passwd".into() }]);
    let rays: Vec<(String, u32, bool)> = (1..=film.steps().len())
        .filter_map(|step| film.scene(step).ray)
        .map(|ray| (ray.path.to_string(), ray.layer.0, ray.stops))
        .collect();
    assert_eq!(rays.last().unwrap(), &("/etc/passwd".to_string(), 1, true));
    assert!(rays.contains(&("/etc/passwd".into(), 3, false)) || rays.contains(&("/etc/passwd".into(), 2, false)));
}

#[test]
fn a_whiteout_of_a_directory_is_a_lid_over_all_its_columns() {
    let mut overlay = classic();
    for op in [
        Op::Unlink { path: "/usr/share/mysql/a.frm".into() },
        Op::Unlink { path: "/usr/share/mysql/b.frm".into() },
        Op::Rmdir { path: "/usr/share/mysql".into() },
    ] {
        assert!(overlay.apply(&op).0.is_ok());
    }
    let scene = Scene::of(&overlay, &Backdrop::default());
    let lid = scene.pieces.iter().find(|piece| piece.kind == PieceKind::Lid).unwrap();
    assert_eq!((lid.key.path.to_string(), lid.span.clone()), ("/usr/share/mysql".into(), 5..7));
    assert_eq!(
        words(&scene, 1)[4..],
        ["([/usr/share/mysql])", "(/usr/share/mysql/a.frm)", "(/usr/share/mysql/b.frm)"][..]
    );
}

#[test]
fn directories_fold_until_there_is_room_and_the_focus_stays_open() {
    let mut layer = Layer::new();
    for n in 0..50 {
        layer.put(&format!("/usr/lib/f{n}").as_str().into(), Inode::file(b"", 0o644));
        layer.put(&format!("/opt/f{n}").as_str().into(), Inode::file(b"", 0o644));
    }
    let overlay = Overlay::new(vec![Arc::new(layer)], Mode::Default);
    let folded = |focus: Option<&str>| {
        let backdrop = Backdrop { columns: 60, focus: focus.map(MergedPath::from), ..Backdrop::default() };
        let scene = Scene::of(&overlay, &backdrop);
        let folded: Vec<String> =
            scene.columns.iter().filter_map(|column| Some(format!("{}+{}", column.path, column.folded?))).collect();
        (scene.columns.len(), folded)
    };
    assert_eq!(folded(None), (51, vec!["/usr/lib+50".to_string()]));
    assert_eq!(folded(Some("/usr/lib")), (51, vec!["/opt+50".to_string()]));
    let scene = Scene::of(&overlay, &Backdrop { columns: 60, ..Backdrop::default() });
    assert!(words(&scene, 0).contains(&"/usr/lib+50".to_string()));
}
