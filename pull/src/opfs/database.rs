//! The same in IndexedDB, for pages that have no private file system (a teacher's laptop at http://192.168.…).
//!
//! A blob is a row of chunks of one size, so that two tabs which write the same blob write the same chunks. It is
//! there when its size is in the list of kept ones, which is written last.

use std::rc::Rc;

use idb::{Database as Idb, DatabaseEvent, Error, Factory, KeyRange, ObjectStoreParams, Query, TransactionMode};
use js_sys::Uint8Array;
use layerlab_core::digest::Digest;
use wasm_bindgen::{JsCast, JsValue};

use super::Trouble;

const NAME: &str = "layerlab-store";
const CHUNKS: &str = "chunks";
const KEPT: &str = "kept";
const PARTS: &str = "parts";
const STATE: &str = "state";
const STORES: [&str; 4] = [CHUNKS, KEPT, PARTS, STATE];
const CHUNK_BYTES: usize = 1 << 20;

#[derive(Clone, Debug)]
pub struct Database(Rc<Idb>);

#[derive(Debug)]
pub struct DatabasePart {
    database: Database,
    digest: Digest,
    /// Whole chunks that are written.
    chunks: u32,
    /// What follows them.
    rest: Vec<u8>,
}

impl Database {
    pub async fn open() -> Result<Self, Trouble> {
        let mut request = Factory::new()?.open(NAME, Some(1))?;
        request.on_upgrade_needed(|event| {
            if let Ok(database) = event.database() {
                for store in STORES {
                    // It exists already only where another page was faster.
                    let _ = database.create_object_store(store, ObjectStoreParams::new());
                }
            }
        });
        Ok(Self(Rc::new(request.await?)))
    }

    pub async fn size(&self, digest: &Digest) -> Option<u64> {
        Some(self.read(KEPT, &digest.to_string()).await.ok()??.as_f64()? as u64)
    }

    pub async fn get(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        let size = self.size(digest).await? as usize;
        let mut bytes = Vec::with_capacity(size);
        for chunk in 0..size.div_ceil(CHUNK_BYTES) {
            bytes.extend(self.chunk(digest, chunk as u32).await.ok()??);
        }
        (bytes.len() == size).then(|| bytes.into())
    }

    pub async fn part(&self, digest: &Digest) -> Result<DatabasePart, Trouble> {
        let chunks = self.read(PARTS, &digest.to_string()).await?.and_then(|count| count.as_f64());
        let chunks = chunks.unwrap_or_default() as u32;
        Ok(DatabasePart { database: self.clone(), digest: digest.clone(), chunks, rest: Vec::new() })
    }

    pub async fn finished(&self, mut part: DatabasePart) -> Result<Rc<[u8]>, Trouble> {
        let rest = std::mem::take(&mut part.rest);
        let mut bytes = Vec::new();
        for chunk in 0..part.chunks {
            bytes.extend(self.chunk(&part.digest, chunk).await?.unwrap_or_default());
        }
        if !rest.is_empty() {
            self.write(CHUNKS, &key(&part.digest, part.chunks), &Uint8Array::from(rest.as_slice())).await?;
            bytes.extend(self.chunk(&part.digest, part.chunks).await?.unwrap_or_default());
        }
        Ok(bytes.into())
    }

    pub async fn keep(&self, digest: &Digest, size: u64) -> Result<(), Trouble> {
        self.write(KEPT, &digest.to_string(), &(size as f64).into()).await?;
        self.delete(PARTS, Query::Key(digest.to_string().into())).await
    }

    pub async fn discard(&self, digest: &Digest) {
        let _ = self.delete(PARTS, Query::Key(digest.to_string().into())).await;
        if !matches!(self.read(KEPT, &digest.to_string()).await, Ok(Some(_))) {
            self.delete_chunks(digest).await;
        }
    }

    pub async fn remove(&self, digest: &Digest) {
        // The list first: chunks that nothing lists are nothing.
        let _ = self.delete(KEPT, Query::Key(digest.to_string().into())).await;
        self.delete_chunks(digest).await;
    }

    pub async fn empty(&self) {
        for store in STORES {
            let clear = async {
                let transaction = self.0.transaction(&[store], TransactionMode::ReadWrite)?;
                transaction.object_store(store)?.clear()?.await?;
                transaction.commit()?.await
            };
            let _ = clear.await;
        }
    }

    pub async fn state(&self) -> Option<Vec<u8>> {
        Some(self.read(STATE, STATE).await.ok()??.dyn_into::<Uint8Array>().ok()?.to_vec())
    }

    pub async fn set_state(&self, state: &[u8]) -> Result<(), Trouble> {
        self.write(STATE, STATE, &Uint8Array::from(state)).await
    }

    /// Bytes of blobs and of parts.
    pub async fn sizes(&self) -> (u64, u64) {
        let sum = async |store: &str| -> Result<f64, Error> {
            let transaction = self.0.transaction(&[store], TransactionMode::ReadOnly)?;
            let all = transaction.object_store(store)?.get_all(None, None)?.await?;
            Ok(all.iter().filter_map(JsValue::as_f64).sum())
        };
        let (kept, chunks) = (sum(KEPT).await.unwrap_or_default(), sum(PARTS).await.unwrap_or_default());
        (kept as u64, chunks as u64 * CHUNK_BYTES as u64)
    }

    async fn chunk(&self, digest: &Digest, chunk: u32) -> Result<Option<Vec<u8>>, Trouble> {
        let value = self.read(CHUNKS, &key(digest, chunk)).await?;
        Ok(value.and_then(|value| value.dyn_into::<Uint8Array>().ok()).map(|chunk| chunk.to_vec()))
    }

    async fn delete_chunks(&self, digest: &Digest) {
        let (first, last) = (key(digest, 0), key(digest, u32::MAX));
        if let Ok(range) = KeyRange::bound(&first.into(), &last.into(), None, None) {
            let _ = self.delete(CHUNKS, Query::KeyRange(range)).await;
        }
    }

    async fn read(&self, store: &str, key: &str) -> Result<Option<JsValue>, Trouble> {
        let transaction = self.0.transaction(&[store], TransactionMode::ReadOnly)?;
        Ok(transaction.object_store(store)?.get(Query::Key(key.into()))?.await?)
    }

    async fn write(&self, store: &str, key: &str, value: &JsValue) -> Result<(), Trouble> {
        let transaction = self.0.transaction(&[store], TransactionMode::ReadWrite)?;
        transaction.object_store(store)?.put(value, Some(&key.into()))?.await?;
        transaction.commit()?.await?;
        Ok(())
    }

    async fn delete(&self, store: &str, query: Query) -> Result<(), Trouble> {
        let transaction = self.0.transaction(&[store], TransactionMode::ReadWrite)?;
        transaction.object_store(store)?.delete(query)?.await?;
        transaction.commit()?.await?;
        Ok(())
    }
}

impl DatabasePart {
    pub async fn feed(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<(), Trouble> {
        for chunk in 0..self.chunks {
            match self.database.chunk(&self.digest, chunk).await? {
                Some(bytes) if bytes.len() == CHUNK_BYTES => take(&bytes),
                // What follows a chunk that is not there is of no use.
                _ => {
                    self.chunks = chunk;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Bytes come in their order; `offset` is where these belong.
    pub async fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Trouble> {
        if offset == 0 {
            self.clear();
        }
        self.rest.extend_from_slice(bytes);
        while self.rest.len() >= CHUNK_BYTES {
            let after = self.rest.split_off(CHUNK_BYTES);
            let whole = std::mem::replace(&mut self.rest, after);
            let (digest, database) = (&self.digest, &self.database);
            database.write(CHUNKS, &key(digest, self.chunks), &Uint8Array::from(whole.as_slice())).await?;
            self.chunks += 1;
            database.write(PARTS, &digest.to_string(), &f64::from(self.chunks).into()).await?;
        }
        Ok(())
    }

    pub fn clear(&mut self) {
        self.chunks = 0;
        self.rest.clear();
    }
}

/// Of one length, so that the chunks of a digest lie together and in order.
fn key(digest: &Digest, chunk: u32) -> String {
    format!("{digest}/{chunk:010}")
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let words = format!("{error:?}");
        if words.contains("QuotaExceeded") { Self::NoRoom } else { Self::Other(error.to_string()) }
    }
}
