//! The comparison with a fixed seed and few cases. Where mounting is not allowed the program says so and succeeds.

use std::process::Command;

#[test]
fn the_kernel_agrees() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_overlay-diff")).args(["--seed", "1", "--cases", "80"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("no difference") || text.contains("skipped"), "{text}");
}
