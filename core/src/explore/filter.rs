//! The filter: what is shown at all. (The search moves through what is shown.)

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    compare::Comparison,
    row::{Change, Kind, Set},
    timeline::Timeline,
};
use crate::path::{PathId, PathTable};

/// All conditions hold at once; a directory is shown too where something below it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    pub text: Option<TextFilter>,
    /// Bytes of a file, both ends included. With a bound, nothing but files is found.
    pub min_size: Option<u64>,
    pub max_size: Option<u64>,
    pub kinds: Set<Kind>,
    pub changes: Set<Change>,
    /// The layer a path comes from.
    pub layer: Option<u32>,
}

/// Where the pattern holds a slash it is about the full path (without a slash at its start), else about the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextFilter {
    /// As in the search: letters of ASCII are the same in upper and lower case.
    Contains(String),
    /// `*`, `**`, `?`, `[a-z]` and `{a,b}`, over all of it.
    Glob(String),
    /// Somewhere in it.
    Regex(String),
}

/// Why a pattern is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterError {
    pub pattern: String,
    pub problem: String,
}

/// Bytes that the compiled form of a regular expression may take: nested repetitions of a short one need gigabytes.
const REGEX_BYTES: usize = 1 << 20;

impl Filter {
    /// Everything that has one of `changes`.
    pub fn of_changes(changes: Set<Change>) -> Self {
        Self { text: None, min_size: None, max_size: None, kinds: Set::all(), changes, layer: None }
    }

    /// Whether it asks for more than changes.
    pub fn is_narrow(&self) -> bool {
        *self != Self::of_changes(self.changes)
    }

    /// For each path, whether it meets all conditions.
    pub(super) fn matches(&self, timeline: &Timeline, comparison: &Comparison) -> Result<Vec<bool>, FilterError> {
        let mut matches = match &self.text {
            Some(text) => text.matches(timeline)?,
            None => vec![true; timeline.paths().len()],
        };
        matches[PathId::ROOT.index()] = false;
        for path in timeline.paths().ids().skip(1) {
            let at = path.index();
            matches[at] = matches[at] && self.admits(timeline, comparison, path);
        }
        Ok(matches)
    }

    fn admits(&self, timeline: &Timeline, comparison: &Comparison, path: PathId) -> bool {
        let Some(change) = comparison.cells[path.index()].change else { return false };
        if !self.changes.contains(change) {
            return false;
        }
        if self.kinds == Set::all() && self.layer.is_none() && self.min_size.is_none() && self.max_size.is_none() {
            return true;
        }
        let Some(shown) = comparison.shown(timeline, path) else { return false };
        let size = shown.inode.size;
        let sized = self.min_size.is_some() || self.max_size.is_some();
        self.kinds.contains(shown.kind)
            && self.layer.is_none_or(|layer| shown.version.layer == layer)
            && (!sized || shown.inode.is_file())
            && self.min_size.is_none_or(|min| size >= min)
            && self.max_size.is_none_or(|max| size <= max)
    }
}

impl TextFilter {
    /// Checks a pattern, with the sentence that says what is wrong with it.
    pub fn check(&self) -> Result<(), FilterError> {
        match self {
            Self::Contains(_) => Ok(()),
            Self::Glob(glob) => {
                fast_glob::validate(glob).map_err(|problem| FilterError::new(glob, format!("{problem:?}")))
            }
            Self::Regex(regex) => compile(regex).map(drop),
        }
    }

    fn matches(&self, timeline: &Timeline) -> Result<Vec<bool>, FilterError> {
        self.check()?;
        let paths = timeline.paths();
        Ok(match self {
            Self::Contains(text) if text.is_empty() => vec![true; paths.len()],
            Self::Contains(text) => timeline.names().find(paths, text.as_bytes()),
            Self::Glob(glob) => {
                each(timeline, glob.contains('/'), |text| fast_glob::glob_match(glob.trim_start_matches('/'), text))
            }
            Self::Regex(regex) => {
                let compiled = compile(regex)?;
                each(timeline, regex.contains('/'), |text| compiled.is_match(&String::from_utf8_lossy(text)))
            }
        })
    }
}

impl FilterError {
    fn new(pattern: &str, problem: String) -> Self {
        Self { pattern: pattern.into(), problem }
    }
}

fn compile(regex: &str) -> Result<regex_lite::Regex, FilterError> {
    let built = regex_lite::RegexBuilder::new(regex).size_limit(REGEX_BYTES).build();
    built.map_err(|error| FilterError::new(regex, error.to_string()))
}

/// Asks of every path, by its name or by its full path.
fn each(timeline: &Timeline, full: bool, mut matches: impl FnMut(&[u8]) -> bool) -> Vec<bool> {
    let paths = timeline.paths();
    let mut found = vec![false; paths.len()];
    if full {
        walk(paths, timeline, |path, text| found[path.index()] = matches(text));
    } else {
        // Trees are full of one name: the answer of its last path is at hand for the next.
        let mut last: Option<(&[u8], bool)> = None;
        for path in paths.ids().skip(1) {
            let name = paths.name(path);
            let answer = match last {
                Some((known, answer)) if known == name => answer,
                _ => matches(name),
            };
            last = Some((name, answer));
            found[path.index()] = answer;
        }
    }
    found
}

/// Visits every path with its full text; the text of a parent is written once for all that is below it.
fn walk(paths: &PathTable, timeline: &Timeline, mut visit: impl FnMut(PathId, &[u8])) {
    let mut text = Vec::new();
    let mut stack: Vec<(PathId, usize)> =
        timeline.names().children(PathId::ROOT).iter().map(|&path| (path, 0)).collect();
    while let Some((path, parent_len)) = stack.pop() {
        text.truncate(parent_len);
        if parent_len > 0 {
            text.push(b'/');
        }
        text.extend_from_slice(paths.name(path));
        visit(path, &text);
        stack.extend(timeline.names().children(path).iter().map(|&child| (child, text.len())));
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no pattern: {}", self.pattern, self.problem)
    }
}

impl std::error::Error for FilterError {}
