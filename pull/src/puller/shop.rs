//! The shelf, and what is known of the images whose blobs lie on it.

use layerlab_core::{
    digest::Digest,
    store::{BlobRole, PullEvent, Store},
};

use crate::opfs::{Shelf, Trouble, decode, encode, store_lock};

pub struct Shop {
    pub shelf: Shelf,
}

impl Shop {
    pub async fn open() -> Result<Self, Trouble> {
        Ok(Self { shelf: Shelf::open().await? })
    }

    /// What is here. A state that cannot be read, or that speaks of blobs which are not here, is no state: the blobs
    /// themselves stay, and the next pull finds them by their digests.
    pub async fn read(&self) -> Store {
        let Some(store) = self.shelf.state().await.and_then(|bytes| decode(&bytes)) else { return Store::new() };
        for (digest, blob) in store.content().iter() {
            if blob.role == BlobRole::Layer && self.shelf.size(digest).await != Some(blob.size) {
                return Store::new();
            }
        }
        store
    }

    /// Applies what a pull did to what is here now, which another tab may have changed meanwhile.
    pub async fn apply(&self, events: &[PullEvent]) -> Result<(), Trouble> {
        let _lock = store_lock().await;
        let mut store = self.read().await;
        events.iter().for_each(|event| store.apply(event));
        let registered = events.iter().filter_map(|event| match event {
            PullEvent::ImageRegistered { record } => Some(record),
            _ => None,
        });
        if registered.flat_map(|record| record.chain_ids()).any(|chain| !store.layers().contains(&chain)) {
            return Err(Trouble::Other("another tab removed a layer of it meanwhile: pull it again".into()));
        }
        self.shelf.set_state(&encode(&store)).await
    }

    /// Takes a name away. First the state says so: a blob that nothing speaks of is only bytes.
    pub async fn remove(&self, name: &str) {
        let _lock = store_lock().await;
        let mut store = self.read().await;
        let Ok(removed) = store.remove(name, true) else { return };
        if self.shelf.set_state(&encode(&store)).await.is_ok() {
            for digest in &removed.blobs {
                self.shelf.remove(digest).await;
            }
        }
    }

    pub async fn empty(&self) {
        let _lock = store_lock().await;
        self.shelf.empty().await;
    }

    /// The bytes of a document that is here.
    pub async fn document(&self, digest: &Digest) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.shelf.get(digest).await?.reader().ok()?.read_to_end(&mut bytes).ok()?;
        (Digest::compute(digest.algorithm(), &bytes)? == *digest).then_some(bytes)
    }
}
