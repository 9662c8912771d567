//! `cargo xtask bench`: the browser against the shell, `dive` and the mere reading of the file.
//!
//! Machines swing, so everything is measured in one go, in rounds that take each program once: a slow minute then
//! falls on all of them.

mod archives;
mod programs;
mod report;

use std::fs;

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use crate::{
    browser, build,
    project::{self, command, root},
    server::Server,
};
use programs::{Programs, Sample};

pub struct Options {
    rounds: usize,
    /// GiB of the big archives.
    size: f64,
    /// Only the archives whose name holds this.
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

    let mut results = Vec::new();
    for archive in archives::all(options.size) {
        if options.only.as_ref().is_some_and(|only| !archive.name.contains(only.as_str())) {
            continue;
        }
        let path = archive.ensure()?;
        let size = fs::metadata(&path)?.len();
        let mut samples: Vec<Sample> = Vec::new();
        for round in 1..=options.rounds {
            println!("{}: round {round} of {}", archive.name, options.rounds);
            samples.extend(programs.round(&path)?);
        }
        results.push(report::Row { name: archive.name, what: archive.what.clone(), size, samples });
    }
    if results.is_empty() {
        bail!("no archive's name holds {:?}", options.only.unwrap_or_default());
    }
    let table = report::table(&results);
    println!("\n{table}");
    let document = report::document(&table, &results, options.rounds, &programs);
    if options.only.is_some() {
        println!("docs/benchmarks.md is left as it is: only a part was measured.");
        return Ok(());
    }
    let path = root().join("docs").join("benchmarks.md");
    project::write(&path, document).context("docs/benchmarks.md")?;
    println!("Written to docs/benchmarks.md");
    Ok(())
}
