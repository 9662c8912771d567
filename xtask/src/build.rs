//! `cargo xtask build`: `dist/`, which any static host can serve from any path.

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result};

use crate::{
    dist,
    project::{self, cache, command, root},
    setup,
};

/// The first load, compressed: the page, its styles and both programs. It holds for the finished project.
pub const BUDGET_KB: u64 = 700;

/// All that the result depends on.
const INPUTS: [&str; 12] = [
    "core/src",
    "web",
    "explore",
    "learn",
    "pull",
    "static",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    ".cargo/config.toml",
    "xtask/src/build.rs",
    "xtask/src/dist.rs",
];

/// Where the finished page is.
pub fn dist_dir() -> PathBuf {
    root().join("dist")
}

/// Builds, and prints the size of the first load.
pub fn run() -> Result<()> {
    ensure()?;
    println!("{}", first_load()?);
    println!("dist/ is ready for any static host.");
    Ok(())
}

/// Builds where something has changed since the last time.
pub fn ensure() -> Result<()> {
    setup::ensure()?;
    let stamp = cache().join("dist.stamp");
    let inputs = project::fingerprint(&INPUTS.map(|input| root().join(input)))?;
    if fs::read_to_string(&stamp).is_ok_and(|built| built == inputs) && dist_dir().join("index.html").exists() {
        return Ok(());
    }
    println!("Building the page for release ...");
    let started = Instant::now();
    let plain = cache().join("plain");
    fs::create_dir_all(&plain)?;
    let mut trunk = command("trunk");
    trunk.args(["build", "--release", "--dist"]).arg(&plain).env("TRUNK_SKIP_VERSION_CHECK", "true");
    // A backtrace through trunk would bury the compiler's error.
    trunk.env_remove("RUST_BACKTRACE");
    // Trunk reads this variable as a boolean and refuses the usual "1".
    trunk.env_remove("NO_COLOR");
    // These would replace the flags of .cargo/config.toml, and with them the SIMD that makes hashing bearable.
    trunk.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    project::run(&mut trunk)?;
    dist::finish(&plain, &dist_dir())?;
    project::write(&stamp, inputs)?;
    println!("Built in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// What a first visit downloads, file by file.
pub struct FirstLoad {
    files: Vec<Weight>,
}

/// Bytes of one file.
struct Weight {
    name: String,
    lazy: bool,
    plain: u64,
    gzip: u64,
    brotli: u64,
}

/// Node brings both compressions with it. Prints one line of JSON: `[[plain, gzip, brotli], …]`.
const WEIGH: &str = r#"
const { readFileSync } = require("node:fs"), { gzipSync, brotliCompressSync } = require("node:zlib");
const weigh = (bytes) => [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
console.log(JSON.stringify(process.argv.slice(1).map((path) => weigh(readFileSync(path)))));
"#;

/// Programs that the page loads when they are first needed: modules, and the worker that explores.
const LAZY: [&str; 5] = ["explore", "explorer", "learn", "pull", "puller"];

/// Measures `dist/` as it is: everything but the static files that the page fetches when they are needed.
pub fn first_load() -> Result<FirstLoad> {
    let dist = dist_dir();
    let mut paths = project::files(&dist)?;
    paths.retain(|path| path.extension().is_some_and(|kind| ["html", "css", "js", "wasm"].iter().any(|k| kind == *k)));
    let said = project::output(command("node").args(["-e", WEIGH]).args(&paths)).context("node cannot compress")?;
    let weights: Vec<[u64; 3]> = serde_json::from_str(&said).context("the sizes of the files")?;
    let name = |path: &PathBuf| path.strip_prefix(&dist).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let weight = |(path, [plain, gzip, brotli]): (&PathBuf, [u64; 3])| {
        let name = name(path);
        Weight { lazy: is_lazy(&name), name, plain, gzip, brotli }
    };
    Ok(FirstLoad { files: paths.iter().zip(weights).map(weight).collect() })
}

impl FirstLoad {
    /// Counts gzip, which the plainest host does; brotli would be a fifth less.
    pub fn within_budget(&self) -> bool {
        self.sum(|weight| weight.gzip) <= BUDGET_KB * 1000
    }

    /// One line.
    pub fn summary(&self) -> String {
        let (brotli, gzip) = (kb(self.sum(|weight| weight.brotli)), kb(self.sum(|weight| weight.gzip)));
        format!("first load: {gzip:.1} kB by gzip of {BUDGET_KB} kB ({brotli:.1} kB by brotli)")
    }

    fn sum(&self, bytes: impl Fn(&Weight) -> u64) -> u64 {
        self.files.iter().filter(|weight| !weight.lazy).map(bytes).sum()
    }
}

/// `explore-0123.js`, `explore_bg-0123.wasm`, `explorer_loader-0123.js`.
fn is_lazy(name: &str) -> bool {
    name.split(['-', '_']).next().is_some_and(|program| LAZY.contains(&program)) && !name.ends_with(".css")
}

impl std::fmt::Display for FirstLoad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Weight { name, lazy, plain, gzip, brotli } in &self.files {
            let when = if *lazy { "  (when it is first needed)" } else { "" };
            writeln!(f, "{:>9.1} kB {:>8.1} gzip {:>8.1} brotli  {name}{when}", kb(*plain), kb(*gzip), kb(*brotli))?;
        }
        write!(f, "{}", self.summary())
    }
}

fn kb(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}
