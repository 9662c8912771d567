//! The page.

fn main() {
    layerlab_web::start();
}
