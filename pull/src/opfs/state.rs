//! What is known of images, as bytes.

use layerlab_core::store::Store;

/// Begins the bytes of this version. What begins otherwise is of another, and is not read: blobs are found again by
/// their digests.
const MAGIC: &[u8] = b"layerlab-store/1\n";

pub fn encode(store: &Store) -> Vec<u8> {
    let store = postcard::to_stdvec(store).expect("a store holds nothing that postcard refuses");
    [MAGIC, &store].concat()
}

/// `None` for what no version that is understood here wrote.
pub fn decode(bytes: &[u8]) -> Option<Store> {
    postcard::from_bytes(bytes.strip_prefix(MAGIC)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_comes_back_and_what_is_none_does_not() {
        let store = Store::new();
        assert_eq!(decode(&encode(&store)), Some(store));
        assert_eq!(decode(b"layerlab-store/0\n"), None);
        assert_eq!(decode(b""), None);
    }
}
