//! The table, and the document around it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{
    bench::programs::{Program, Programs, Sample},
    project::{command, output},
};

const COLUMNS: [(Program, &str); 5] = [
    (Program::Browser, "browser `analyse`"),
    (Program::Floor, "floor: read only"),
    (Program::Dive, "dive"),
    (Program::Shell, "`tar` \\| `sha256sum`"),
    (Program::Cli, "`layerlab analyse`"),
];

/// One archive and all its samples, measured in one go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    pub name: String,
    pub what: String,
    /// Bytes of the file.
    pub size: u64,
    pub date: String,
    pub rounds: usize,
    pub samples: Vec<Sample>,
}

impl Row {
    fn seconds(&self, program: Program) -> Vec<f64> {
        let mut seconds: Vec<f64> =
            self.samples.iter().filter(|sample| sample.program == program).map(|sample| sample.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        seconds
    }

    /// The browser's median as a share of `other`'s.
    fn ratio(&self, other: Program) -> Option<f64> {
        Some(median(&self.seconds(Program::Browser))? / median(&self.seconds(other))?)
    }

    fn peak(&self) -> Option<u64> {
        self.samples.iter().filter_map(|sample| sample.memory).max()
    }
}

/// Median and spread of every program on every archive, in seconds.
pub fn table(rows: &[Row]) -> String {
    let mut table = String::from("| archive | size |");
    let mut rule = String::from("|---|---:|");
    for (_, title) in COLUMNS {
        let _ = write!(table, " {title} |");
        rule.push_str("---:|");
    }
    let _ = write!(table, " MB/s | / dive | / floor | peak memory | measured |\n{rule}---:|---:|---:|---:|---|\n");
    for row in rows {
        let _ = write!(table, "| `{}`: {} | {:.2} GB |", row.name, row.what, row.size as f64 / 1e9);
        for (program, _) in COLUMNS {
            let _ = write!(table, " {} |", spread(&row.seconds(program)));
        }
        let speed = median(&row.seconds(Program::Browser)).map(|seconds| row.size as f64 / 1e6 / seconds);
        let _ = writeln!(
            table,
            " {} | {} | {} | {} | {}, {} rounds |",
            cell(speed, |speed| format!("{speed:.0}")),
            cell(row.ratio(Program::Dive), |ratio| format!("{ratio:.2}")),
            cell(row.ratio(Program::Floor), |ratio| format!("{ratio:.2}")),
            cell(row.peak(), |bytes| format!("{:.0} MB", bytes as f64 / 1e6)),
            row.date,
            row.rounds,
        );
    }
    table
}

/// `docs/benchmarks.md`.
pub fn document(rows: &[Row], first_load: &str, programs: &Programs) -> String {
    let (table, machine, versions) = (table(rows), machine(), programs.versions().join(", "));
    format!(
        "# Benchmarks

Written by `cargo xtask bench`. Seconds: median (fastest–slowest). A row is measured in one go, in rounds that take
each program once.

{table}
- *browser `analyse`*: the page's own measure, from the moment the file is accepted until every layer is decompressed,
  hashed, verified and shown; a fresh browser each time.
- *floor*: the same `File` read to its end and thrown away, by one, two or four workers in slices of 8 or 32 MiB,
  whichever is fastest. No analysis in a page can be faster.
- *dive* builds its trees without verifying any digest; *tar | sha256sum* (through `gzip -dc` where a layer is
  compressed) computes digests without building trees.
- *MB/s*, */ dive* and */ floor* are of the browser's median, MB of the file as it is stored; *peak memory* is the
  highest resident size of the tab's processes in any round, over the empty tab.

Page: {first_load} (page, styles, scripts, both programs).

Machine: {machine}; the files come from the page cache as far as it reaches. Versions: {versions}.
"
    )
}

pub fn today() -> String {
    output(command("date").args(["-u", "+%Y-%m-%d"])).unwrap_or_else(|| "unknown".to_owned())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let field = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).ok()?;
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let kilobytes = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let memory = kilobytes.map_or(String::new(), |kb| format!(", {:.0} GB of memory", kb * 1024.0 / 1e9));
    format!("{cores} cores ({model}){memory}, {}", std::env::consts::OS)
}

fn spread(sorted: &[f64]) -> String {
    match (median(sorted), sorted) {
        (Some(median), [first, .., last]) => format!("{median:.2} ({first:.2}–{last:.2})"),
        (Some(median), _) => format!("{median:.2}"),
        (None, _) => "–".to_owned(),
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some((low + high) / 2.0)
}

fn cell<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_median_spread_and_ratios() {
        let sample = |program, seconds, memory| Sample { program, seconds, memory };
        let samples = vec![
            sample(Program::Browser, 3.0, Some(300_000_000)),
            sample(Program::Browser, 2.0, Some(250_000_000)),
            sample(Program::Browser, 4.0, None),
            sample(Program::Floor, 1.5, None),
            sample(Program::Dive, 6.0, None),
            sample(Program::Dive, 4.0, None),
        ];
        let row = Row {
            name: "docker".to_owned(),
            what: "ten layers".to_owned(),
            size: 1_500_000_000,
            date: "2026-01-01".to_owned(),
            rounds: 3,
            samples,
        };
        assert_eq!(
            table(&[row]).lines().last().unwrap(),
            "| `docker`: ten layers | 1.50 GB | 3.00 (2.00–4.00) | 1.50 | 5.00 (4.00–6.00) | – | – | 500 | 0.60 | 2.00 | 300 MB | 2026-01-01, 3 rounds |"
        );
    }
}
