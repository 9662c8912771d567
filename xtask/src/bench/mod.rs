//! `cargo xtask bench`: the browser against the shell, `dive` and the mere reading of the file.
//!
//! Machines swing, so everything is measured in one go, in rounds that take each program once: a slow minute then
//! falls on all of them.

mod archives;
mod programs;
mod report;

use std::{fs, path::PathBuf};

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use crate::{
    browser, build,
    project::{self, command, root},
    server::Server,
};
use archives::Archive;
use programs::Programs;
use report::Row;

pub struct Options {
    rounds: usize,
    /// GiB of the big archives.
    size: f64,
    /// Only the archive of this name; the rows of the others stay as they were measured.
    only: Option<String>,
}

impl Options {
    pub fn parse(mut args: Parser) -> Result<Self> {
        let mut options = Self { rounds: 5, size: 10.0, only: None };
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("rounds") => options.rounds = args.value()?.parse()?,
                Arg::Long("size") => options.size = args.value()?.parse()?,
                Arg::Long("only") => options.only = Some(args.value()?.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.rounds == 0 || !(0.01..=1000.0).contains(&options.size) {
            bail!("--rounds is at least 1, --size is between 0.01 and 1000 (GiB)");
        }
        Ok(options)
    }
}

pub fn run(options: Options) -> Result<()> {
    build::ensure()?;
    browser::playwright()?;
    println!("Building the command line for release ...");
    project::run(command("cargo").args(["build", "--quiet", "--release", "--package", "layerlab"]))?;
    let server = Server::start(&build::dist_dir(), "127.0.0.1", 0, "/")?;
    let programs = Programs::find(&server.url(), &browser::chromium()?);

    let archives = archives::all(options.size);
    let chosen = |name: &str| options.only.as_ref().is_none_or(|only| name == only);
    if !archives.iter().any(|archive| chosen(archive.name)) {
        let names: Vec<&str> = archives.iter().map(|archive| archive.name).collect();
        bail!("--only takes one of {}", names.join(", "));
    }
    for archive in archives.iter().filter(|archive| chosen(archive.name)) {
        let row = measure(archive, options.rounds, &programs)?;
        println!("\n{}", report::table(std::slice::from_ref(&row)));
        project::write(&result(archive.name), serde_json::to_string(&row)?)?;
    }
    // Each archive's programs were measured in one go; another archive's row may be of another day, and says so.
    let rows: Vec<Row> = archives
        .iter()
        .filter_map(|archive| serde_json::from_slice(&fs::read(result(archive.name)).ok()?).ok())
        .collect();
    let path = root().join("docs").join("benchmarks.md");
    project::write(&path, report::document(&rows, &build::first_load()?.summary(), &programs))?;
    println!("Written to {}", path.display());
    Ok(())
}

fn measure(archive: &Archive, rounds: usize, programs: &Programs) -> Result<Row> {
    let path = archive.ensure()?;
    let mut samples = Vec::new();
    let mut reading = None;
    for round in 1..=rounds {
        println!("{}: round {round} of {rounds}", archive.name);
        for sample in programs.round(&path, &mut reading)? {
            println!("  {:?}: {:.2} s", sample.program, sample.seconds);
            samples.push(sample);
        }
    }
    let (name, what) = (archive.name.to_owned(), archive.what.clone());
    Ok(Row { name, what, size: fs::metadata(&path)?.len(), date: report::today(), rounds, samples })
}

/// Where the row of an archive is kept.
fn result(name: &str) -> PathBuf {
    project::cache().join("bench").join(format!("{name}.json"))
}
