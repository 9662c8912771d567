fn main() {
    layerlab_web::worker::start();
}
