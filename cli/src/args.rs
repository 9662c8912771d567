//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// See, take apart and verify container images. Nothing is uploaded.
#[derive(Debug, Parser)]
#[command(name = "layerlab", version, disable_help_subcommand = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what each layer did and what it costs, and verify every digest on the way
    ///
    /// Exit status: 0 when the archive could be read, 2 when it could not.
    Analyse {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// Print the whole report as JSON (the same bytes as "Export JSON" in the browser)
        #[arg(long)]
        json: bool,
    },
    /// Verify every digest against what the archive declares
    ///
    /// Exit status: 0 when every layer was verified, 1 on a mismatch, damage or an absent layer, 2 when the archive
    /// cannot be read.
    Verify {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// A digest, a repo@sha256:… reference, or a file with the output of `docker image inspect`,
        /// `skopeo inspect --raw` or a manifest or config document, that the image must equal
        #[arg(long, value_name = "TRUSTED")]
        against: Option<String>,
    },
    /// List the files of an image: the merged tree up to a layer, what one layer changed, or what changed between two
    ///
    /// A line: sign of the change (+ added, M content, m metadata, T type, - removed, . listed again), mode, owner,
    /// size, layer, path. Exit status: 0, or 2 when there is nothing to list.
    Tree(TreeArgs),
    /// Look for secrets in every layer, those that a later layer deleted first, and for telling permissions
    ///
    /// Exit status: 0 when nothing was found, 1 when a secret was (one among tests or documentation does not count),
    /// 2 when the archive cannot be read.
    Secrets {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
        /// Print the values themselves, which are masked otherwise
        #[arg(long)]
        show: bool,
    },
    /// Print the Dockerfile that the history tells of, its guesses marked
    ///
    /// Exit status: 0 when it was printed, 1 when the archive has no such image, 2 when it cannot be read.
    Dockerfile {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// Which image of the archive, as `analyse` numbers them
        #[arg(long, value_name = "N", default_value_t = 1)]
        image: usize,
    },
    /// Show which packages each layer added, removed and changed
    ///
    /// Exit status: 0 when the archive could be read, 2 when it could not.
    Packages {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
    },
    /// Show where bytes went that are stored and not seen, and what would save them
    ///
    /// Exit status: 0 when the archive could be read, 2 when it could not.
    Waste {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// Which image, from 1; without it the first whole one
        #[arg(long, value_name = "N")]
        image: Option<usize>,
        #[command(flatten)]
        format: WasteFlags,
    },
    /// Compare two images: layers, configs, and every path
    ///
    /// Exit status: 0 when nothing that counts differs, 1 when something does or a layer is absent, 2 when an archive
    /// cannot be read.
    Diff {
        /// An image archive of any kind, or a layout folder
        a: PathBuf,
        /// Another, or the same again
        b: PathBuf,
        /// Which image of A, from 1
        #[arg(long, value_name = "N")]
        image_a: Option<usize>,
        /// Which image of B, from 1
        #[arg(long, value_name = "M")]
        image_b: Option<usize>,
        /// Leave out what no container can tell: times, dates, the history, and how the tree is cut into layers
        #[arg(long)]
        semantic: bool,
        #[command(flatten)]
        format: DiffFlags,
    },
    /// Check an image against the rules of .layerlab.toml, or of dive's .dive-ci
    ///
    /// Exit status: 0 when every rule holds, 1 when one is broken, 2 when the archive or the rules cannot be read.
    Check {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// Which image, from 1; without it every whole one
        #[arg(long, value_name = "N")]
        image: Option<usize>,
        /// The rules: TOML is ours, anything else is read as dive's
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The archive whose first image the size may only grow so far against
        #[arg(long, value_name = "OTHER")]
        against: Option<PathBuf>,
    },
    /// Write one image of an archive out again, for docker load, podman load and skopeo
    ///
    /// Config and manifest stay as they are, byte for byte, so the image ID stays too; every layer is verified first.
    /// Exit status: 0 when it was written, 1 when a layer is not what the config says, 2 when the archive cannot be read.
    Save {
        /// An image archive of any kind, a layout folder, or - for standard input
        file: PathBuf,
        /// Which image of the archive, counted from 1 in the order that `analyse` lists them
        #[arg(long, value_name = "N", default_value_t = 1)]
        image: usize,
        #[arg(long, value_enum, default_value_t = SaveFormat::Docker)]
        format: SaveFormat,
        /// Only this layer, counted from 1 at the base, as an image of its own
        #[arg(long, value_name = "N")]
        layer: Option<usize>,
        /// Where to; - is standard output. A file that is there already is replaced once the new one is whole
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub struct TreeArgs {
    /// An image archive of any kind, a layout folder, or - for standard input
    pub file: PathBuf,
    /// The image, by its number in `layerlab analyse`
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub image: usize,
    /// The layer, from 1 for the base; the last one if nothing is said
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "to"])]
    pub layer: Option<u32>,
    /// Show what changed from the tree up to this layer (0 for nothing at all) …
    #[arg(long, value_name = "A")]
    pub from: Option<u32>,
    /// … to the tree up to this one
    #[arg(long, value_name = "B", requires = "from")]
    pub to: Option<u32>,
    /// Only what the layer itself changed
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub changes: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub struct WasteFlags {
    /// Print the ledger as CSV
    #[arg(long)]
    csv: bool,
    /// Print the figures as JSON (docs/report.md)
    #[arg(long)]
    json: bool,
    /// Print a summary as Markdown
    #[arg(long)]
    markdown: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub struct DiffFlags {
    /// Print the differing paths as CSV
    #[arg(long)]
    csv: bool,
    /// Print the comparison as JSON (docs/diff.md)
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasteFormat {
    Table,
    Csv,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffFormat {
    Table,
    Csv,
    Json,
}

impl From<WasteFlags> for WasteFormat {
    fn from(flags: WasteFlags) -> Self {
        match flags {
            WasteFlags { csv: true, .. } => Self::Csv,
            WasteFlags { json: true, .. } => Self::Json,
            WasteFlags { markdown: true, .. } => Self::Markdown,
            _ => Self::Table,
        }
    }
}

impl From<DiffFlags> for DiffFormat {
    fn from(flags: DiffFlags) -> Self {
        match flags {
            DiffFlags { csv: true, .. } => Self::Csv,
            DiffFlags { json: true, .. } => Self::Json,
            _ => Self::Table,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SaveFormat {
    Docker,
    Oci,
}
