//! Big archives for measuring, written as a stream: constant memory, correct digests, the same bytes everywhere.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use crate::{image::CREATED, layer::MTIME};

/// What a big archive holds.
#[derive(Clone, Copy, Debug)]
pub struct Big {
    /// Bytes of the layers' tars together, about.
    pub bytes: u64,
    pub layers: u32,
    pub contents: Contents,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Sizes as in a real image (more than half of the files below 4 KiB, most bytes in files above 256 KiB); every layer above
    /// the base also replaces a file of the one below and deletes one.
    Realistic,
    /// Entries of no size: 1,000,000 of them are a layer of half a gigabyte.
    Empty { entries: u32 },
}

/// The bytes that the files are cut from: more than any compressor's window, so that repetition does not show.
const POOL: usize = 8 << 20;

impl Big {
    /// Writes a docker-archive with the layers as they are, `manifest.json` last.
    pub fn write_docker_archive(&self, path: &Path) -> io::Result<()> {
        let pool = pool();
        let mut archive = Archive::create(path)?;
        let mut layers = Vec::new();
        for n in 0..self.layers {
            // Written twice: a tar's header says the size before the bytes come.
            let mut counted = Counted(0);
            self.write_layer(&pool, n, &mut counted)?;
            let size = counted.0;
            let name = format!("layer-{n:03}/layer.tar");
            let mut hashed = Hashed::new(archive.begin(&name, size)?);
            self.write_layer(&pool, n, &mut hashed)?;
            let diff_id = hex(hashed.hash);
            archive.pad(size)?;
            layers.push(Stored { name, blob: diff_id.clone(), size, diff_id });
        }
        docker_documents(&layers, &mut archive)?;
        archive.finish()
    }

    /// Writes the same image as an OCI archive with gzip layers, and with the `manifest.json` that Docker adds.
    pub fn write_oci_archive(&self, path: &Path) -> io::Result<()> {
        let pool = pool();
        let mut archive = Archive::create(path)?;
        let mut layers = Vec::new();
        for n in 0..self.layers {
            // A blob's name is known when it has been written: it goes to a file of its own first.
            let spool = path.with_extension("blob");
            let stored = Hashed::new(BufWriter::with_capacity(1 << 20, File::create(&spool)?));
            let mut tar = Hashed::new(GzEncoder::new(stored, flate2::Compression::default()));
            self.write_layer(&pool, n, &mut tar)?;
            let mut stored = tar.out.finish()?;
            stored.flush()?;
            let (blob, size) = (hex(stored.hash), stored.len);
            let name = format!("blobs/sha256/{blob}");
            io::copy(&mut File::open(&spool)?, archive.begin(&name, size)?)?;
            archive.pad(size)?;
            std::fs::remove_file(&spool)?;
            layers.push(Stored { name, blob, size, diff_id: hex(tar.hash) });
        }
        oci_documents(&layers, &mut archive)?;
        docker_documents(&layers, &mut archive)?;
        archive.finish()
    }

    fn write_layer(&self, pool: &[u8], layer: u32, tar: &mut impl Write) -> io::Result<()> {
        directory(tar, "data/")?;
        let folder = format!("data/layer-{layer:03}");
        directory(tar, &format!("{folder}/"))?;
        if layer > 0 {
            let below = format!("data/layer-{:03}", layer - 1);
            file(tar, pool, &format!("{below}/000/file-000000.bin"), 64 << 10, u64::from(layer))?;
            file(tar, pool, &format!("{below}/000/.wh.file-000001.bin"), 0, 0)?;
        }
        match self.contents {
            Contents::Realistic => {
                let mut random = Random(u64::from(layer) + 1);
                let mut left = (self.bytes / u64::from(self.layers)).saturating_sub(4096);
                for n in 0u64.. {
                    let size = random.file_size().min(left.saturating_sub(512));
                    if n % 100 == 0 {
                        directory(tar, &format!("{folder}/{:03}/", n / 100))?;
                    }
                    file(tar, pool, &format!("{folder}/{:03}/file-{n:06}.bin", n / 100), size, random.next())?;
                    left = left.saturating_sub(512 + size.next_multiple_of(512));
                    if left < 1024 {
                        break;
                    }
                }
            }
            Contents::Empty { entries } => {
                for n in 0..entries {
                    if n % 1000 == 0 {
                        directory(tar, &format!("{folder}/{:03}/", n / 1000))?;
                    }
                    file(tar, pool, &format!("{folder}/{:03}/entry-{n:07}", n / 1000), 0, 0)?;
                }
            }
        }
        tar.write_all(&[0; 1024])
    }
}

/// Bytes that look like a program: half of them random, half repeated, so that gzip stores about 45 %.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut random = Random(seed);
    let mut bytes = Vec::with_capacity(len + 64);
    while bytes.len() < len {
        let word = random.next();
        match word % 4 {
            0 | 1 if bytes.len() > 4096 => {
                let from = bytes.len() - 16 - (word >> 8) as usize % 4000;
                bytes.extend_from_within(from..from + 12);
            }
            2 => bytes.extend_from_slice(&[0, 0, (word >> 8) as u8, 0]),
            _ => bytes.extend_from_slice(&word.to_le_bytes()),
        }
    }
    bytes.truncate(len);
    bytes
}

/// A layer as the archive holds it.
struct Stored {
    /// Of the member.
    name: String,
    blob: String,
    size: u64,
    diff_id: String,
}

fn docker_documents(layers: &[Stored], archive: &mut Archive) -> io::Result<()> {
    let config = config(layers);
    let name = format!("{}.json", hex(Sha256::new_with_prefix(&config)));
    let paths: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    let manifest = json!([{ "Config": name, "RepoTags": ["example.org/big:1"], "Layers": paths }]);
    archive.file(&name, config.as_bytes())?;
    archive.file("manifest.json", manifest.to_string().as_bytes())
}

fn oci_documents(layers: &[Stored], archive: &mut Archive) -> io::Result<()> {
    let gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    let listed: Vec<Value> = layers.iter().map(|layer| descriptor(gzip, &layer.blob, layer.size)).collect();
    let config = archive.blob("application/vnd.oci.image.config.v1+json", &config(layers))?;
    let manifest_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({ "schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": listed });
    let mut manifest = archive.blob(manifest_type, &manifest.to_string())?;
    manifest["annotations"] = json!({ "org.opencontainers.image.ref.name": "example.org/big:1" });
    let index = json!({ "schemaVersion": 2, "manifests": [manifest] });
    archive.file("index.json", index.to_string().as_bytes())?;
    archive.file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)
}

fn config(layers: &[Stored]) -> String {
    let history: Vec<Value> = (0..layers.len())
        .map(|n| json!({ "created": CREATED, "created_by": format!("COPY data-{n} /data") }))
        .collect();
    let diff_ids: Vec<String> = layers.iter().map(|layer| format!("sha256:{}", layer.diff_id)).collect();
    json!({
        "architecture": "amd64",
        "os": "linux",
        "created": CREATED,
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    })
    .to_string()
}

fn descriptor(media_type: &str, digest: &str, size: u64) -> Value {
    json!({ "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": size })
}

/// The outer tar. It appears under its name when it is whole: half an archive must not be taken for a cached one.
struct Archive {
    out: BufWriter<File>,
    path: PathBuf,
}

impl Archive {
    fn create(path: &Path) -> io::Result<Self> {
        let out = BufWriter::with_capacity(1 << 20, File::create(path.with_extension("part"))?);
        Ok(Self { out, path: path.to_path_buf() })
    }

    /// Starts a member of `size` bytes, which are to be written next.
    fn begin(&mut self, name: &str, size: u64) -> io::Result<&mut BufWriter<File>> {
        self.out.write_all(header(name, size, EntryType::Regular).as_bytes())?;
        Ok(&mut self.out)
    }

    fn pad(&mut self, size: u64) -> io::Result<()> {
        pad(&mut self.out, size)
    }

    fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.begin(name, content.len() as u64)?.write_all(content)?;
        self.pad(content.len() as u64)
    }

    /// Writes a document as a blob and returns its descriptor.
    fn blob(&mut self, media_type: &str, content: &str) -> io::Result<Value> {
        let digest = hex(Sha256::new_with_prefix(content));
        self.file(&format!("blobs/sha256/{digest}"), content.as_bytes())?;
        Ok(descriptor(media_type, &digest, content.len() as u64))
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&[0; 1024])?;
        self.out.flush()?;
        std::fs::rename(self.path.with_extension("part"), self.path)
    }
}

fn directory(out: &mut impl Write, path: &str) -> io::Result<()> {
    out.write_all(header(path, 0, EntryType::Directory).as_bytes())
}

/// A file whose content is the eight bytes of `id` and a piece of the pool that `id` chooses.
fn file(out: &mut impl Write, pool: &[u8], path: &str, size: u64, id: u64) -> io::Result<()> {
    out.write_all(header(path, size, EntryType::Regular).as_bytes())?;
    let id_bytes = id.to_le_bytes();
    let prefix = id_bytes.get(..size as usize).unwrap_or(&id_bytes);
    out.write_all(prefix)?;
    let mut left = size as usize - prefix.len();
    let mut from = id as usize % (pool.len() / 2);
    while left > 0 {
        let piece = &pool[from..pool.len().min(from + left)];
        out.write_all(piece)?;
        left -= piece.len();
        from = 0;
    }
    pad(out, size)
}

fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    out.write_all(&[0; 512][..(size.next_multiple_of(512) - size) as usize])
}

fn header(path: &str, size: u64, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_path(path).expect("the paths written here are short and relative");
    header.set_entry_type(kind);
    header.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(MTIME);
    header.set_size(size);
    header.set_cksum();
    header
}

fn pool() -> Vec<u8> {
    noise(1, POOL)
}

/// Hashes and counts what passes through.
struct Hashed<W> {
    out: W,
    hash: Sha256,
    len: u64,
}

impl<W> Hashed<W> {
    fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), len: 0 }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.len += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Only counts.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// The logarithm is spread evenly: from 64 bytes to 16 KiB for five files of six, to 4 MiB for the sixth.
    fn file_size(&mut self) -> u64 {
        let word = self.next();
        let bits = if word.is_multiple_of(6) { 6 + (word >> 8) % 16 } else { 6 + (word >> 8) % 8 };
        (1 << bits) + (word >> 16) % (1 << bits)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut archive = tar::Archive::new(bytes);
        let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.path().unwrap().display().to_string(), content)
        };
        archive.entries().unwrap().map(read).collect()
    }

    #[test]
    fn both_forms_hold_the_layers_that_their_config_names() {
        let folder = std::env::temp_dir().join(format!("layerlab-big-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let big = Big { bytes: 3 << 20, layers: 3, contents: Contents::Realistic };
        let (docker, oci) = (folder.join("docker.tar"), folder.join("oci.tar"));
        big.write_docker_archive(&docker).unwrap();
        big.write_oci_archive(&oci).unwrap();
        let (docker, oci) = (std::fs::read(docker).unwrap(), std::fs::read(oci).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();

        let (docker, oci) = (members(&docker), members(&oci));
        let config = |members: &[(String, Vec<u8>)]| -> Value {
            let document = members.iter().find(|(name, _)| name.ends_with(".json") && name.len() == 69).unwrap();
            serde_json::from_slice(&document.1).unwrap()
        };
        assert_eq!(config(&docker), config(&oci));
        let diff_ids: Vec<_> = docker.iter().take(3).map(|(_, tar)| json!(crate::sha256(tar))).collect();
        assert_eq!(config(&docker)["rootfs"]["diff_ids"], json!(diff_ids));
        for (name, content) in oci.iter().filter(|(name, _)| name.starts_with("blobs/")) {
            assert_eq!(*name, format!("blobs/sha256/{}", crate::sha256_hex(content)));
        }
        assert!(members(&docker[1].1).iter().any(|(name, _)| name == "data/layer-000/000/.wh.file-000001.bin"));
    }

    #[test]
    fn noise_compresses_like_a_program() {
        let noise = noise(1, 1 << 20);
        let stored = crate::Compression::Gzip.compress(&noise).len() as f64 / noise.len() as f64;
        assert!((0.3..0.6).contains(&stored), "{stored}");
    }
}
