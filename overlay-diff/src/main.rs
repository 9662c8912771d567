//! Runs random operations on the model of `layerlab_core::overlay` and on a real mount, and compares every result,
//! the merged tree and the upperdir. Needs root on Linux; says so and succeeds elsewhere.

#[cfg(target_os = "linux")]
mod compare;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod generate;
#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod model;
#[cfg(target_os = "linux")]
mod random;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    compare::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    println!("overlay-diff: skipped: OverlayFS is Linux's");
    ExitCode::SUCCESS
}
