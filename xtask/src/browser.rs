//! The Chromium of this machine, and the programs that drive it.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::{self, cache, command, npm, output, root};

/// Names on the search path, best first.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/// Where browsers are that are on no search path.
const PLACES: [&str; 6] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
];

/// The folder of the Playwright project.
pub fn project_dir() -> PathBuf {
    root().join("tests").join("browser")
}

/// The browser's path: `LAYERLAB_CHROMIUM`, the one that is installed, or on a bare Debian the one that apt has.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("LAYERLAB_CHROMIUM").map(PathBuf::from) {
        return if path.exists() {
            Ok(path)
        } else {
            bail!("LAYERLAB_CHROMIUM is {}, which does not exist", path.display())
        };
    }
    if let Some(path) = installed() {
        return Ok(path);
    }
    if can_use_apt() {
        println!("Installing Chromium with apt ...");
        apt_install(&["chromium", "fonts-noto-cjk"]).context("Chromium could not be installed")?;
    }
    installed()
        .context("There is no Chromium here. Install Chromium or Chrome, or set LAYERLAB_CHROMIUM to its program")
}

/// Installs Playwright where `package-lock.json` has changed since the last time.
pub fn playwright() -> Result<()> {
    crate::setup::node()?;
    let stamp = cache().join("playwright.stamp");
    let wanted = project::fingerprint(&[project_dir().join("package-lock.json")])?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && project_dir().join("node_modules").exists() {
        return Ok(());
    }
    println!("Installing Playwright ...");
    let mut install = npm();
    install.current_dir(project_dir()).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    // The system's browser is driven; Playwright's own is not to be fetched.
    project::run(install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")).context(
        "Playwright could not be installed. If this machine has no network, connect it and run the command again",
    )?;
    project::write(&stamp, wanted)
}

/// docker-registry and skopeo, which the tests of pulls run against: those that are installed, or on a bare Debian
/// those that apt has. `None`, and a word about it, where there are none: those tests are skipped then.
pub fn registry() -> Option<[PathBuf; 2]> {
    const PROGRAMS: [&str; 2] = ["docker-registry", "skopeo"];
    let found = || Some([on_path(PROGRAMS[0])?, on_path(PROGRAMS[1])?]);
    if found().is_none() && can_use_apt() {
        println!("Installing docker-registry and skopeo with apt ...");
        if let Err(error) = apt_install(&PROGRAMS) {
            println!("{error:#}");
        }
    }
    if found().is_none() {
        println!("Without docker-registry and skopeo the tests against a real registry are skipped.");
    }
    found()
}

fn apt_install(packages: &[&str]) -> Result<()> {
    let apt = |args: &[&str]| project::run(command("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}

fn installed() -> Option<PathBuf> {
    let places = PLACES.iter().map(PathBuf::from).filter(|path| path.is_file());
    NAMES.iter().filter_map(|name| on_path(name)).chain(places).next()
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let files = env::split_paths(&path).map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION));
    files.into_iter().find(|path| path.is_file())
}

fn can_use_apt() -> bool {
    cfg!(target_os = "linux")
        && output(command("id").arg("-u")).as_deref() == Some("0")
        && output(command("apt-get").arg("--version")).is_some()
}
