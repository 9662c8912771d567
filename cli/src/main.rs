//! The command line: the same core and the same report as in the browser.

mod args;
mod open;
mod progress;
mod read;
mod save;
mod table;
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
use open::Opened;
use progress::Progress;

/// Verified, or read; a mismatch or damage; cannot be read.
const OK: u8 = 0;
const MISMATCH: u8 = 1;
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let status = match Args::parse().command {
        Command::Analyse { file, json } => analyse(&file, json),
        Command::Verify { file, against } => verify(&file, against.as_deref()),
        Command::Save { file, image, format, layer, output } => save::save(&file, image, format, layer, &output),
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

fn read(file: &Path) -> Result<Report, ArchiveError> {
    read_opened(file, &Limits::default()).map(|(_, report)| report)
}

fn read_opened(file: &Path, limits: &Limits) -> Result<(Opened, Report), ArchiveError> {
    let progress = Progress::new();
    let opened = open::open(file, limits, &progress)?;
    let readings = read::read_layers(&opened, limits, &progress);
    let report = report::assemble(&opened.plan, &opened.name, opened.size, opened.outer, &readings, limits);
    Ok((opened, report))
}

/// `--against` takes the text itself, or the name of a file that holds it.
fn trusted_text(given: &str) -> io::Result<String> {
    if Path::new(given).is_file() { std::fs::read_to_string(given) } else { Ok(given.to_owned()) }
}

/// A reader that closes the pipe early (`| head`) is no error.
fn print(out: &[u8]) -> io::Result<()> {
    match io::stdout().lock().write_all(out) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
