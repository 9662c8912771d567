//! Names that are random in reality.

use crate::digest::{ChainId, Digest};

/// The folder of a layer below `overlay2/`: 64 hex characters.
pub fn cache_id(chain: &ChainId) -> String {
    Digest::sha256(format!("cache-id {chain}").as_bytes()).encoded().to_owned()
}

/// The folder of a container below `overlay2/`. It is no container ID.
pub fn mount_id(container: &str) -> String {
    Digest::sha256(format!("mount-id {container}").as_bytes()).encoded().to_owned()
}

/// The short name in `l/` of a folder below `overlay2/`: 26 letters, because the options of a mount must fit one page
/// of memory, and 128 names of 64 characters do not.
pub fn short_name(folder: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Digest::sha256(format!("link {folder}").as_bytes());
    digest.encoded().as_bytes().chunks(2).take(26).map(letter(LETTERS)).collect()
}

/// Two hex digits are a byte, and its lower five bits a letter.
fn letter(letters: &[u8; 32]) -> impl Fn(&[u8]) -> char {
    |pair| {
        let byte = std::str::from_utf8(pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        char::from(letters[usize::from(byte & 31)])
    }
}
