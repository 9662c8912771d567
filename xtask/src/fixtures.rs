//! `cargo xtask fixtures`: the bundled samples, and the registry of miniatures. A test says when the committed ones are
//! no longer what this makes.

use anyhow::Result;
use layerlab_tests::{registry, samples};

use crate::project::{remove_dir, root, write};

pub fn run() -> Result<()> {
    let folder = root().join("static").join("samples");
    for (name, bytes) in samples::all() {
        println!("{:>9} bytes  static/samples/{name}", bytes.len());
        write(&folder.join(name), bytes)?;
    }
    let folder = root().join("static").join("registry");
    // Files are named by their content: those of an older builder would stay for ever.
    remove_dir(&folder)?;
    let files = registry::files();
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{bytes:>9} bytes  static/registry/ ({} files)", files.len());
    for (name, bytes) in files {
        write(&folder.join(name), bytes)?;
    }
    Ok(())
}
