//! The command line: the same core and the same report as in the browser.

mod args;
mod facts;
mod open;
mod progress;
mod read;
mod table;
mod tree;
mod verdict;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use args::{Args, Command};
use clap::Parser;
use layerlab_core::{
    error::ArchiveError,
    limits::Limits,
    report::{self, Report},
};
use progress::Progress;

/// Verified, or read; a mismatch or damage; cannot be read.
const OK: u8 = 0;
const MISMATCH: u8 = 1;
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let status = match Args::parse().command {
        Command::Analyse { file, json } => analyse(&file, json),
        Command::Verify { file, against } => verify(&file, against.as_deref()),
        Command::Tree(args) => tree::tree(&args).and_then(told),
        Command::Secrets { file, json, show } => secrets(&file, json, show),
        Command::Dockerfile { file, image } => dockerfile(&file, image),
        Command::Packages { file } => packages(&file),
    };
    ExitCode::from(status.unwrap_or_else(|error| {
        eprintln!("layerlab: {error}");
        UNREADABLE
    }))
}

fn analyse(file: &Path, json: bool) -> Result<u8, ArchiveError> {
    let report = read(file)?;
    let out = if json { report::to_json(&report) } else { table::report(&report).into_bytes() };
    print(&out)?;
    Ok(OK)
}

fn verify(file: &Path, against: Option<&str>) -> Result<u8, ArchiveError> {
    let report = read(file)?;
    let (text, holds) = verdict::verdict(&report, against.map(trusted_text).transpose()?.as_deref());
    print(text.as_bytes())?;
    Ok(if holds { OK } else { MISMATCH })
}

fn secrets(file: &Path, json: bool, show: bool) -> Result<u8, ArchiveError> {
    let (out, found) = facts::secrets(file, json, show)?;
    print(&out)?;
    Ok(if found { MISMATCH } else { OK })
}

fn dockerfile(file: &Path, image: usize) -> Result<u8, ArchiveError> {
    match facts::dockerfile(file, image)? {
        Some(out) => print(&out).map(|()| OK).map_err(ArchiveError::from),
        None => {
            eprintln!("layerlab: the archive has no image {image} of its own");
            Ok(MISMATCH)
        }
    }
}

fn packages(file: &Path) -> Result<u8, ArchiveError> {
    print(&facts::packages(file)?)?;
    Ok(OK)
}

fn read(file: &Path) -> Result<Report, ArchiveError> {
    let (limits, progress) = (Limits::default(), Progress::new());
    let opened = open::open(file, &limits, &progress)?;
    let readings = read::read_layers(&opened, &limits, &progress);
    Ok(report::assemble(&opened.plan, &opened.name, opened.size, opened.outer, &readings, &limits))
}

/// `--against` takes the text itself, or the name of a file that holds it.
fn trusted_text(given: &str) -> io::Result<String> {
    if Path::new(given).is_file() { std::fs::read_to_string(given) } else { Ok(given.to_owned()) }
}

/// Prints what was asked for, or says on standard error why it cannot be.
fn told(answer: Result<String, String>) -> Result<u8, ArchiveError> {
    match answer {
        Ok(text) => print(text.as_bytes()).map(|()| OK).map_err(Into::into),
        Err(sentence) => {
            eprintln!("layerlab: {sentence}");
            Ok(UNREADABLE)
        }
    }
}

/// A reader that closes the pipe early (`| head`) is no error.
fn print(out: &[u8]) -> io::Result<()> {
    match io::stdout().lock().write_all(out) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
