//! The archives that are measured, made once and kept below `target/`.

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use layerlab_tests::big::{Big, Contents};

use crate::project::root;

const GIB: f64 = (1u64 << 30) as f64;

pub struct Archive {
    pub name: &'static str,
    /// For readers of the table.
    pub what: String,
    form: Form,
    big: Big,
}

#[derive(Clone, Copy)]
enum Form {
    Docker,
    OciGzip,
}

/// `size` is that of the biggest two, in GiB; the others are as the project's goals name them.
pub fn all(size: f64) -> Vec<Archive> {
    let realistic = |gib: f64, layers| Big { bytes: (gib * GIB) as u64, layers, contents: Contents::Realistic };
    let entries = Big { bytes: 0, layers: 1, contents: Contents::Empty { entries: 1_000_000 } };
    let archive = |name, what: &str, form, big| Archive { name, what: what.to_owned(), form, big };
    vec![
        archive("docker", "docker-archive, 1.5 GB, 10 layers", Form::Docker, realistic(1.5e9 / GIB, 10)),
        archive("oci-gzip", "the same image as OCI, gzip layers", Form::OciGzip, realistic(1.5e9 / GIB, 10)),
        archive("entries", "one layer of 1,000,000 entries", Form::Docker, entries),
        archive("big", &format!("docker-archive, {size} GiB, 10 layers"), Form::Docker, realistic(size, 10)),
        archive("big-single", &format!("docker-archive, {size} GiB, one layer"), Form::Docker, realistic(size, 1)),
    ]
}

impl Archive {
    /// The archive's path; makes it where it is not there yet.
    pub fn ensure(&self) -> Result<PathBuf> {
        let folder = root().join("target").join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}-{}.tar", self.name, self.big.bytes));
        if path.exists() {
            return Ok(path);
        }
        println!("Writing {} ({}) ...", path.display(), self.what);
        let started = Instant::now();
        match self.form {
            Form::Docker => self.big.write_docker_archive(&path),
            Form::OciGzip => self.big.write_oci_archive(&path),
        }
        .with_context(|| path.display().to_string())?;
        println!("Written in {:.0} s", started.elapsed().as_secs_f64());
        Ok(path)
    }
}
