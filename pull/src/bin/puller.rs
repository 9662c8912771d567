//! The worker that fetches, verifies and keeps.

fn main() {
    layerlab_pull::puller::start();
}
