//! `cargo xtask fixtures`: the bundled samples. A test says when the committed ones are no longer what this makes.

use anyhow::Result;
use layerlab_tests::samples;

use crate::project::{root, write};

pub fn run() -> Result<()> {
    let folder = root().join("static").join("samples");
    for (name, bytes) in samples::all() {
        println!("{:>9} bytes  static/samples/{name}", bytes.len());
        write(&folder.join(name), bytes)?;
    }
    Ok(())
}
