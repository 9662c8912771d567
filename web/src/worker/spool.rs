//! A temporary file in the browser's private file system (OPFS), for the decompressed form of an archive.
//!
//! Beside each spool lies an empty lock file, which its worker holds open as long as it lives: an open file cannot be
//! removed, and a browser closes the files of a worker that ends, however it ends. So a spool whose lock can be
//! removed is nobody's, whichever tab left it.

use std::collections::BTreeSet;

use js_sys::{AsyncIterator, Date, Math, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle, StorageEstimate, StorageManager,
};

const FOLDER: &str = "layerlab-spool";
const LOCK: &str = ".lock";
/// A spool is not begun where there is not even room for twice the compressed bytes.
const LEAST_RATIO: f64 = 2.0;

/// A finished spool; open as long as this is kept.
#[derive(Debug)]
pub struct Spool {
    pub file: File,
    pub size: u64,
    lock: FileSystemSyncAccessHandle,
}

#[derive(Debug)]
pub struct SpoolWriter {
    folder: FileSystemDirectoryHandle,
    name: String,
    lock: FileSystemSyncAccessHandle,
    handle: FileSystemFileHandle,
    access: FileSystemSyncAccessHandle,
    written: u64,
}

/// The browser would take no more bytes.
#[derive(Debug)]
pub struct NoRoom;

impl SpoolWriter {
    /// `None` where there is no private file system (outside of secure contexts, say) or no room for an archive of
    /// `compressed` bytes.
    pub async fn create(compressed: u64) -> Option<Self> {
        let storage = storage()?;
        if room(&storage).await? < compressed as f64 * LEAST_RATIO {
            return None;
        }
        let folder = folder(&storage).await?;
        let name = format!("{:x}-{:x}", Date::now() as u64, (Math::random() * f64::from(u32::MAX)) as u32);
        // The lock comes first: a spool without one would be swept.
        let lock = open(&make(&folder, &format!("{name}{LOCK}")).await?).await?;
        let handle = make(&folder, &name).await?;
        let access = open(&handle).await?;
        Some(Self { folder, name, lock, handle, access, written: 0 })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), NoRoom> {
        let mut done = 0;
        while done < bytes.len() {
            let options = FileSystemReadWriteOptions::new();
            options.set_at(self.written as f64);
            let written = self.access.write_with_u8_array_and_options(&bytes[done..], &options);
            match written.map(|written| written as usize) {
                Ok(written) if written > 0 => {
                    done += written;
                    self.written += written as u64;
                }
                _ => return Err(NoRoom),
            }
        }
        Ok(())
    }

    pub async fn finish(self) -> Option<Spool> {
        self.access.close();
        let file = settled(self.handle.get_file()).await?.dyn_into().ok()?;
        Some(Spool { file, size: self.written, lock: self.lock })
    }

    pub async fn discard(self) {
        self.access.close();
        self.lock.close();
        let _ = settled(self.folder.remove_entry(&self.name)).await;
        let _ = settled(self.folder.remove_entry(&format!("{}{LOCK}", self.name))).await;
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.lock.close();
    }
}

/// Removes the spools that no living worker holds. Works in the page and in a worker.
pub async fn sweep() {
    let Some(storage) = storage() else { return };
    let Some(folder) = folder(&storage).await else { return };
    let names = names(&folder.keys()).await;
    let spools: BTreeSet<&str> = names.iter().map(|name| name.trim_end_matches(LOCK)).collect();
    for spool in spools {
        let lock = format!("{spool}{LOCK}");
        let held = names.contains(&lock) && settled(folder.remove_entry(&lock)).await.is_none();
        if !held {
            // A lock without a spool is what a worker leaves that ended between the two.
            let _ = settled(folder.remove_entry(spool)).await;
        }
    }
}

async fn names(keys: &AsyncIterator) -> Vec<String> {
    let mut names = Vec::new();
    while let Ok(step) = keys.next() {
        let Some(step) = settled(step).await else { break };
        match Reflect::get(&step, &"value".into()).ok().and_then(|name| name.as_string()) {
            Some(name) => names.push(name),
            None => break,
        }
    }
    names
}

/// Absent outside of secure contexts; some browsers have it without the private file system.
fn storage() -> Option<StorageManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let storage = Reflect::get(&navigator, &"storage".into()).ok()?;
    let has_folders = Reflect::has(&storage, &"getDirectory".into()).unwrap_or(false);
    has_folders.then(|| storage.unchecked_into())
}

async fn room(storage: &StorageManager) -> Option<f64> {
    let estimate: StorageEstimate = settled(storage.estimate().ok()?).await?.unchecked_into();
    Some(estimate.get_quota()? - estimate.get_usage()?)
}

async fn folder(storage: &StorageManager) -> Option<FileSystemDirectoryHandle> {
    let root: FileSystemDirectoryHandle = settled(storage.get_directory()).await?.dyn_into().ok()?;
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    settled(root.get_directory_handle_with_options(FOLDER, &options)).await?.dyn_into().ok()
}

async fn make(folder: &FileSystemDirectoryHandle, name: &str) -> Option<FileSystemFileHandle> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    settled(folder.get_file_handle_with_options(name, &options)).await?.dyn_into().ok()
}

/// `None` in browsers whose private file system cannot be written synchronously.
async fn open(handle: &FileSystemFileHandle) -> Option<FileSystemSyncAccessHandle> {
    if !Reflect::has(handle, &"createSyncAccessHandle".into()).unwrap_or(false) {
        return None;
    }
    settled(handle.create_sync_access_handle()).await?.dyn_into().ok()
}

async fn settled(promise: Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok()
}
