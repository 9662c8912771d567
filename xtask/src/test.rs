//! `cargo xtask test`: everything that has to hold, with one summary line at the end.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser};
use serde_json::Value;

use layerlab_tests::{
    big::{Big, Contents},
    kinds::{self, Kind},
};

use crate::{
    browser, build,
    project::{self, cache, command, name},
    server::Server,
    setup,
};

/// Served from here, so that an address that does not stay relative fails.
const MOUNT: &str = "/some/sub/path/";

pub struct Options {
    /// The longer tests too.
    full: bool,
    /// Only the release build and the browser tests.
    browser: bool,
}

impl Options {
    pub fn parse(mut args: Parser) -> Result<Self> {
        let mut options = Self { full: false, browser: false };
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("full") => options.full = true,
                Arg::Long("browser") => options.browser = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// The summary stays the last line, so a failure is said by the exit code alone.
pub fn run(options: Options) -> ExitCode {
    let mut tally = Tally::default();
    tally.step("tools", || setup::ensure().map(|()| Count::ONE));
    if !options.browser {
        native(&mut tally, options.full);
    }
    let built = tally.step("release build", || build::ensure().map(|()| Count::ONE));
    if built {
        tally.step("size of the first load", first_load);
        tally.step("browser tests", || browser_tests(options.full));
    }
    println!("{} passed, {} failed", tally.count.passed, tally.count.failed);
    if tally.count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn native(tally: &mut Tally, full: bool) {
    tally.step("formatting", || check(command("cargo").args(["fmt", "--all", "--check"])));
    tally.step("clippy", || check(&mut clippy(&["--workspace", "--all-targets"])));
    tally.step("clippy for wasm32", || {
        check(&mut clippy(&[
            "--package",
            "layerlab-core",
            "--package",
            "layerlab-web",
            "--package",
            "layerlab-explore",
            "--package",
            "layerlab-learn",
            "--package",
            "layerlab-pull",
            "--target",
            "wasm32-unknown-unknown",
        ]))
    });
    tally.step("native tests", || native_tests(full));
}

/// Tests that passed and failed. A step that is no test run counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    const ONE: Self = Self { passed: 1, failed: 0 };
}

#[derive(Default)]
struct Tally {
    count: Count,
}

impl Tally {
    /// Runs a step, says how it went and how long it took, and goes on: a lint does not hide a failing test.
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<Count>) -> bool {
        println!("== {name}");
        let started = Instant::now();
        let count = step().unwrap_or_else(|error| {
            println!("{error:#}");
            Count { passed: 0, failed: 1 }
        });
        let word = if count.failed == 0 { "ok" } else { "FAILED" };
        println!("== {name}: {word} in {:.1} s", started.elapsed().as_secs_f64());
        self.count.passed += count.passed;
        self.count.failed += count.failed;
        count.failed == 0
    }
}

fn clippy(packages: &[&str]) -> Command {
    let mut clippy = command("cargo");
    clippy.args(["clippy", "--quiet"]).args(packages).args(["--", "--deny", "warnings"]);
    clippy
}

fn check(command: &mut Command) -> Result<Count> {
    project::run(command).map(|()| Count::ONE)
}

fn native_tests(full: bool) -> Result<Count> {
    let mut tests = command("cargo");
    // The page's state and view models are tested natively too; only what touches the browser is not.
    tests.args(["test", "--workspace", "--no-fail-fast"]);
    if full {
        tests.args(["--", "--include-ignored"]);
    }
    let mut count = Count::default();
    let succeeded = each_line(&mut tests, |line| {
        println!("{line}");
        if let Some(found) = cargo_result(line) {
            count.passed += found.passed;
            count.failed += found.failed;
        }
    })?;
    finish(count, succeeded)
}

/// `test result: ok. 12 passed; 1 failed; 0 ignored; …`
fn cargo_result(line: &str) -> Option<Count> {
    let mut parts = line.strip_prefix("test result: ")?.split_once(". ")?.1.split("; ");
    let mut number = |word| parts.next()?.strip_suffix(word)?.trim().parse().ok();
    Some(Count { passed: number("passed")?, failed: number("failed")? })
}

fn first_load() -> Result<Count> {
    let size = build::first_load()?;
    println!("{size}");
    if size.within_budget() { Ok(Count::ONE) } else { bail!("the first load is over {} kB", build::BUDGET_KB) }
}

fn browser_tests(full: bool) -> Result<Count> {
    browser::playwright()?;
    let chromium = browser::chromium()?;
    let server = Server::start(&build::dist_dir(), "127.0.0.1", 0, MOUNT)?;
    let report = cache().join("playwright.json");
    // A report of an earlier run must not be counted when this one dies.
    let _ = std::fs::remove_file(&report);
    let cli = build_cli()?;
    let mut tests = command("node");
    tests
        .current_dir(browser::project_dir())
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .env("LAYERLAB_CHROMIUM", chromium)
        .env("LAYERLAB_URL", server.url())
        .env("LAYERLAB_CLI", cli)
        .env("LAYERLAB_FIXTURES", fixtures()?)
        .env("LAYERLAB_REPORT", &report);
    if let Some([registry, skopeo]) = browser::registry() {
        tests.env("LAYERLAB_REGISTRY", registry).env("LAYERLAB_SKOPEO", skopeo);
    }
    if full {
        tests.env("LAYERLAB_BIG", big_archive()?);
    }
    let succeeded = tests.status().context("node cannot be started")?.success();
    let text = std::fs::read_to_string(&report).context("Playwright wrote no report")?;
    finish(playwright_result(&text)?, succeeded)
}

/// The small archives that the browser opens.
fn fixtures() -> Result<PathBuf> {
    let folder = cache().join("fixtures");
    project::remove_dir(&folder)?;
    let mut kinds = serde_json::Map::new();
    for Kind { name, bytes, kind } in kinds::all() {
        project::write(&folder.join(name), bytes)?;
        kinds.insert(name.to_owned(), kind.into());
    }
    project::write(&folder.join("kinds.json"), Value::Object(kinds).to_string())?;
    kinds::layout().write(&folder.join("layout"))?;
    Ok(folder)
}

/// One gigabyte, made once.
fn big_archive() -> Result<PathBuf> {
    let path = cache().join("big.tar");
    if !path.exists() {
        let big = Big { bytes: 1 << 30, layers: 10, contents: Contents::Realistic };
        big.write_docker_archive(&path).with_context(|| path.display().to_string())?;
    }
    Ok(path)
}

/// The browser's document is compared with this program's. The debug build is there from the native tests.
fn build_cli() -> Result<PathBuf> {
    project::run(command("cargo").args(["build", "--quiet", "--package", "layerlab"]))?;
    Ok(project::built("debug", "layerlab"))
}

fn playwright_result(report: &str) -> Result<Count> {
    let report: Value = serde_json::from_str(report).context("Playwright's report")?;
    let number = |key: &str| report["stats"][key].as_u64().unwrap_or(0);
    // Errors outside a test (a spec that does not load) belong to no test.
    let errors = report["errors"].as_array().map_or(0, |errors| errors.len() as u64);
    Ok(Count { passed: number("expected"), failed: number("unexpected") + number("flaky") + errors })
}

/// A run that fails without a failing test (it did not compile, say) is one failure; a run of no tests is too.
fn finish(mut count: Count, succeeded: bool) -> Result<Count> {
    if count.failed == 0 && (!succeeded || count.passed == 0) {
        count.failed = 1;
    }
    Ok(count)
}

fn each_line(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let name = name(command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{name} cannot be started"))?;
    let stdout = child.stdout.take().context("the output is piped")?;
    for text in BufReader::new(stdout).split(b'\n') {
        line(&String::from_utf8_lossy(&text?));
    }
    Ok(child.wait()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_from_the_lines_that_the_runners_write() {
        let line = "test result: FAILED. 11 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.18s";
        assert_eq!(cargo_result(line), Some(Count { passed: 11, failed: 2 }));
        assert_eq!(cargo_result("test a ... ok"), None);
        let report = r#"{"errors":[{"message":"x"}],"stats":{"expected":7,"unexpected":1,"flaky":1,"skipped":3}}"#;
        assert_eq!(playwright_result(report).unwrap(), Count { passed: 7, failed: 3 });
    }

    #[test]
    fn a_run_that_fails_or_runs_nothing_is_a_failure() {
        assert_eq!(finish(Count { passed: 3, failed: 0 }, true).unwrap().failed, 0);
        assert_eq!(finish(Count { passed: 3, failed: 0 }, false).unwrap().failed, 1);
        assert_eq!(finish(Count { passed: 0, failed: 0 }, true).unwrap().failed, 1);
        assert_eq!(finish(Count { passed: 0, failed: 2 }, false).unwrap().failed, 2);
    }
}
