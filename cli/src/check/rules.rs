//! Rules, and what an image's figures say to them.

use globset::{Glob, GlobBuilder, GlobMatcher};
use layerlab_core::{display, report::ImageReport, tree::UnionTree};

#[derive(Debug, Default)]
pub struct Rules {
    pub limits: Limits,
    pub must_exist: Globs,
    pub must_not_exist: Globs,
}

/// Each is checked where it is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// At least.
    pub efficiency: Option<f64>,
    /// All others: at most.
    pub wasted_bytes: Option<u64>,
    pub wasted_percent: Option<f64>,
    pub leftovers: Option<u64>,
    pub size: Option<u64>,
    pub stored: Option<u64>,
    pub layers: Option<u64>,
    pub secrets: Option<u64>,
    pub growth: Option<Growth>,
    /// In dive's own measure. At least.
    pub dive_efficiency: Option<f64>,
    pub dive_wasted_bytes: Option<u64>,
    pub dive_user_wasted: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    Bytes(u64),
    Percent(f64),
}

#[derive(Debug, Default)]
pub struct Globs(Vec<(String, GlobMatcher)>);

/// What is known of the image.
#[derive(Debug)]
pub struct Facts<'a> {
    pub image: &'a ImageReport,
    pub tree: &'a UnionTree,
    /// How many secrets were found; `None` where no rule asks, or a layer is absent.
    pub secrets: Option<u64>,
    /// Merged bytes of the image that it is held against.
    pub before: Option<u64>,
}

/// One rule, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    pub rule: String,
    /// What was found and what was allowed, as a sentence without a full stop.
    pub reason: String,
    pub broken: bool,
}

/// Paths named in a reason.
const NAMED: usize = 5;

/// Every rule in turn. A rule whose figure is not known is broken: silence would be taken for consent.
pub fn check(rules: &Rules, facts: &Facts<'_>) -> Vec<Checked> {
    let Limits {
        efficiency,
        wasted_bytes,
        wasted_percent,
        leftovers,
        size,
        stored,
        layers,
        secrets,
        growth,
        dive_efficiency,
        dive_wasted_bytes,
        dive_user_wasted,
    } = &rules.limits;
    let image = facts.image;
    let of = image.efficiency.as_ref();
    let merged = image.merged.as_ref().map(|merged| merged.bytes);
    let left = of.map(|of| of.leftovers.iter().fold(of.leftovers_rest.bytes, |sum, row| sum.saturating_add(row.bytes)));
    let wasted_share = of.map(|of| (1.0 - of.score) * 100.0);
    let in_store = image.layers.iter().try_fold(0_u64, |sum, layer| Some(sum.saturating_add(layer.blob_size?)));
    let dive = image.dive.as_ref();
    let mut checked = Vec::new();
    checked.extend(efficiency.map(|limit| at_least("efficiency", of.map(|of| of.score), limit)));
    checked.extend(wasted_bytes.map(|limit| at_most_bytes("wasted_bytes", image.shadowed_bytes, limit)));
    checked.extend(wasted_percent.map(|limit| at_most("wasted_percent", wasted_share, limit, |n| format!("{n:.2} %"))));
    checked.extend(leftovers.map(|limit| at_most_bytes("leftovers", left, limit)));
    checked.extend(size.map(|limit| at_most_bytes("size", merged, limit)));
    checked.extend(stored.map(|limit| at_most_bytes("stored", in_store, limit)));
    let number_of_layers = Some(image.layers.len() as u64);
    checked.extend(layers.map(|limit| at_most("layers", number_of_layers, limit, |n| n.to_string())));
    checked.extend(secrets.map(|limit| at_most("secrets", facts.secrets, limit, |n| n.to_string())));
    checked.extend(growth.map(|limit| grown(facts.before, merged, limit)));
    checked.extend(dive_efficiency.map(|limit| at_least("lowestEfficiency", dive.map(|dive| dive.efficiency), limit)));
    let dive_wasted = dive.map(|dive| dive.wasted_bytes);
    checked.extend(dive_wasted_bytes.map(|limit| at_most_bytes("highestWastedBytes", dive_wasted, limit)));
    // Of a single layer dive computes none, and what is no number is not above the limit.
    let user_wasted = dive.map(|dive| dive.user_wasted_percent.unwrap_or(0.0));
    let ratio = |n: f64| format!("{n:.4}");
    checked.extend(dive_user_wasted.map(|limit| at_most("highestUserWastedPercent", user_wasted, limit, ratio)));
    checked.extend(paths(rules, facts.tree));
    checked
}

impl Rules {
    pub fn is_empty(&self) -> bool {
        self.limits == Limits::default() && self.must_exist.0.is_empty() && self.must_not_exist.0.is_empty()
    }
}

impl Globs {
    pub fn new(patterns: Vec<String>) -> Result<Self, String> {
        let glob = |pattern: String| match absolute(&pattern) {
            Ok(glob) => Ok((pattern, glob.compile_matcher())),
            Err(error) => Err(format!("{pattern:?} is no glob: {}", error.kind())),
        };
        patterns.into_iter().map(glob).collect::<Result<_, _>>().map(Self)
    }
}

/// Patterns are of absolute paths: `etc/x` is `/etc/x`.
fn absolute(pattern: &str) -> Result<Glob, globset::Error> {
    let slash = if pattern.starts_with(['/', '*']) { "" } else { "/" };
    GlobBuilder::new(&format!("{slash}{pattern}")).literal_separator(true).build()
}

fn at_least(rule: &str, found: Option<f64>, limit: f64) -> Checked {
    let reason = found.map(|found| {
        (format!("{found:.4} is {} {limit}", if found < limit { "below" } else { "at least" }), found < limit)
    });
    checked(rule, reason)
}

fn at_most<T: PartialOrd + Copy>(rule: &str, found: Option<T>, limit: T, text: impl Fn(T) -> String) -> Checked {
    let reason = found.map(|found| {
        let word = if found > limit { "above" } else { "at most" };
        (format!("{} is {word} {}", text(found), text(limit)), found > limit)
    });
    checked(rule, reason)
}

fn at_most_bytes(rule: &str, found: Option<u64>, limit: u64) -> Checked {
    at_most(rule, found, limit, |bytes| match display::size(bytes) {
        // "20.0 MB is above 20.0 MB" would be no reason.
        rounded if bytes >= 1000 => format!("{bytes} B ({rounded})"),
        exact => exact,
    })
}

fn grown(before: Option<u64>, now: Option<u64>, limit: Growth) -> Checked {
    let Some(before) = before else {
        let reason = "there is nothing to hold the image against: give --against".to_owned();
        return Checked { rule: "growth".into(), reason, broken: true };
    };
    let grown = now.map(|now| now.saturating_sub(before));
    match limit {
        Growth::Bytes(limit) => at_most_bytes("growth", grown, limit),
        Growth::Percent(limit) => {
            let percent = grown.map(|grown| match (grown, before) {
                (0, _) => 0.0,
                (_, 0) => f64::INFINITY,
                (grown, before) => grown as f64 / before as f64 * 100.0,
            });
            at_most("growth", percent, limit, |n| format!("{n:.2} %"))
        }
    }
}

fn checked(rule: &str, found: Option<(String, bool)>) -> Checked {
    let (reason, broken) = found.unwrap_or_else(|| ("it is not known".into(), true));
    Checked { rule: rule.into(), reason, broken }
}

fn paths(rules: &Rules, tree: &UnionTree) -> Vec<Checked> {
    let expected = |globs: &'_ Globs, exists| globs.0.iter().cloned().map(|glob| Expected::new(glob, exists)).collect();
    let mut all: Vec<Expected> = expected(&rules.must_exist, true);
    all.extend::<Vec<_>>(expected(&rules.must_not_exist, false));
    if all.is_empty() {
        return Vec::new();
    }
    for view in tree.living() {
        let bytes = [b"/", tree.paths().bytes(view.path).as_slice()].concat();
        let path = String::from_utf8_lossy(&bytes);
        for expected in all.iter_mut().filter(|expected| expected.matcher.is_match(&*path)) {
            expected.count += 1;
            if expected.named.len() < NAMED {
                expected.named.push(display::harmless(&bytes));
            }
        }
    }
    all.into_iter().map(Expected::checked).collect()
}

/// A glob, and the paths that it has met.
struct Expected {
    pattern: String,
    matcher: GlobMatcher,
    exists: bool,
    count: u64,
    named: Vec<String>,
}

impl Expected {
    fn new((pattern, matcher): (String, GlobMatcher), exists: bool) -> Self {
        Self { pattern, matcher, exists, count: 0, named: Vec::new() }
    }

    fn checked(mut self) -> Checked {
        self.named.sort();
        let word = if self.exists { "must_exist" } else { "must_not_exist" };
        let more = self.count - self.named.len() as u64;
        let reason = match (self.count, self.exists) {
            (0, _) => "no such path".into(),
            (1, true) => "1 path".into(),
            (count, true) => format!("{count} paths"),
            (_, false) if more > 0 => format!("there is {} and {more} more", self.named.join(", ")),
            (_, false) => format!("there is {}", self.named.join(", ")),
        };
        let broken = (self.count > 0) != self.exists;
        Checked { rule: format!("{word} {}", display::harmless_text(&self.pattern)), reason, broken }
    }
}
