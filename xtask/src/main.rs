//! The tasks of the project. One file a task; nothing but Rust and Node has to be installed beforehand.

mod bench;
mod browser;
mod build;
mod dist;
mod fixtures;
mod overlay_diff;
mod project;
mod serve;
mod server;
mod setup;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt};

const USAGE: &str = "\
usage: cargo xtask TASK

  serve [--host ADDRESS] [--port N]   build for release and serve it (127.0.0.1:8080)
  test [--full] [--browser]           formatting, lints, native tests, browser tests; --browser alone the last
  build                               make dist/, which any static host can serve from any path
  bench [--rounds N] [--size GIB] [--only NAME]
                                      measure, and write docs/benchmarks.md
  setup                               install the pinned tools into .tools/ (the other tasks do it too)
  fixtures                            make static/samples/ again
  overlay-diff [--seed N] [--cases K] [--ops N] [--mode MODE] [--only CASE] [--umoci yes]
                                      compare the OverlayFS model with the kernel's (needs root)
";

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Parser) -> Result<ExitCode> {
    let task = match args.next()? {
        Some(Arg::Value(task)) => task.string()?,
        Some(Arg::Long("help") | Arg::Short('h')) | None => {
            print!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    match task.as_str() {
        "serve" => serve::run(serve::Options::parse(args)?),
        "test" => return Ok(test::run(test::Options::parse(args)?)),
        "overlay-diff" => return overlay_diff::run(args),
        "bench" => bench::run(bench::Options::parse(args)?),
        "build" => no_options(args).and_then(|()| build::run()),
        "setup" => no_options(args).and_then(|()| setup::run()),
        "fixtures" => no_options(args).and_then(|()| fixtures::run()),
        _ => bail!("there is no task {task:?}\n\n{USAGE}"),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn no_options(mut args: Parser) -> Result<()> {
    match args.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}
