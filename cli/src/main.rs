//! The command line: the same core and the same report as in the browser.

mod analysis;
mod args;
mod check;
mod diff;
mod facts;
mod open;
mod progress;
mod read;
mod save;
mod table;
mod tree;
mod verdict;
mod waste;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use analysis::Analysis;
use args::{Args, Command, DiffFormat, WasteFormat};
use clap::Parser;
use facts::Searched;
use layerlab_core::{
    compare::{How, Side, Verdict, compare},
    error::ArchiveError,
    limits::Limits,
    report,
};

/// The exit status, or why there is nothing to say.
type Outcome = Result<u8, Failure>;
type Failure = Box<dyn std::error::Error>;

/// Verified, or read; a mismatch or damage; cannot be read.
const OK: u8 = 0;
const MISMATCH: u8 = 1;
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let status = match Args::parse().command {
        Command::Analyse { file, json } => analyse(&file, json),
        Command::Verify { file, against } => verify(&file, against.as_deref()),
        Command::Tree(args) => tree::tree(&args).map_err(Failure::from).and_then(told),
        Command::Secrets { file, json, show } => secrets(&file, json, show),
        Command::Dockerfile { file, image } => dockerfile(&file, image),
        Command::Packages { file } => packages(&file),
        Command::Waste { file, image, format } => waste(&file, image, format.into()),
        Command::Diff { a, b, image_a, image_b, semantic, format } => {
            let how = if semantic { How::Semantic } else { How::Strict };
            diff((&a, image_a), (&b, image_b), how, format.into())
        }
        Command::Check { file, image, config, against } => check(&file, image, config.as_deref(), against.as_deref()),
        Command::Save { file, image, format, layer, output } => {
            save::save(&file, image, format, layer, &output).map_err(Failure::from)
        }
    };
    ExitCode::from(status.unwrap_or_else(|error| {
        eprintln!("layerlab: {error}");
        UNREADABLE
    }))
}

fn analyse(file: &Path, json: bool) -> Outcome {
    let report = read(file)?.report;
    let out = if json { report::to_json(&report) } else { table::report(&report).into_bytes() };
    print(&out)?;
    Ok(OK)
}

fn verify(file: &Path, against: Option<&str>) -> Outcome {
    let report = read(file)?.report;
    let (text, holds) = verdict::verdict(&report, against.map(trusted_text).transpose()?.as_deref());
    print(text.as_bytes())?;
    Ok(if holds { OK } else { MISMATCH })
}

fn secrets(file: &Path, json: bool, show: bool) -> Outcome {
    let (out, found) = facts::secrets(file, json, show)?;
    print(&out)?;
    Ok(if found { MISMATCH } else { OK })
}

fn dockerfile(file: &Path, image: usize) -> Outcome {
    match facts::dockerfile(file, image)? {
        Some(out) => {
            print(&out)?;
            Ok(OK)
        }
        None => {
            eprintln!("layerlab: the archive has no image {image} of its own");
            Ok(MISMATCH)
        }
    }
}

fn packages(file: &Path) -> Outcome {
    print(&facts::packages(file)?)?;
    Ok(OK)
}

fn waste(file: &Path, image: Option<usize>, format: WasteFormat) -> Outcome {
    let analysis = read(file)?;
    let index = analysis.choose(image)?;
    let (_, image) = analysis.image(index);
    print(&waste::waste(&analysis.opened.name, index, image, format))?;
    Ok(OK)
}

fn diff(a: (&Path, Option<usize>), b: (&Path, Option<usize>), how: How, format: DiffFormat) -> Outcome {
    let key = read::random_key();
    let analysis_a = Analysis::read(a.0, key)?;
    // Two images of one archive: it is read once.
    let analysis_b = if a.0 == b.0 { None } else { Some(Analysis::read(b.0, key)?) };
    let analysis_b = analysis_b.as_ref().unwrap_or(&analysis_a);
    let (index_a, index_b) = (analysis_a.choose(a.1)?, analysis_b.choose(b.1)?);
    let (tree_a, tree_b) = (analysis_a.tree(index_a), analysis_b.tree(index_b));
    let side = |analysis: &'_ Analysis, index| {
        let (image, report) = analysis.image(index);
        (image.config.as_ref().map(|config| config.config.clone()), report.clone())
    };
    let ((config_a, report_a), (config_b, report_b)) = (side(&analysis_a, index_a), side(analysis_b, index_b));
    let side_a = Side { report: &report_a, config: config_a.as_ref(), tree: tree_a.as_ref() };
    let side_b = Side { report: &report_b, config: config_b.as_ref(), tree: tree_b.as_ref() };
    let comparison = compare(&side_a, &side_b, how);
    print(&diff::diff(&comparison, &report_a, &report_b, format))?;
    let same = matches!(comparison.verdict, Verdict::SameImage | Verdict::SameLayers | Verdict::SameTree);
    Ok(if same { OK } else { MISMATCH })
}

fn check(file: &Path, image: Option<usize>, config: Option<&Path>, against: Option<&Path>) -> Outcome {
    let rules = check::load(config)?;
    let before = against.map(merged_bytes).transpose()?.flatten();
    let analysis = read(file)?;
    let images = match image {
        Some(_) => vec![analysis.choose(image)?],
        None => analysis.distinct(),
    };
    let limits = Limits::default();
    // Looking for secrets reads every layer again: once for all images, and only where a rule asks.
    let searched = rules.limits.secrets.map(|_| Searched::read(&analysis.opened, &limits)).transpose()?;
    let mut broken = 0;
    let mut out = String::new();
    for &index in &images {
        let (image, report) = analysis.image(index);
        out.push_str(&table::image_title(index, report));
        let Some(tree) = analysis.tree(index) else { continue };
        let secrets = searched.as_ref().and_then(|searched| searched.count_secrets(image, &limits));
        let facts = check::Facts { image: report, tree: &tree, secrets, before };
        for rule in check::check(&rules, &facts) {
            broken += usize::from(rule.broken);
            let word = if rule.broken { "BROKEN" } else { "ok" };
            out.push_str(&format!("  {word:6}  {}: {}\n", rule.rule, rule.reason));
        }
    }
    let whole = images.iter().filter(|&&index| analysis.image(index).1.merged.is_some()).count();
    if images.is_empty() || whole < images.len() {
        out.push_str("BROKEN  no rule can be checked of an image whose layers are absent\n");
        broken += 1;
    }
    out.push_str(&match broken {
        0 => "Every rule holds.\n".to_owned(),
        1 => "1 rule is broken.\n".to_owned(),
        n => format!("{n} rules are broken.\n"),
    });
    print(out.as_bytes())?;
    Ok(if broken == 0 { OK } else { MISMATCH })
}

fn merged_bytes(file: &Path) -> Result<Option<u64>, Failure> {
    let analysis = read(file)?;
    let index = analysis.choose(None)?;
    Ok(analysis.image(index).1.merged.as_ref().map(|merged| merged.bytes))
}

fn read(file: &Path) -> Result<Analysis, ArchiveError> {
    Analysis::read(file, read::random_key())
}

/// `--against` takes the text itself, or the name of a file that holds it.
fn trusted_text(given: &str) -> io::Result<String> {
    if Path::new(given).is_file() { std::fs::read_to_string(given) } else { Ok(given.to_owned()) }
}

/// Prints what was asked for, or says on standard error why it cannot be.
fn told(answer: Result<String, String>) -> Outcome {
    match answer {
        Ok(text) => {
            print(text.as_bytes())?;
            Ok(OK)
        }
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
