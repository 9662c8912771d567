//! `cargo xtask overlay-diff`: the OverlayFS model and the kernel, the same random operations on both.

use std::process::ExitCode;

use anyhow::{Context, Result};
use lexopt::Parser;

use crate::project::command;

/// Hands all options on; the program says which it knows. Its exit code is that of the task.
pub fn run(mut args: Parser) -> Result<ExitCode> {
    let status = command("cargo")
        .args(["run", "--quiet", "--package", "overlay-diff", "--"])
        .args(args.raw_args()?)
        .status()
        .context("cargo cannot be started")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
