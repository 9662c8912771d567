//! Everything that is bounded, as data, each bound with its reason.
//!
//! Hitting a bound is never silent: the code that stops says so in a finding or an error.

use serde::{Deserialize, Serialize};

/// The bounds of one analysis. `Limits::default()` is what the app and the command line use; tests shrink it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Members of the outer archive. Real archives have some hundreds; a bare rootfs tarball may have a million.
    pub archive_members: usize,
    /// Bytes of one JSON document (manifest, index, config). Registries refuse manifests over 4 MiB; configs with
    /// 10,000 layers reach some megabytes, and the largest seen in the wild are a few more.
    pub document_bytes: u64,
    /// Nesting of a JSON document. serde_json recurses, so this is also what keeps the stack bounded.
    pub document_nesting: usize,
    /// Values (list elements, object members) of one JSON document: each takes some tens of bytes once it is parsed,
    /// and a document of its full size could hold 32 million of them.
    pub document_values: usize,
    /// Bytes of documents read for all images together, a document counted once for each image that uses it: ten
    /// thousand images may share one config of the largest size, and each keeps its own copy.
    pub all_documents_bytes: u64,
    /// Bytes of the names and link targets kept of the outer archive's members.
    pub archive_name_bytes: u64,
    /// Index inside index inside index: real ones are two deep, a cycle has no depth.
    pub index_nesting: usize,
    /// Images listed by one archive.
    pub images: usize,
    /// Tags kept of one image; 50,000 have been seen in a hostile archive.
    pub tags: usize,
    /// Layers of one image. overlay2 stops at 128; generated images with 10,000 exist as stress tests.
    pub layers: usize,
    /// Symbolic or hard links followed from one archive member to the next.
    pub link_hops: usize,
    /// Entries of one layer.
    pub layer_entries: usize,
    /// Entries applied over all layers of one image: a big layer repeated ten thousand times must not run for hours.
    pub applied_entries: u64,
    /// Bytes of a path in a layer. Linux opens at most 4,096; archives have carried a megabyte.
    pub path_bytes: usize,
    /// Components of a path in a layer; every missing parent becomes a directory of its own.
    pub path_depth: usize,
    /// Bytes of one PAX or GNU extension record that is kept (names, links, xattrs).
    pub extension_bytes: u64,
    /// Memory for the names, link targets and attributes of one layer: long and deep ones compress to almost nothing.
    /// A million entries need about 50 MB.
    pub layer_tree_bytes: u64,
    /// Bytes a layer or an outer archive may decompress to. The largest published images unpack to some tens of GB.
    pub decompressed_bytes: u64,
    /// Decompressed bytes for one stored byte, once past `ratio_grace_bytes`. DEFLATE cannot exceed 1,032;
    /// zstd and bzip2 can exceed a million.
    pub decompressed_ratio: u64,
    /// Below this many decompressed bytes the ratio is not looked at: zeros are common and cheap.
    pub ratio_grace_bytes: u64,
    /// Findings kept for one archive, image or layer; the rest is counted.
    pub findings: usize,
    /// Rows kept of a ledger or of a list of duplicates; the rest is summed.
    pub report_rows: usize,
    /// Bytes of one file that are looked through for secrets and kept for the facts. Files with secrets in them are
    /// small; a text of more than some megabytes is a log, a dump or a bundle.
    pub fact_file_bytes: usize,
    /// Bytes of one package database. Debian's status file has about 1 kB a package, and desktops have some thousands.
    pub package_database_bytes: usize,
    /// Secrets kept of one layer; the rest is counted.
    pub secrets: usize,
    /// Bytes of a recovered Dockerfile: histories have carried whole scripts.
    pub dockerfile_bytes: usize,
    /// Bytes of paths listed for `paths_sha256`: deep paths make a listing quadratic.
    pub listed_path_bytes: u64,
    /// States of paths that are kept for exploring one stack, over all its layers: each takes about a hundred bytes.
    pub explored_states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive_members: 4_000_000,
            document_bytes: 64 << 20,
            document_nesting: 100,
            document_values: 1_000_000,
            all_documents_bytes: 256 << 20,
            archive_name_bytes: 512 << 20,
            index_nesting: 8,
            images: 10_000,
            tags: 1_000,
            layers: 20_000,
            link_hops: 20,
            layer_entries: 8_000_000,
            applied_entries: 64_000_000,
            path_bytes: 64 << 10,
            path_depth: 4_096,
            extension_bytes: 2 << 20,
            layer_tree_bytes: 1 << 30,
            decompressed_bytes: 1 << 40,
            decompressed_ratio: 20_000,
            ratio_grace_bytes: 4 << 30,
            findings: 1_000,
            report_rows: 10_000,
            fact_file_bytes: 2 << 20,
            package_database_bytes: 64 << 20,
            secrets: 1_000,
            dockerfile_bytes: 4 << 20,
            listed_path_bytes: 1 << 30,
            explored_states: 16_000_000,
        }
    }
}
