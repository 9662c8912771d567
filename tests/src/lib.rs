//! Fixtures built by code, shared by the tests of all crates.
//!
//! A [`Layer`] is written member by member, an [`Image`] layer by layer, and an archive is a list of [`Members`] that
//! a test may damage before it becomes a tar. Nothing here uses the core: the digests that the core is tested against
//! are computed on their own. The same input always gives the same bytes.
//!
//! ```
//! use layerlab_tests::{Compression, Image, Layer, docker_archive, oci_archive};
//!
//! let base = Layer::new().dir("etc").file("etc/motd", "hello\n");
//! let top = Layer::new().whiteout("etc/motd");
//! let image = Image::new("shop:1.0").layer("COPY motd /etc/", base).layer("RUN rm /etc/motd", top);
//! let archive = docker_archive(&[&image]).tar();
//! let damaged = oci_archive(&[&image.compressed(Compression::Gzip)]).without("oci-layout").tar();
//! # assert!(archive.len() > damaged.len());
//! ```

pub mod big;
pub mod catalogue;
mod image;
pub mod kinds;
mod layer;
mod members;
pub mod registry;
pub mod samples;

pub use image::{Compression, Image, docker_archive, docker_v1, oci_archive};
pub use layer::{Entry, Layer};
pub use members::Members;

use sha2::{Digest, Sha256};

/// `sha256:` and the hex digits, as documents write it.
pub fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256_hex(bytes))
}

/// The hex digits alone, as file names have them.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
