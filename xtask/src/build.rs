//! `cargo xtask build`: `dist/`, which any static host can serve from any path.

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

use crate::{
    dist,
    project::{self, cache, command, root},
    setup,
};

/// The first load, compressed: the page, its styles and both programs. It holds for the finished project.
pub const BUDGET_KB: u64 = 700;

/// All that the result depends on.
const INPUTS: [&str; 9] = [
    "core/src",
    "web",
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
    files: Vec<(String, u64, u64)>,
}

/// Measures `dist/` as it is: everything but the static files that the page fetches when they are needed.
pub fn first_load() -> Result<FirstLoad> {
    let dist = dist_dir();
    let mut files = Vec::new();
    for file in project::files(&dist)? {
        let name = file.strip_prefix(&dist)?.to_string_lossy().replace('\\', "/");
        let needed = ["html", "css", "js", "wasm"].iter().any(|kind| name.ends_with(&format!(".{kind}")));
        if needed {
            let bytes = fs::read(&file).with_context(|| name.clone())?;
            files.push((name, bytes.len() as u64, gzip_size(&bytes)?));
        }
    }
    Ok(FirstLoad { files })
}

impl FirstLoad {
    pub fn within_budget(&self) -> bool {
        self.compressed() <= BUDGET_KB * 1000
    }

    /// One line.
    pub fn summary(&self) -> String {
        format!("first load: {:.1} kB compressed of {BUDGET_KB} kB", kb(self.compressed()))
    }

    fn compressed(&self) -> u64 {
        self.files.iter().map(|(_, _, compressed)| compressed).sum()
    }
}

impl std::fmt::Display for FirstLoad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, plain, compressed) in &self.files {
            writeln!(f, "{:>9.1} kB {:>9.1} kB gzip  {name}", kb(*plain), kb(*compressed))?;
        }
        write!(f, "{}", self.summary())
    }
}

fn kb(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

fn gzip_size(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut encoder, bytes)?;
    Ok(encoder.finish()?.len() as u64)
}
