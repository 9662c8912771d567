//! The events are complete: a picture that knows nothing but them shows the same upperdir.

use std::collections::BTreeMap;

use crate::words::{layer, op};
use layerlab_core::overlay::{
    Content, CopyUpTo, Event, Ino, Inode, Kind, Layer, MergedPath, Mode, Op, Overlay, OverlayXattrs,
};
use proptest::prelude::*;

/// What a screen would keep: tiles at paths, and what is on them. No directory knows its entries here.
#[derive(Default)]
struct Picture {
    tiles: BTreeMap<MergedPath, Ino>,
    inodes: BTreeMap<Ino, Inode>,
    whiteouts: u32,
}

impl Picture {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::CopyUp { path, ino, inode, to, .. } => {
                self.inodes.insert(*ino, (**inode).clone());
                if *to == CopyUpTo::Name {
                    self.tiles.insert(path.clone(), *ino);
                }
            }
            Event::Create { path, ino, inode } => {
                self.inodes.insert(*ino, (**inode).clone());
                self.tiles.insert(path.clone(), *ino);
            }
            Event::CopyUpData { ino, content, .. } => {
                self.at(*ino).kind = Kind::File(content.clone());
                self.at(*ino).overlay.metacopy = false;
            }
            Event::Link { path, ino } => _ = self.tiles.insert(path.clone(), *ino),
            Event::Write { ino, content, .. } => self.at(*ino).kind = Kind::File(content.clone()),
            Event::SetMode { ino, mode, .. } => self.at(*ino).mode = *mode,
            Event::SetOwner { ino, uid, gid, .. } => {
                self.at(*ino).uid = *uid;
                self.at(*ino).gid = *gid;
            }
            Event::SetTime { ino, mtime, .. } => self.at(*ino).mtime = *mtime,
            Event::SetXattr { ino, name, value, .. } => _ = self.at(*ino).xattrs.insert(name.clone(), value.clone()),
            Event::RemoveXattr { ino, name, .. } => _ = self.at(*ino).xattrs.remove(name),
            Event::Whiteout { path } => {
                // A whiteout has no number of its own in the events; any that nothing else has will do.
                self.whiteouts += 1;
                let ino = Ino(u32::MAX - self.whiteouts);
                self.inodes.insert(ino, Inode::whiteout());
                self.tiles.insert(path.clone(), ino);
            }
            Event::Opaque { ino, .. } => self.at(*ino).overlay.opaque = true,
            Event::Clear { ino, whiteouts, .. } => {
                self.tiles.retain(|path, _| !whiteouts.contains(path));
                self.at(*ino).overlay = OverlayXattrs { opaque: true, ..OverlayXattrs::default() };
            }
            Event::Redirect { ino, to, .. } => self.at(*ino).overlay.redirect = Some(to.clone()),
            Event::Impure { ino, impure, .. } => self.at(*ino).overlay.impure = *impure,
            Event::UnionLinks { ino, difference, .. } => self.at(*ino).overlay.nlink = Some(*difference),
            Event::Remove { path, .. } => {
                assert!(self.tiles.remove(path).is_some(), "{path} is removed and was not there");
                assert!(!self.tiles.keys().any(|tile| path.is_ancestor_of(tile)), "{path} was not empty");
            }
            Event::Move { from, to } => {
                assert!(!self.tiles.contains_key(to), "{to} is in the way");
                self.rename(|path| moved(path, from, to));
            }
            Event::Exchange { a, b } => self.rename(|path| moved(path, a, b).or_else(|| moved(path, b, a))),
            Event::LookUp { .. } | Event::Read { .. } | Event::Refuse { .. } | Event::Unindex { .. } => {}
        }
    }

    fn at(&mut self, ino: Ino) -> &mut Inode {
        self.inodes.entry(ino).or_insert_with(|| Inode::directory(0o755))
    }

    fn rename(&mut self, new_path: impl Fn(&MergedPath) -> Option<MergedPath>) {
        let tiles = std::mem::take(&mut self.tiles);
        self.tiles = tiles.into_iter().map(|(path, ino)| (new_path(&path).unwrap_or(path), ino)).collect();
    }

    fn shown(&self) -> BTreeMap<String, Shown> {
        self.tiles.iter().map(|(path, ino)| (path.to_string(), shown(&self.inodes[ino]))).collect()
    }
}

type Shown = (String, u16, u32, u32, i64, String, OverlayXattrs);

fn moved(path: &MergedPath, from: &MergedPath, to: &MergedPath) -> Option<MergedPath> {
    if path == from {
        return Some(to.clone());
    }
    from.is_ancestor_of(path)
        .then(|| path.components().skip(from.components().count()).fold(to.clone(), |at, name| at.join(name)))
}

fn shown(inode: &Inode) -> Shown {
    let kind = match &inode.kind {
        Kind::Directory(_) => "directory".into(),
        Kind::File(content) => format!("{:?}", content.bytes(1 << 20)),
        other => format!("{other:?}"),
    };
    (kind, inode.mode, inode.uid, inode.gid, inode.mtime, format!("{:?}", inode.xattrs), inode.overlay.clone())
}

fn upper_shown(layer: &Layer) -> BTreeMap<String, Shown> {
    layer.walk().into_iter().map(|(path, ino)| (path.to_string(), shown(layer.inode(ino)))).collect()
}

fn any_op() -> impl Strategy<Value = Op> {
    let path = || "(/[abc]){1,3}";
    prop_oneof![
        path().prop_map(|a| op(&format!("create {a} 644"))),
        path().prop_map(|a| op(&format!("mkdir {a}"))),
        path().prop_map(|a| op(&format!("append {a} x"))),
        path().prop_map(|a| op(&format!("write {a} y"))),
        path().prop_map(|a| op(&format!("truncate {a} 3"))),
        path().prop_map(|a| op(&format!("unlink {a}"))),
        path().prop_map(|a| op(&format!("rmdir {a}"))),
        path().prop_map(|a| op(&format!("chmod {a} 700"))),
        path().prop_map(|a| op(&format!("chown {a} 5 6"))),
        path().prop_map(|a| op(&format!("ls {a}"))),
        (path(), path()).prop_map(|(a, b)| op(&format!("link {a} {b}"))),
        (path(), path()).prop_map(|(a, b)| op(&format!("symlink {a} {b}"))),
        (path(), path()).prop_map(|(a, b)| op(&format!("rename {a} {b}"))),
        (path(), path()).prop_map(|(a, b)| op(&format!("rename {a} {b}"))),
        (path(), path()).prop_map(|(a, b)| op(&format!("exchange {a} {b}"))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_events_alone_draw_the_upperdir(ops in prop::collection::vec(any_op(), 1..40), mode in 0..4usize) {
        let lowers = vec![
            layer(&["/a/a=1", "/a/b/c=2", "/b/a=3", "/b/b==/b/a", "/c==/b/a"]),
            layer(&["/a/b!", "/a/c/a=4", "/b/!", "/b/c->/a"]),
        ];
        let mut overlay = Overlay::new(lowers, Mode::ALL[mode]);
        overlay.set_time(100);
        let mut picture = Picture::default();
        for op in &ops {
            let before = overlay.clone();
            let (_, events) = overlay.apply(op);
            for event in &events {
                prop_assert!(Event::KEYS.contains(&event.key()));
                picture.apply(event);
            }
            prop_assert_eq!(picture.shown(), upper_shown(overlay.upper().layer()), "after {:?}", op);
            // The public fold is the same one: it gives the same upperdir from the same events.
            let mut folded = before.upper().clone();
            for event in &events {
                folded.apply(event);
            }
            prop_assert_eq!(upper_shown(folded.layer()), upper_shown(overlay.upper().layer()));
        }
    }
}

#[test]
fn a_look_up_tells_each_layer_it_came_through() {
    let mut overlay = crate::words::mount([&["/etc/motd=0"], &["/etc/hosts=1"], &["/srv/"]], Mode::Default);
    let steps: Vec<String> = crate::words::events(&mut overlay, "read /etc/motd")
        .into_iter()
        .map(|event| match event {
            Event::LookUp { path, layer, found } => format!("{path} {} {found:?}", layer.0),
            Event::Read { path, layer, amount } => format!("{path} read from {} {amount}", layer.0),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        steps,
        [
            "/etc 3 Nothing",
            "/etc 2 Nothing",
            "/etc 1 Directory",
            "/etc 0 Directory",
            "/etc/motd 1 Nothing",
            "/etc/motd 0 Other(File)",
            "/etc/motd read from 0 1",
        ]
    );
}

#[test]
fn a_snapshot_is_not_touched_by_what_comes_after() {
    let mut overlay = crate::words::mount([&["/f=1"]], Mode::Default);
    let before = overlay.clone();
    crate::words::run(&mut overlay, "append /f 2");
    assert_eq!(before.merged_at(&"/f".into()).unwrap().content.and_then(|c: &Content| c.bytes(9)).unwrap(), b"1");
    assert!(before.upper().layer().walk().is_empty());
}
