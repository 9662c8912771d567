//! One small archive of each form that the page must open, and of each way in which it must say no.

use crate::{Compression, Entry, Image, Layer, Members, docker_archive, docker_v1, oci_archive};

/// A file to be opened, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Kind {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The report's `kind`; `None` for what is no archive of images.
    pub kind: Option<&'static str>,
}

/// Where the content of `bin/sh` begins in the tar of [`base`]: after five directories and its own header.
const SHELL: usize = 6 * 512;

/// The files. `cargo xtask test` writes them for the browser tests.
pub fn all() -> Vec<Kind> {
    let image = image();
    let legacy = docker_archive(&[&image]);
    let gzip = oci_archive(&[&image.clone().compressed(Compression::Gzip)]);
    let first_layer = legacy.names().find(|name| name.ends_with("/layer.tar")).unwrap_or_default().to_owned();
    let some = |name, bytes, kind| Kind { name, bytes, kind: Some(kind) };
    vec![
        some("docker.tar", legacy.tar(), "docker-archive"),
        some("docker-reversed.tar", legacy.clone().reversed().tar(), "docker-archive"),
        some("docker-dotted.tar", legacy.clone().prefixed("./").tar(), "docker-archive"),
        some("docker.tar.gz", Compression::Gzip.compress(&legacy.tar()), "docker-archive"),
        some("docker.tar.zst", Compression::Zstd.compress(&legacy.tar()), "docker-archive"),
        some("two-images.tar", docker_archive(&[&image, &taller(&image)]).tar(), "docker-archive"),
        some("oci.tar", oci_archive(&[&image]).tar(), "oci-archive"),
        some("oci-gzip.tar", gzip.tar(), "oci-archive"),
        some("oci-zstd.tar", oci_archive(&[&image.clone().compressed(Compression::Zstd)]).tar(), "oci-archive"),
        some("v1.tar", docker_v1(&image).tar(), "docker-v1"),
        some("layer.tar", upper().tar(), "layer"),
        some("rootfs.tar", base().tar(), "rootfs"),
        some("mismatch.tar", legacy.clone().flip(&first_layer, SHELL).tar(), "docker-archive"),
        some("absent-layer.tar", legacy.without(&first_layer).tar(), "docker-archive"),
        some("secrets.tar", oci_archive(&[&secrets().compressed(Compression::Gzip)]).tar(), "oci-archive"),
        some("hostile-names.tar", docker_archive(&[&hostile()]).tar(), "docker-archive"),
        Kind { name: "picture.png", bytes: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), kind: None },
        Kind { name: "notes.txt", bytes: b"This is no archive.\n".to_vec(), kind: None },
        Kind { name: "empty.tar", bytes: Vec::new(), kind: None },
    ]
}

/// The OCI layout as a folder.
pub fn layout() -> Members {
    oci_archive(&[&image().compressed(Compression::Gzip)])
}

fn image() -> Image {
    Image::new("example.org/tiny:1.0").layer("ADD rootfs.tar /", base()).layer("RUN ./change", upper())
}

/// A small Debian in which one layer brings a key and a token, and the next deletes the key.
fn secrets() -> Image {
    const STATUS: &str = "var/lib/dpkg/status";
    let package = |name: &str, version: &str| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n\n")
    };
    // Put together here, so that no scanner takes this file for a leak.
    let line = "MIIEpQIBAAKCAQEA9sK2mQ8vL4xT7bN1cR5wZ3yH6jF0pDgA1uEoI2qWnM8rV5tX";
    let key = format!("-----BEGIN {0}-----\n{line}\n{line}\n-----END {0}-----\n", "RSA PRIVATE KEY");
    let system = Layer::new()
        .file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n")
        .symlink("etc/os-release", "../usr/lib/os-release")
        .file(STATUS, package("base", "1"))
        .entry(Entry::file("bin/su", "su").mode(0o4755));
    let brought = Layer::new().file("root/.ssh/id_rsa", key).file("app/.env", "DB_PASSWORD=correct-horse\n");
    let cleaned = Layer::new().whiteout("root/.ssh/id_rsa").file(STATUS, package("base", "2") + &package("curl", "8"));
    Image::new("example.org/leaky:1.0")
        .layer("/bin/sh -c #(nop) ADD file:5d5f16d2 in / ", system)
        .instruction("/bin/sh -c #(nop)  CMD [\"bash\"]")
        .layer("COPY secrets / # buildkit", brought)
        .layer("RUN /bin/sh -c rm /root/.ssh/id_rsa && apt-get install curl # buildkit", cleaned)
        .config("Env", serde_json::json!(["PATH=/bin", "API_TOKEN=f3a9c1d2"]))
}

fn taller(image: &Image) -> Image {
    image.clone().tag("example.org/tiny:1.1").layer("COPY more /", Layer::new().file("more", "and more\n"))
}

fn base() -> Layer {
    ["bin", "etc", "lib", "usr", "var"]
        .iter()
        .fold(Layer::new(), |layer, dir| layer.dir(dir))
        .entry(Entry::file("bin/sh", "#!").mode(0o755))
        .file("etc/motd", "hello\n")
        .file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        .file("var/a", "1")
        .file("var/b", "2")
}

fn upper() -> Layer {
    Layer::new()
        .dir("etc")
        .file("etc/motd", "hello again\n")
        .whiteout("etc/passwd")
        .dir("var")
        .opaque("var")
        .file("var/c", "3")
}

fn hostile() -> Image {
    let layer = Layer::new()
        .file("<img src=x onerror=alert(1)>", "markup\n")
        .file("right\u{202e}gnp.exe", "bidirectional\n")
        .file("bell\u{7}\u{1b}[31m", "control\n")
        .entry(Entry::file("", "no UTF-8\n").path_bytes(b"caf\xe9"))
        .file("../../up", "traversal\n");
    Image::new("example.org/<b>hostile</b>:1").layer("RUN <script>alert(1)</script>", layer)
}
