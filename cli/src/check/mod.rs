//! `layerlab check`: an image against rules, for a pipeline. Each broken rule has its reason.

mod bytes;
mod config;
mod dive_ci;
mod rules;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

pub use rules::{Facts, Rules, check};

/// Why there are no rules to check by.
#[derive(Debug)]
pub enum NoRules {
    /// No file was named, and none of the usual ones is here.
    NoFile,
    Unreadable {
        path: PathBuf,
        error: io::Error,
    },
    Malformed {
        path: PathBuf,
        problem: String,
    },
}

const OURS: &str = ".layerlab.toml";
const DIVES: &str = ".dive-ci";

/// The rules of a file: TOML is ours, anything else is dive's YAML. Without a name `.layerlab.toml` is looked for in
/// the current folder, then `.dive-ci`.
pub fn load(named: Option<&Path>) -> Result<Rules, NoRules> {
    let found = || [OURS, DIVES].map(PathBuf::from).into_iter().find(|path| path.is_file());
    let path = named.map(PathBuf::from).or_else(found).ok_or(NoRules::NoFile)?;
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Err(NoRules::Unreadable { path, error }),
    };
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let rules = if is_toml { config::parse(&text) } else { dive_ci::parse(&text) };
    rules.map_err(|problem| NoRules::Malformed { path, problem })
}

impl fmt::Display for NoRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile => write!(f, "there is neither {OURS} nor {DIVES} here; name a file with --config"),
            Self::Unreadable { path, error } => write!(f, "{} cannot be read: {error}", path.display()),
            Self::Malformed { path, problem } => write!(f, "{} cannot be understood: {problem}", path.display()),
        }
    }
}

impl std::error::Error for NoRules {}
