//! `cargo xtask setup`: the pinned tools, in `.tools/`, from Rust and Node alone.

use std::{env, fs, process::Command, time::Instant};

use anyhow::{Context, Result, bail};

use crate::project::{self, command, npm, output, root, tools};

const TRUNK: &str = "0.21.14";
/// The npm package that carries wasm-opt "version_132".
const BINARYEN: &str = "132.0.0";
const OLDEST_NODE: u32 = 20;
const TARGET: &str = "wasm32-unknown-unknown";

/// Says what it finds and what it installs.
pub fn run() -> Result<()> {
    let started = Instant::now();
    ensure()?;
    println!("The tools are in place ({:.1} s).", started.elapsed().as_secs_f64());
    Ok(())
}

/// Installs what is missing; prints only what takes time. Later calls read one stamp.
pub fn ensure() -> Result<()> {
    let bindgen = locked_version("wasm-bindgen")?;
    let wanted = format!("trunk {TRUNK}\nwasm-bindgen {bindgen}\nbinaryen {BINARYEN}\n{TARGET} {}\n", rustc_version()?);
    let stamp = tools().join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    node()?;
    target()?;
    cargo_tool("trunk", "trunk", TRUNK, &["--locked"])?;
    // Without --locked: the versions of the crates it was released with are not what it is built from elsewhere, and
    // the one version that matters, its own, must equal the crate's in Cargo.lock.
    cargo_tool("wasm-bindgen", "wasm-bindgen-cli", &bindgen, &[])?;
    wasm_opt()?;
    project::write(&stamp, wanted)
}

/// Node 20 or newer, or a sentence that says so.
pub fn node() -> Result<()> {
    let Some(version) = output(command("node").arg("--version")) else {
        bail!("Node is not installed. Install Node {OLDEST_NODE} or newer, then run this again.");
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST_NODE) {
        bail!("Node {version} is too old. Install Node {OLDEST_NODE} or newer, then run this again.");
    }
    Ok(())
}

fn rustc_version() -> Result<String> {
    output(command("rustc").arg("--version")).context("rustc cannot be started. Install Rust with rustup.")
}

fn target() -> Result<()> {
    let sysroot = output(command("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    if std::path::Path::new(&sysroot).join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    if output(command("rustup").arg("--version")).is_none() {
        bail!(
            "Rust's {TARGET} target is missing and rustup is not there to add it. \
             Install Rust with rustup, or add the target the way your Rust was installed, then run this again."
        );
    }
    step(&format!("Adding Rust's {TARGET} target"), command("rustup").args(["target", "add", TARGET]))
}

/// Installs a program with cargo, without optimisation: trunk takes two and a half minutes this way, eight the other.
fn cargo_tool(program: &str, package: &str, version: &str, flags: &[&str]) -> Result<()> {
    let installed = tools().join("bin").join(program).with_extension(env::consts::EXE_EXTENSION);
    let found = output(command(&installed).arg("--version"));
    if found.as_deref().and_then(|text| text.split_whitespace().nth(1)) == Some(version) {
        return Ok(());
    }
    if let Some(found) = found {
        println!("{program} is {found:?}, but the project needs {version}.");
    }
    let mut install = command("cargo");
    install.args(["install", package, "--version", version, "--debug", "--force", "--root"]).arg(tools()).args(flags);
    // A target folder of its own: the project's may be locked by the cargo that runs us.
    install.env("CARGO_TARGET_DIR", tools().join("build")).env("CARGO_PROFILE_DEV_DEBUG", "false");
    step(&format!("Building {package} {version} (a few minutes, once)"), &mut install)?;
    project::remove_dir(&tools().join("build"))
}

fn wasm_opt() -> Result<()> {
    let expected = BINARYEN.split('.').next().unwrap_or_default();
    let found = output(command("wasm-opt").arg("--version")).unwrap_or_default();
    if found.split_whitespace().nth(2) == Some(expected) {
        return Ok(());
    }
    let package = format!("binaryen@{BINARYEN}");
    let mut install = npm();
    install.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(tools().join("node"));
    fs::create_dir_all(tools().join("node"))?;
    step(&format!("Fetching wasm-opt (npm package {package})"), install.arg(package))
}

fn step(what: &str, command: &mut Command) -> Result<()> {
    println!("{what} ...");
    let started = Instant::now();
    project::run(command).with_context(|| {
        format!("{what} did not succeed. If this machine has no network, connect it and run the command again")
    })?;
    println!("{what}: done in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// The version of a package in Cargo.lock.
fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("Cargo.lock")?;
    version_in(&lock, package).with_context(|| format!("Cargo.lock names no {package}"))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_version_is_the_one_below_the_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-cli\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "absent"), None);
    }
}
