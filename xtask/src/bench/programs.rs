//! What is measured: the browser, the floor beneath it, and the programs that people have today.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    browser,
    project::{self, command, name, output},
};

/// In the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Program {
    Browser,
    Floor,
    Dive,
    Shell,
    Cli,
}

/// One program, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    pub program: Program,
    pub seconds: f64,
    /// Of the tab's processes, over the empty tab. Bytes.
    pub memory: Option<u64>,
}

/// How a file is only read: by how many workers, in slices of how many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    readers: u64,
    slice: u64,
}

/// The programs of this machine.
pub struct Programs {
    url: String,
    chromium: PathBuf,
    dive: Option<String>,
    shell: bool,
}

impl Programs {
    pub fn find(url: &str, chromium: &Path) -> Self {
        let dive = output(command("dive").arg("--version"));
        if dive.is_none() {
            println!("dive is not installed: its column stays empty.");
        }
        let shell = output(command("sh").args(["-c", "command -v tar sha256sum"])).is_some();
        Self { url: url.to_owned(), chromium: chromium.to_path_buf(), dive, shell }
    }

    /// Each program once on `file`. The first round finds the fastest way to read the file; the others take it.
    pub fn round(&self, file: &Path, reading: &mut Option<Reading>) -> Result<Vec<Sample>> {
        let mut samples = vec![self.browser(file)?, self.floor(file, reading)?];
        let timed = |program, seconds| Sample { program, seconds, memory: None };
        if self.dive.is_some() {
            samples.push(timed(Program::Dive, dive(file)?));
        }
        if self.shell {
            samples.push(timed(Program::Shell, shell(file)?));
        }
        samples.push(timed(Program::Cli, cli(file)?));
        Ok(samples)
    }

    /// The versions that a reader needs to judge the figures.
    pub fn versions(&self) -> Vec<String> {
        let chromium = self.page("version", None, &[]).ok();
        let chromium = chromium.and_then(|said| said["version"].as_str().map(|version| format!("Chromium {version}")));
        [chromium, self.dive.clone(), output(command("rustc").arg("--version"))].into_iter().flatten().collect()
    }

    fn browser(&self, file: &Path) -> Result<Sample> {
        let said = self.page("analyse", Some(file), &[])?;
        let memory = said["peak"].as_u64().zip(said["empty"].as_u64()).map(|(peak, empty)| peak.saturating_sub(empty));
        Ok(Sample { program: Program::Browser, seconds: seconds(&said)?, memory })
    }

    fn floor(&self, file: &Path, reading: &mut Option<Reading>) -> Result<Sample> {
        let way = reading.map(|way| [way.readers.to_string(), way.slice.to_string()]);
        let said = self.page("floor", Some(file), way.as_ref().map_or(&[], |way| way.as_slice()))?;
        *reading =
            said["readers"].as_u64().zip(said["slice"].as_u64()).map(|(readers, slice)| Reading { readers, slice });
        Ok(Sample { program: Program::Floor, seconds: seconds(&said)?, memory: None })
    }

    /// Runs tests/browser/bench.js and returns what it says.
    fn page(&self, task: &str, file: Option<&Path>, more: &[String]) -> Result<Value> {
        let mut node = command("node");
        node.current_dir(browser::project_dir()).args(["bench.js", task]).args(file).args(more);
        node.env("LAYERLAB_URL", &self.url).env("LAYERLAB_CHROMIUM", &self.chromium);
        let output = node.stderr(Stdio::inherit()).output().context("node cannot be started")?;
        if !output.status.success() {
            bail!("the browser's {task} failed");
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("the browser's {task} said no JSON"))
    }
}

fn seconds(said: &Value) -> Result<f64> {
    said["seconds"].as_f64().context("the page said no time")
}

/// `--json` makes dive analyse without its interface.
fn dive(file: &Path) -> Result<f64> {
    let mut archive = std::ffi::OsString::from("docker-archive://");
    archive.push(file);
    let report = project::cache().join("dive.json");
    // It writes over an older report without cutting the rest off.
    let _ = std::fs::remove_file(&report);
    time(command("dive").arg(archive).arg("--json").arg(report))
}

/// What is done by hand today: each layer out of the archive, through gzip where it is compressed, into sha256sum.
fn shell(file: &Path) -> Result<f64> {
    const SCRIPT: &str = r#"set -e
tar -tf "$1" | grep -E '/layer\.tar$|^blobs/sha256/' | while read -r member; do
  if tar -xOf "$1" "$member" | head -c 2 | od -An -tx1 | grep -q '1f 8b'; then
    tar -xOf "$1" "$member" | gzip -dc | sha256sum
  else
    tar -xOf "$1" "$member" | sha256sum
  fi
done"#;
    time(command("sh").args(["-c", SCRIPT, "sh"]).arg(file))
}

fn cli(file: &Path) -> Result<f64> {
    time(command(project::built("release", "layerlab")).arg("analyse").arg(file).arg("--json"))
}

fn time(command: &mut Command) -> Result<f64> {
    let started = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let name = name(command);
    let status = status.with_context(|| format!("{name} cannot be started"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(started.elapsed().as_secs_f64())
}
