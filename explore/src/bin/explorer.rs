//! The worker that explores one archive.

fn main() {
    layerlab_explore::explorer::start();
}
