//! Where things are, and how other programs are called.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// The root of the repository.
pub fn root() -> PathBuf {
    // Cargo sets the variable when it runs us: a checkout that was moved after it was compiled still works.
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The pinned tools, installed by [`crate::setup`].
pub fn tools() -> PathBuf {
    root().join(".tools")
}

/// What the tasks keep between runs.
pub fn cache() -> PathBuf {
    root().join("target").join("xtask")
}

/// A program that cargo built natively. The target folder may be set elsewhere: it is the one that we run from.
pub fn built(profile: &str, program: &str) -> PathBuf {
    let target = env::current_exe().ok().and_then(|xtask| Some(xtask.parent()?.parent()?.to_path_buf()));
    let target = target.unwrap_or_else(|| root().join("target"));
    target.join(profile).join(program).with_extension(env::consts::EXE_EXTENSION)
}

/// A command that runs in the root of the repository and finds the pinned tools first.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut path = vec![tools().join("bin"), tools().join("node").join("node_modules").join(".bin")];
    path.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    let mut command = Command::new(program);
    command.current_dir(root());
    if let Ok(path) = env::join_paths(path) {
        command.env("PATH", path);
    }
    command
}

/// npm is a script with another name on Windows.
pub fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Runs to the end; a program that cannot be started or fails is an error that names it.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.status().with_context(|| format!("{name} cannot be started"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs to the end and returns the standard output; `None` where the program is not there or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

pub fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The files below `path` (or `path` itself), sorted, so that every machine sees the same order.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![path.to_path_buf()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).with_context(|| path.display().to_string())? {
                pending.push(entry?.path());
            }
        } else if path.exists() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// One hash over names and contents: equal exactly when nothing below `paths` has changed.
pub fn fingerprint(paths: &[PathBuf]) -> Result<String> {
    let mut hasher = Sha256::new();
    for path in paths {
        for file in files(path)? {
            hasher.update(file.strip_prefix(root()).unwrap_or(&file).as_os_str().as_encoded_bytes());
            hasher.update([0]);
            hasher.update(Sha256::digest(fs::read(&file).with_context(|| file.display().to_string())?));
        }
    }
    Ok(hex(&hasher.finalize()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file and the folders that it needs.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    }
    fs::write(path, content).with_context(|| path.display().to_string())
}

/// Removes a folder that may not be there.
pub fn remove_dir(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).with_context(|| path.display().to_string()),
        _ => Ok(()),
    }
}
