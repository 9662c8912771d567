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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SaveFormat {
    Docker,
    Oci,
}
