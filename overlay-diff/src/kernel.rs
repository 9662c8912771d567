//! The judge: a real overlay mount on a tmpfs, in a mount namespace of its own.

use std::os::unix::fs::MetadataExt as _;
use std::{
    collections::BTreeMap,
    ffi::CString,
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use layerlab_core::overlay::{FileType, Flags, Mode, NodeKind, Op, Outcome, OverlayMount, Place, Stat, XattrFlag};
use rustix::{fs as sys, mount, process, thread as sys_thread};

use crate::{
    disk::{self, Tree},
    generate::{Case, NOW, Step},
};

/// What the kernel made of a case.
#[derive(Debug)]
pub struct Verdict {
    pub results: Vec<Option<Result<Outcome, i32>>>,
    pub upper: Tree,
    pub merged: Tree,
}

/// A tmpfs that is gone with the process.
#[derive(Debug)]
pub struct Judge {
    base: PathBuf,
}

impl Judge {
    /// Mounts the tmpfs on `base` in a new mount namespace. Refused without root.
    pub fn new(base: &Path) -> io::Result<Self> {
        // SAFETY: no file descriptors are unshared, and the process has one thread.
        unsafe { sys_thread::unshare_unsafe(sys_thread::UnshareFlags::NEWNS) }?;
        mount::mount_change("/", mount::MountPropagationFlags::PRIVATE | mount::MountPropagationFlags::REC)?;
        fs::create_dir_all(base)?;
        mount::mount("tmpfs", base, "tmpfs", mount::MountFlags::empty(), None)?;
        process::umask(sys::Mode::empty());
        Ok(Self { base: base.to_owned() })
    }

    /// An empty directory on the tmpfs for `work`, removed after it.
    pub fn in_directory<T>(&self, work: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
        let directory = self.base.join("scratch");
        fs::create_dir(&directory)?;
        let result = work(&directory);
        fs::remove_dir_all(&directory)?;
        result
    }

    /// Runs all steps of a case on a fresh mount.
    pub fn run(&self, case: &Case) -> io::Result<Verdict> {
        let root = self.base.join("case");
        fs::create_dir(&root)?;
        let verdict = run_in(case, &root);
        // A failure half-way must not leave the mount behind for the next case.
        let _ = mount::unmount(root.join("merged"), mount::UnmountFlags::DETACH);
        fs::remove_dir_all(&root)?;
        verdict
    }
}

fn run_in(case: &Case, root: &Path) -> io::Result<Verdict> {
    let mut lowers = Vec::new();
    for (number, layer) in case.lowers.iter().enumerate() {
        let path = root.join(format!("l{number}"));
        fs::create_dir(&path)?;
        disk::write_layer(layer, &path)?;
        lowers.push(path);
    }
    let merged = root.join("merged");
    fs::create_dir(&merged)?;
    let mut stage = Stage { lowers, upper: root.join("u0"), work: root.join("w0"), merged, mode: case.mode };
    stage.new_upper(root)?;
    stage.mount()?;
    let mut results = Vec::new();
    for group in case.steps.chunk_by(|a, b| matches!((a, b), (Step::Op(_), Step::Op(_)))) {
        match &group[0] {
            Step::Op(_) => results.extend(stage.inside(|| group.iter().map(run_step).collect::<Vec<_>>())?),
            Step::Remount => {
                stage.unmount()?;
                stage.mount()?;
                results.push(None);
            }
            Step::Restack => {
                stage.unmount()?;
                stage.lowers.push(stage.upper.clone());
                stage.new_upper(root)?;
                stage.mount()?;
                results.push(None);
            }
        }
    }
    // The upperdir first: listing a directory of the mount may take an `impure` mark off.
    let upper = masked(disk::read_tree(&stage.upper)?);
    let merged = stage.inside(|| disk::read_tree(Path::new("/")))??;
    stage.unmount()?;
    Ok(Verdict { results, upper, merged })
}

/// The directories of the mount that is up.
struct Stage {
    /// Base first.
    lowers: Vec<PathBuf>,
    upper: PathBuf,
    work: PathBuf,
    merged: PathBuf,
    mode: Mode,
}

impl Stage {
    fn new_upper(&mut self, root: &Path) -> io::Result<()> {
        let number = self.lowers.len();
        self.upper = root.join(format!("u{number}"));
        self.work = root.join(format!("w{number}"));
        fs::create_dir(&self.upper)?;
        if let Some(top) = self.lowers.last() {
            let root = fs::metadata(top)?;
            std::os::unix::fs::chown(&self.upper, Some(root.uid()), Some(root.gid()))?;
            fs::set_permissions(&self.upper, root.permissions())?;
            let time = sys::Timespec { tv_sec: root.mtime(), tv_nsec: 0 };
            let times = sys::Timestamps { last_access: time, last_modification: time };
            sys::utimensat(sys::CWD, &self.upper, &times, sys::AtFlags::empty())?;
        }
        fs::create_dir(&self.work)
    }

    fn mount(&self) -> io::Result<()> {
        let text = |path: &Path| path.display().to_string();
        let mount = OverlayMount {
            lowerdirs: self.lowers.iter().rev().map(|path| text(path)).collect(),
            upperdir: text(&self.upper),
            workdir: text(&self.work),
            merged: text(&self.merged),
            mode: self.mode,
        };
        let options = CString::new(mount.options())?;
        Ok(mount::mount("overlay", &self.merged, "overlay", mount::MountFlags::empty(), Some(&*options))?)
    }

    fn unmount(&self) -> io::Result<()> {
        Ok(mount::unmount(&self.merged, mount::UnmountFlags::empty())?)
    }

    /// Runs something with the mount as its root, so that absolute links and `..` stay inside.
    fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        let work = || -> io::Result<T> {
            // SAFETY: only the working directory and root of this thread are unshared.
            unsafe { sys_thread::unshare_unsafe(sys_thread::UnshareFlags::FS) }?;
            let outside = sys::open("/", sys::OFlags::PATH | sys::OFlags::DIRECTORY, sys::Mode::empty())?;
            process::chroot(&self.merged)?;
            process::chdir("/")?;
            let result = work();
            // A thread that has been joined may still be on its way out, and would keep the mount busy.
            process::fchdir(&outside)?;
            process::chroot(".")?;
            Ok(result)
        };
        thread::scope(|scope| {
            let thread = scope.spawn(work);
            thread.join().map_err(|_| io::Error::other("the thread that ran the operations panicked"))?
        })
    }
}

fn run_step(step: &Step) -> Option<Result<Outcome, i32>> {
    match step {
        Step::Op(op) => Some(run_op(op).map_err(|errno| errno.raw_os_error())),
        Step::Remount | Step::Restack => None,
    }
}

fn run_op(op: &Op) -> rustix::io::Result<Outcome> {
    let cwd = sys::CWD;
    let done = |()| Outcome::Done;
    match op {
        Op::Stat { path, follow } => {
            let stat = sys::statat(cwd, &path[..], at_flags(*follow))?;
            Ok(Outcome::Stat(stat_of(&stat)))
        }
        Op::ReadLink { path } => Ok(Outcome::Bytes(sys::readlinkat(cwd, &path[..], Vec::new())?.as_bytes().into())),
        Op::Read { path } => {
            let file = sys::open(&path[..], sys::OFlags::RDONLY | sys::OFlags::NONBLOCK, sys::Mode::empty())?;
            let mut out = vec![0; 1 << 16];
            let len = rustix::io::read(&file, &mut out[..])?;
            Ok(Outcome::Bytes(out[..len].into()))
        }
        Op::ReadDir { path } => {
            let flags = sys::OFlags::RDONLY | sys::OFlags::DIRECTORY;
            let directory = sys::Dir::new(sys::open(&path[..], flags, sys::Mode::empty())?)?;
            let mut names = Vec::new();
            for entry in directory {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if name != b"." && name != b".." {
                    names.push(name.into());
                }
            }
            names.sort();
            Ok(Outcome::Names(names))
        }
        Op::Write { path, flags, place, data } => write(path, *flags, *place, data).map(done),
        Op::Truncate { path, len } => truncate(path, *len).map(done),
        Op::Mkdir { path, mode } => sys::mkdirat(cwd, &path[..], mode_of(*mode)).map(done),
        Op::Mknod { path, kind, mode } => {
            let (file_type, number) = match kind {
                NodeKind::File => (sys::FileType::RegularFile, (0, 0)),
                NodeKind::Fifo => (sys::FileType::Fifo, (0, 0)),
                NodeKind::Socket => (sys::FileType::Socket, (0, 0)),
                NodeKind::CharDevice(number) => (sys::FileType::CharacterDevice, (number.major, number.minor)),
                NodeKind::BlockDevice(number) => (sys::FileType::BlockDevice, (number.major, number.minor)),
            };
            sys::mknodat(cwd, &path[..], file_type, mode_of(*mode), sys::makedev(number.0, number.1)).map(done)
        }
        Op::Symlink { target, path } => sys::symlinkat(&target[..], cwd, &path[..]).map(done),
        Op::Link { from, to } => sys::linkat(cwd, &from[..], cwd, &to[..], sys::AtFlags::empty()).map(done),
        Op::Unlink { path } => sys::unlinkat(cwd, &path[..], sys::AtFlags::empty()).map(done),
        Op::Rmdir { path } => sys::unlinkat(cwd, &path[..], sys::AtFlags::REMOVEDIR).map(done),
        Op::Rename { from, to } => sys::renameat(cwd, &from[..], cwd, &to[..]).map(done),
        Op::RenameNoReplace { from, to } => {
            sys::renameat_with(cwd, &from[..], cwd, &to[..], sys::RenameFlags::NOREPLACE).map(done)
        }
        Op::Exchange { a, b } => sys::renameat_with(cwd, &a[..], cwd, &b[..], sys::RenameFlags::EXCHANGE).map(done),
        Op::Chmod { path, mode } => sys::chmodat(cwd, &path[..], mode_of(*mode), sys::AtFlags::empty()).map(done),
        Op::Chown { path, uid, gid, follow } => {
            let (uid, gid) = (sys::Uid::from_raw(*uid), sys::Gid::from_raw(*gid));
            sys::chownat(cwd, &path[..], Some(uid), Some(gid), at_flags(*follow)).map(done)
        }
        Op::SetTime { path, mtime, follow } => {
            let time = sys::Timespec { tv_sec: *mtime, tv_nsec: 0 };
            let times = sys::Timestamps { last_access: time, last_modification: time };
            sys::utimensat(cwd, &path[..], &times, at_flags(*follow)).map(done)
        }
        Op::SetXattr { path, name, value, flag, follow } => {
            let flags = match flag {
                XattrFlag::CreateOrReplace => sys::XattrFlags::empty(),
                XattrFlag::Create => sys::XattrFlags::CREATE,
                XattrFlag::Replace => sys::XattrFlags::REPLACE,
            };
            let set = if *follow { sys::setxattr } else { sys::lsetxattr };
            set(&path[..], &name[..], value, flags).map(done)
        }
        Op::GetXattr { path, name, follow } => {
            let mut value = vec![0; 1 << 16];
            let value_len = if *follow {
                sys::getxattr(&path[..], &name[..], &mut value[..])?
            } else {
                sys::lgetxattr(&path[..], &name[..], &mut value[..])?
            };
            Ok(Outcome::Bytes(value[..value_len].into()))
        }
        Op::ListXattr { path, follow } => list_xattrs(path, *follow),
        Op::RemoveXattr { path, name, follow } => {
            let remove = if *follow { sys::removexattr } else { sys::lremovexattr };
            remove(&path[..], &name[..]).map(done)
        }
    }
}

fn write(path: &[u8], flags: Flags, place: Place, data: &[u8]) -> rustix::io::Result<()> {
    let mut open = sys::OFlags::WRONLY | sys::OFlags::NONBLOCK;
    open.set(sys::OFlags::CREATE, flags.create.is_some());
    open.set(sys::OFlags::EXCL, flags.exclusive && flags.create.is_some());
    open.set(sys::OFlags::TRUNC, flags.truncate);
    open.set(sys::OFlags::APPEND, place == Place::End);
    let file = sys::open(path, open, mode_of(flags.create.unwrap_or(0)))?;
    if !data.is_empty() {
        match place {
            Place::At(offset) => rustix::io::pwrite(&file, data, offset)?,
            Place::End => rustix::io::write(&file, data)?,
        };
    }
    Ok(())
}

/// truncate(2), which rustix has only for open files: that is another thing, since opening copies up.
fn truncate(path: &[u8], len: u64) -> rustix::io::Result<()> {
    let path = CString::new(path).map_err(|_| rustix::io::Errno::INVAL)?;
    // SAFETY: the path is a string with its NUL, and lives as long as the call.
    match unsafe { libc::truncate(path.as_ptr(), len as libc::off_t) } {
        0 => Ok(()),
        _ => Err(rustix::io::Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(rustix::io::Errno::IO)),
    }
}

fn list_xattrs(path: &[u8], follow: bool) -> rustix::io::Result<Outcome> {
    let mut names = vec![0; 4096];
    let len = if follow { sys::listxattr(path, &mut names[..])? } else { sys::llistxattr(path, &mut names[..])? };
    let mut out = BTreeMap::new();
    for name in names[..len].split(|&b| b == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 1 << 16];
        let len = if follow {
            sys::getxattr(path, name, &mut value[..])?
        } else {
            sys::lgetxattr(path, name, &mut value[..])?
        };
        out.insert(name.into(), len as u64);
    }
    Ok(Outcome::Xattrs(out))
}

fn stat_of(stat: &sys::Stat) -> Stat {
    let file_type = match sys::FileType::from_raw_mode(stat.st_mode) {
        sys::FileType::Directory => FileType::Directory,
        sys::FileType::Symlink => FileType::Symlink,
        sys::FileType::CharacterDevice => FileType::CharDevice,
        sys::FileType::BlockDevice => FileType::BlockDevice,
        sys::FileType::Fifo => FileType::Fifo,
        sys::FileType::Socket => FileType::Socket,
        sys::FileType::RegularFile | sys::FileType::Unknown => FileType::File,
    };
    let sized = matches!(file_type, FileType::File | FileType::Symlink);
    Stat {
        file_type,
        mode: (stat.st_mode & 0o7777) as u16,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: if sized { stat.st_size as u64 } else { 0 },
        links: stat.st_nlink as u32,
        mtime: stat.st_mtime.min(NOW),
        device: layerlab_core::layer::changeset::DeviceNumber {
            major: sys::major(stat.st_rdev),
            minor: sys::minor(stat.st_rdev),
        },
    }
}

/// File handles and the like have no equal in the model: that they are there is what counts.
fn masked(mut tree: Tree) -> Tree {
    for node in tree.values_mut() {
        if let Some(value) = node.xattrs.get_mut("trusted.overlay.origin") {
            value.clear();
        }
    }
    tree
}

fn at_flags(follow: bool) -> sys::AtFlags {
    if follow { sys::AtFlags::empty() } else { sys::AtFlags::SYMLINK_NOFOLLOW }
}

fn mode_of(mode: u16) -> sys::Mode {
    sys::Mode::from_raw_mode(mode.into())
}

/// The kernel's release, and the file system under the upperdir.
pub fn description() -> String {
    format!("Linux {}, upperdir on tmpfs", rustix::system::uname().release().to_string_lossy())
}

/// A path for the tmpfs.
pub fn base(pid: u32) -> PathBuf {
    std::env::temp_dir().join(format!("overlay-diff-{pid}"))
}
