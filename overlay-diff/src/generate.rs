//! Random lower layers and random operations over a few names, so that they meet often.

use std::sync::Arc;

use layerlab_core::{
    layer::changeset::DeviceNumber,
    overlay::{Flags, Inode, Kind, Layer, MergedPath, Mode, NodeKind, Op, Outcome, Overlay, Place, XattrFlag},
};

use crate::random::Random;

/// What happens to a mount, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Op(Op),
    /// Unmounted and mounted again: all that the kernel kept in memory is lost.
    Remount,
    /// The upperdir becomes the topmost lower layer of a new mount.
    Restack,
}

/// One experiment: what is mounted, and what is done to it.
#[derive(Clone, Debug)]
pub struct Case {
    pub mode: Mode,
    /// Base first.
    pub lowers: Vec<Arc<Layer>>,
    pub steps: Vec<Step>,
}

/// The last is so long that a redirect through three of it is longer than the kernel lets one be.
const NAMES: [&str; 5] = ["a", "b", "c", "d", LONG];
const LONG: &str = match std::str::from_utf8(&[b'e'; 90]) {
    Ok(name) => name,
    Err(_) => "e",
};
const MODES: [u16; 7] = [0o644, 0o755, 0o600, 0o700, 0o4755, 0o2755, 0o1777];
const XATTRS: [&str; 4] = ["user.x", "user.y", "trusted.z", "trusted.overlay.opaque"];
/// A device number that no driver answers to.
const NO_DRIVER: DeviceNumber = DeviceNumber { major: 511, minor: 7 };

/// The case of a seed. The operations are chosen with the model at hand, so that most of them find something.
pub fn case(seed: u64, mode: Mode, ops: usize) -> Case {
    let mut random = Random::new(seed);
    let lowers: Vec<Arc<Layer>> = (0..1 + random.below(3)).map(|_| Arc::new(layer(&mut random))).collect();
    let mut overlay = mount(lowers.clone(), mode);
    let mut steps = Vec::new();
    for _ in 0..ops {
        let step = match random.below(100) {
            0 => Step::Remount,
            1 if overlay.lowers().len() < 5 => Step::Restack,
            _ => Step::Op(op(&mut random, &overlay)),
        };
        overlay = apply(overlay, &step).0;
        steps.push(step);
    }
    Case { mode, lowers, steps }
}

/// The model's time: it stands for any time after the start of the case. Times that are set are far below.
pub const NOW: i64 = 1_000_000;

/// A mount of the model.
pub fn mount(lowers: Vec<Arc<Layer>>, mode: Mode) -> Overlay {
    let mut overlay = Overlay::new(lowers, mode);
    overlay.set_time(NOW);
    overlay
}

/// One step on the model.
pub fn apply(mut overlay: Overlay, step: &Step) -> (Overlay, Option<ModelResult>) {
    match step {
        Step::Op(op) => {
            let (result, _) = overlay.apply(op);
            (overlay, Some(result.map_err(|errno| errno.number())))
        }
        Step::Remount => (overlay, None),
        Step::Restack => {
            let mode = overlay.mode();
            (mount(overlay.into_lowers(), mode), None)
        }
    }
}

pub type ModelResult = Result<Outcome, i32>;

fn layer(random: &mut Random) -> Layer {
    let mut layer = Layer::new();
    for _ in 0..random.below(14) {
        let path = layer_path(random);
        // An unpacked layer has no file where another of its entries needs a directory.
        if path.ancestors().iter().skip(1).any(|at| layer.find(at).is_some_and(|ino| !layer.inode(ino).is_directory()))
        {
            continue;
        }
        if layer.find(&path).is_some() {
            continue;
        }
        let mut inode = match random.below(20) {
            0..7 => Inode::directory(0),
            7..12 => Inode::file(content(random).as_bytes(), 0),
            12..14 => Inode::symlink(target(random).as_bytes()),
            14 => Inode::new(Kind::Fifo, 0),
            15 => Inode::new(Kind::CharDevice(NO_DRIVER), 0),
            16 => {
                let files: Vec<MergedPath> = layer
                    .walk()
                    .into_iter()
                    .filter(|(_, ino)| !layer.inode(*ino).is_directory() && !layer.inode(*ino).is_whiteout())
                    .map(|(path, _)| path)
                    .collect();
                if !files.is_empty() {
                    layer.put_link(&path, &random.pick(&files).clone());
                }
                continue;
            }
            _ => {
                layer.put(&path, Inode::whiteout());
                continue;
            }
        };
        if !matches!(inode.kind, Kind::Symlink(_)) {
            inode.mode = *random.pick(&MODES);
        }
        inode.mtime = 1000 + random.below(1000) as i64;
        inode.uid = random.below(3) as u32;
        inode.gid = random.below(3) as u32;
        if random.chance(30) && (inode.is_file() || inode.is_directory()) {
            inode.xattrs.insert(random.pick(&XATTRS[..3]).as_bytes().into(), content(random).as_bytes().into());
        }
        inode.overlay.opaque = inode.is_directory() && random.chance(20);
        layer.put(&path, inode);
    }
    layer
}

fn layer_path(random: &mut Random) -> MergedPath {
    (0..=random.below(3)).fold(MergedPath::root(), |at, _| at.join(random.pick(&NAMES).as_bytes()))
}

fn content(random: &mut Random) -> String {
    "0123456789".chars().cycle().skip(random.below(10) as usize).take(random.below(12) as usize).collect()
}

fn target(random: &mut Random) -> String {
    match random.below(8) {
        0 => "/".into(),
        1 => "..".into(),
        2 => format!("{}/", random.pick(&NAMES)),
        3 => format!("../{}", random.pick(&NAMES)),
        4 => format!("/{}", random.pick(&NAMES)),
        5 => format!("/{}/{}", random.pick(&NAMES), random.pick(&NAMES)),
        _ => random.pick(&NAMES).to_string(),
    }
}

/// Mostly a path that is there, or a new name in a directory that is there.
fn path(random: &mut Random, overlay: &Overlay) -> Vec<u8> {
    let merged = overlay.merged();
    let mut path = match random.below(20) {
        0 => layer_path(random).to_string(),
        1..10 if !merged.is_empty() => random.pick(&merged).path.to_string(),
        _ => {
            let directories: Vec<&MergedPath> =
                merged.iter().filter(|entry| entry.inode.is_directory()).map(|entry| &entry.path).collect();
            let parent = if directories.is_empty() || random.chance(30) {
                MergedPath::root()
            } else {
                (*random.pick(&directories)).clone()
            };
            parent.join(random.pick(&NAMES).as_bytes()).to_string()
        }
    };
    match random.below(60) {
        0 => path.push('/'),
        1 => path.push_str("/."),
        2 => path.push_str("/.."),
        3 => path = format!("{path}/../{}", random.pick(&NAMES)),
        4 => path = format!("{path}/{}", random.pick(&NAMES)),
        5 => path = random.pick(&["/", ".", "..", "", "/../.."]).to_string(),
        _ => {}
    }
    path.into_bytes()
}

/// What an operation needs at a path if it is to succeed.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Anything,
    File,
    Directory,
    NotDirectory,
    Nothing,
}

/// A path that has what is wanted, three times out of four; any path else.
fn sensible(random: &mut Random, overlay: &Overlay, wanted: Wanted) -> Vec<u8> {
    if random.chance(25) {
        return path(random, overlay);
    }
    let merged = overlay.merged();
    let mut candidates: Vec<MergedPath> = merged
        .iter()
        .filter(|entry| match wanted {
            Wanted::Anything | Wanted::Nothing => true,
            Wanted::File => entry.inode.is_file(),
            Wanted::Directory => entry.inode.is_directory(),
            Wanted::NotDirectory => !entry.inode.is_directory(),
        })
        .map(|entry| entry.path.clone())
        .collect();
    if wanted == Wanted::Nothing {
        let directories = merged.iter().filter(|entry| entry.inode.is_directory()).map(|entry| entry.path.clone());
        candidates = std::iter::once(MergedPath::root())
            .chain(directories)
            .flat_map(|directory| NAMES.map(|name| directory.join(name.as_bytes())))
            .filter(|path| overlay.merged_at(path).is_none())
            .collect();
    }
    if candidates.is_empty() { path(random, overlay) } else { random.pick(&candidates).to_string().into_bytes() }
}

fn op(random: &mut Random, overlay: &Overlay) -> Op {
    use Wanted::{Anything, Directory, File, NotDirectory, Nothing};
    let kind = random.below(100);
    let (wanted, other_wanted) = match kind {
        0..4 | 80..93 => (Anything, Anything),
        4..6 | 43..45 => (NotDirectory, Nothing),
        6..10 | 25..28 | 93..100 => (File, Anything),
        15..25 => (if random.chance(60) { File } else { Nothing }, Anything),
        10..15 | 57..64 => (Directory, Anything),
        28..43 => (Nothing, Anything),
        45..50 => (File, Nothing),
        50..57 => (NotDirectory, Anything),
        _ => match random.below(6) {
            0 => (Directory, Directory),
            1 => (NotDirectory, NotDirectory),
            2 => (Directory, Nothing),
            3 => (File, Nothing),
            _ => (Anything, Nothing),
        },
    };
    let path = sensible(random, overlay, wanted);
    let other = sensible(random, overlay, other_wanted);
    let follow = random.chance(50);
    let mode = *random.pick(&MODES);
    let name = random.pick(&XATTRS).as_bytes().to_vec();
    match kind {
        0..4 => Op::Stat { path, follow },
        4..6 => Op::ReadLink { path },
        6..10 => Op::Read { path },
        10..15 => Op::ReadDir { path },
        15..25 => Op::Write {
            path,
            flags: Flags {
                create: random.chance(60).then_some(mode),
                exclusive: random.chance(15),
                truncate: random.chance(40),
            },
            place: if random.chance(50) { Place::End } else { Place::At(random.below(15)) },
            data: content(random).into_bytes(),
        },
        25..28 => {
            let len = random.below(20);
            let same = overlay.clone().apply(&Op::Stat { path: path.clone(), follow: true }).0;
            // Whether truncating a file to the size it has changes its time is the upper file system's own affair:
            // tmpfs does it when the file has pages.
            let same = matches!(same, Ok(Outcome::Stat(stat)) if stat.size == len);
            Op::Truncate { path, len: if same { len + 1 } else { len } }
        }
        28..36 => Op::Mkdir { path, mode },
        36..39 => Op::Mknod {
            path,
            kind: *random.pick(&[
                NodeKind::File,
                NodeKind::Fifo,
                NodeKind::Socket,
                NodeKind::CharDevice(NO_DRIVER),
                NodeKind::BlockDevice(NO_DRIVER),
                NodeKind::CharDevice(DeviceNumber { major: 0, minor: 0 }),
            ]),
            mode,
        },
        39..43 => Op::Symlink { target: target(random).into_bytes(), path },
        43..50 => Op::Link { from: path, to: other },
        50..57 => Op::Unlink { path },
        57..64 => Op::Rmdir { path },
        64..78 => Op::Rename { from: path, to: other },
        78..80 => Op::RenameNoReplace { from: path, to: other },
        80..85 => Op::Exchange { a: path, b: other },
        85..88 => Op::Chmod { path, mode },
        88..91 => Op::Chown { path, uid: random.below(3) as u32, gid: random.below(3) as u32, follow },
        91..93 => Op::SetTime { path, mtime: random.below(1000) as i64, follow },
        93..96 => Op::SetXattr {
            path,
            name,
            value: content(random).into_bytes(),
            flag: *random.pick(&[XattrFlag::CreateOrReplace, XattrFlag::Create, XattrFlag::Replace]),
            follow,
        },
        96..97 => Op::GetXattr { path, name, follow },
        97..98 => Op::ListXattr { path, follow },
        _ => Op::RemoveXattr { path, name, follow },
    }
}
