//! The images that the page offers to a visitor with empty hands: a small shop, twice, over one base, and once
//! tampered with.

use serde_json::json;

use crate::{Compression, Entry, Image, Layer, big::noise, docker_archive, oci_archive};

/// File name and bytes. `cargo xtask fixtures` writes them to `static/samples/`.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let (first, second) = (shop_1_0(), shop_1_1());
    let intact = docker_archive(&[&first]);
    // One byte of the program in the application's layer, far behind every header.
    let application = format!("{}/layer.tar", crate::sha256_hex(&application_1_0().tar()));
    let offset = intact.content(&application).len() - 4096;
    vec![
        ("shop-1.0.tar", intact.tar()),
        ("shop-1.1.tar", oci_archive(&[&second.compressed(Compression::Gzip)]).tar()),
        ("shop-1.0-tampered.tar", intact.flip(&application, offset).tar()),
    ]
}

fn shop_1_0() -> Image {
    over_base(Image::new("example.org/shop:1.0"))
        .layer("COPY shop /srv/shop # buildkit", application_1_0())
        .layer("RUN rm -rf /var/cache/pkg/* /tmp/build.log", clean_up())
        .layer("RUN chmod 0750 /srv/shop/bin/shop && chown 1000:1000 /srv/shop/bin/shop", owned(program(1)))
        .instruction("ENTRYPOINT [\"/srv/shop/bin/shop\"]")
}

fn shop_1_1() -> Image {
    over_base(Image::new("example.org/shop:1.1"))
        .layer("COPY shop /srv/shop # buildkit", application_1_0())
        .layer("RUN rm -rf /var/cache/pkg/* /tmp/build.log", clean_up())
        .layer("RUN rm -rf /srv/shop/public && cp -r /srv/shop/next /srv/shop/public", new_public())
        .layer("COPY shop-1.1 /srv/shop/bin/shop # buildkit", owned(program(2)))
        .layer(
            "RUN sed -i s/stable/next/ /etc/shop.conf",
            Layer::new().dir("etc").file("etc/shop.conf", configuration("next")),
        )
        .instruction("ENTRYPOINT [\"/srv/shop/bin/shop\"]")
        .instruction("HEALTHCHECK CMD [\"/srv/shop/bin/shop\" \"ping\"]")
}

fn over_base(image: Image) -> Image {
    image
        .config("Env", json!(["PATH=/usr/bin:/bin", "LANG=C.UTF-8"]))
        .config("Entrypoint", json!(["/srv/shop/bin/shop"]))
        .config("WorkingDir", json!("/srv/shop"))
        .config("User", json!("1000:1000"))
        .layer("ADD rootfs.tar / # a very small system", base())
        .instruction("ENV LANG=C.UTF-8")
        .layer("RUN pkg add tls-roots sqlite", packages())
}

fn base() -> Layer {
    let system = [
        "bin",
        "dev",
        "etc",
        "home",
        "lib",
        "proc",
        "root",
        "run",
        "srv",
        "sys",
        "tmp",
        "usr",
        "usr/bin",
        "usr/lib",
        "var",
        "var/cache",
    ];
    let layer = system
        .iter()
        .fold(Layer::new(), |layer, dir| layer.entry(Entry::dir(dir).mode(if *dir == "tmp" { 0o1777 } else { 0o755 })));
    let layer = layer
        .entry(Entry::file("bin/box", noise(10, 40 * 1024)).mode(0o755))
        .entry(Entry::file("lib/libc.so.1", noise(11, 56 * 1024)).mode(0o755))
        .symlink("lib/libc.so", "libc.so.1")
        .file("etc/os-release", "NAME=\"Tiny\"\nID=tiny\nVERSION_ID=3\nPRETTY_NAME=\"Tiny 3\"\n")
        .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nshop:x:1000:1000::/srv/shop:/bin/false\n")
        .file("etc/group", "root:x:0:\nshop:x:1000:\n")
        .entry(Entry::file("etc/shadow", "root:*:::::::\nshop:!:::::::\n").mode(0o640).owner(0, 42))
        .file("etc/motd", "Welcome to Tiny 3.\n");
    ["cat", "chmod", "cp", "ls", "mv", "rm", "sed", "sh"]
        .iter()
        .fold(layer, |layer, applet| layer.hardlink(&format!("bin/{applet}"), "bin/box"))
}

fn packages() -> Layer {
    Layer::new()
        .dir("etc")
        .dir("etc/tls")
        .file("etc/tls/roots.pem", pem_like())
        .dir("usr/lib")
        .entry(Entry::file("usr/lib/libsqlite.so.3", noise(21, 36 * 1024)).mode(0o755))
        .symlink("usr/lib/libsqlite.so", "libsqlite.so.3")
        .entry(
            Entry::file("usr/bin/ping", noise(22, 6 * 1024))
                .mode(0o755)
                // CAP_NET_RAW, effective: revision 2 of the kernel's vfs_cap_data.
                .xattr("security.capability", [1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        )
        .dir("var/cache/pkg")
        .file("var/cache/pkg/index.db", noise(23, 24 * 1024))
        .file("var/cache/pkg/sqlite-3.pkg", noise(24, 20 * 1024))
        .file("tmp/build.log", "fetching index\nadding tls-roots\nadding sqlite\n".repeat(40))
}

fn application_1_0() -> Layer {
    Layer::new()
        .dir("srv/shop")
        .dir("srv/shop/bin")
        .dir("srv/shop/public")
        .file("srv/shop/public/index.html", "<!doctype html><title>Shop</title><h1>Shop 1.0</h1>\n")
        .file("srv/shop/public/app.css", "body { font: 16px sans-serif }\n".repeat(30))
        .file("srv/shop/public/商店.txt", "营业中\n")
        .dir("srv/shop/next")
        .file("srv/shop/next/index.html", "<!doctype html><title>Shop</title><h1>Shop, renewed</h1>\n")
        .file("srv/shop/README", "A shop that sells nothing.\n")
        .dir("etc")
        .file("etc/shop.conf", configuration("stable"))
        .entry(Entry::file("srv/shop/bin/shop", program(1)).mode(0o755))
}

fn clean_up() -> Layer {
    Layer::new()
        .dir("var/cache/pkg")
        .whiteout("var/cache/pkg/index.db")
        .whiteout("var/cache/pkg/sqlite-3.pkg")
        .entry(Entry::dir("tmp").mode(0o1777))
        .whiteout("tmp/build.log")
}

fn new_public() -> Layer {
    Layer::new()
        .dir("srv/shop/public")
        .opaque("srv/shop/public")
        .file("srv/shop/public/index.html", "<!doctype html><title>Shop</title><h1>Shop, renewed</h1>\n")
}

/// The program with another mode and owner: the whole file is stored again.
fn owned(program: Vec<u8>) -> Layer {
    Layer::new().dir("srv/shop/bin").entry(Entry::file("srv/shop/bin/shop", program).mode(0o750).owner(1000, 1000))
}

fn program(version: u64) -> Vec<u8> {
    noise(30 + version, 32 * 1024)
}

fn configuration(channel: &str) -> String {
    format!("# Where the shop looks for its goods.\nchannel = {channel}\nport = 8080\n")
}

fn pem_like() -> Vec<u8> {
    let line = |seed| {
        let text: String = noise(seed, 64).iter().map(|byte| char::from(b'A' + byte % 26)).collect();
        text + "\n"
    };
    let body: String = (0..120).map(|n| line(1000 + n)).collect();
    format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_committed_samples_are_what_this_builder_makes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/samples");
        for (name, bytes) in all() {
            let committed = fs::read(folder.join(name)).unwrap_or_default();
            assert!(committed == bytes, "static/samples/{name} is not what `cargo xtask fixtures` makes");
        }
    }

    #[test]
    fn the_shops_share_their_base_and_differ_above_it() {
        let (first, second) = (shop_1_0().diff_ids(), shop_1_1().diff_ids());
        assert_eq!(first[..4], second[..4]);
        assert_ne!(first[4], second[4]);
    }

    #[test]
    fn tampering_changes_one_byte_of_the_archive() {
        let samples = all();
        let different = samples[0].1.iter().zip(&samples[2].1).filter(|(intact, tampered)| intact != tampered).count();
        assert_eq!((different, samples[0].1.len()), (1, samples[2].1.len()));
    }
}
