//! The private file system of the origin (OPFS): a folder of blobs, a folder of parts, and the state.
//!
//! Source: File System Standard.

use js_sys::{AsyncIterator, Function, Promise, Reflect};
use layerlab_core::digest::Digest;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemRemoveOptions, FileSystemSyncAccessHandle, StorageEstimate, StorageManager,
};

use super::{
    Trouble,
    part::{Part, PrivatePart},
};

const FOLDER: &str = "layerlab-store";
const BLOBS: &str = "blobs";
const PARTS: &str = "parts";
const STATE: &str = "state";

#[derive(Clone, Debug)]
pub struct Private {
    folder: FileSystemDirectoryHandle,
    blobs: FileSystemDirectoryHandle,
    parts: FileSystemDirectoryHandle,
}

impl Private {
    /// `None` outside of secure contexts, and where files cannot be written synchronously.
    pub async fn open() -> Option<Self> {
        let storage = storage()?;
        if !Reflect::has(&storage, &"getDirectory".into()).unwrap_or(false) {
            return None;
        }
        let root: FileSystemDirectoryHandle = settled(storage.get_directory()).await.ok()?.dyn_into().ok()?;
        let folder = make_folder(&root, FOLDER).await.ok()?;
        let blobs = make_folder(&folder, BLOBS).await.ok()?;
        let parts = make_folder(&folder, PARTS).await.ok()?;
        let probe = make(&folder, "probe").await.ok()?;
        let writes = Reflect::has(&probe, &"createSyncAccessHandle".into()).unwrap_or(false);
        writes.then_some(Self { folder, blobs, parts })
    }

    pub async fn get(&self, digest: &Digest) -> Option<File> {
        let handle = settled(self.blobs.get_file_handle(&name(digest))).await.ok()?;
        file(&handle.dyn_into().ok()?).await.ok()
    }

    pub async fn part(&self, digest: &Digest) -> Result<PrivatePart, Trouble> {
        let name = name(digest);
        let handle = make(&self.parts, &name).await?;
        let handle: FileSystemSyncAccessHandle = settled(handle.create_sync_access_handle()).await?.unchecked_into();
        Ok(PrivatePart { name, handle })
    }

    pub async fn finished(&self, part: PrivatePart) -> Result<File, Trouble> {
        part.handle.flush().map_err(|thrown| Trouble::of(&thrown))?;
        let name = part.name.clone();
        drop(part);
        file(&settled(self.parts.get_file_handle(&name)).await?.unchecked_into()).await
    }

    pub async fn keep(&self, digest: &Digest) -> Result<(), Trouble> {
        let name = name(digest);
        let part: FileSystemFileHandle = settled(self.parts.get_file_handle(&name)).await?.unchecked_into();
        move_to(&part, &self.blobs, &name).await
    }

    pub async fn discard(&self, digest: &Digest) {
        let _ = settled(self.parts.remove_entry(&name(digest))).await;
    }

    pub async fn remove(&self, digest: &Digest) {
        let _ = settled(self.blobs.remove_entry(&name(digest))).await;
    }

    pub async fn empty(&self) {
        for folder in [&self.blobs, &self.parts] {
            for name in names(folder).await {
                let _ = settled(folder.remove_entry_with_options(&name, &recursive())).await;
            }
        }
        let _ = settled(self.folder.remove_entry(STATE)).await;
    }

    pub async fn state(&self) -> Option<Vec<u8>> {
        let handle = settled(self.folder.get_file_handle(STATE)).await.ok()?;
        let file = file(&handle.dyn_into().ok()?).await.ok()?;
        let buffer = settled(file.array_buffer()).await.ok()?;
        Some(js_sys::Uint8Array::new(&buffer).to_vec())
    }

    pub async fn set_state(&self, state: &[u8]) -> Result<(), Trouble> {
        let name = format!("{STATE}.new");
        let handle = make(&self.folder, &name).await?;
        let access: FileSystemSyncAccessHandle = settled(handle.create_sync_access_handle()).await?.unchecked_into();
        let mut part = Part::Private(PrivatePart { name, handle: access });
        part.clear();
        part.write(0, state).await?;
        drop(part);
        move_to(&handle, &self.folder, STATE).await
    }

    /// Bytes of blobs and of parts.
    pub async fn sizes(&self) -> (u64, u64) {
        let mut sizes = [0; 2];
        for (folder, size) in [&self.blobs, &self.parts].into_iter().zip(&mut sizes) {
            for name in names(folder).await {
                if let Ok(handle) = settled(folder.get_file_handle(&name)).await
                    && let Ok(file) = file(&handle.unchecked_into()).await
                {
                    *size += file.size() as u64;
                }
            }
        }
        (sizes[0], sizes[1])
    }
}

/// Bytes that the origin uses, and may use.
pub async fn estimate() -> Option<(u64, u64)> {
    let estimate: StorageEstimate = settled(storage()?.estimate().ok()?).await.ok()?.unchecked_into();
    Some((estimate.get_usage()? as u64, estimate.get_quota()? as u64))
}

/// A digest as a file name: some systems below the browser do not like colons.
fn name(digest: &Digest) -> String {
    format!("{}-{}", digest.algorithm().as_str(), digest.encoded())
}

/// Moves a file over whatever is there. The bindings do not know the method yet; where a browser does not either, the
/// bytes are copied, and a copy that breaks off is found by its size when it is read.
async fn move_to(handle: &FileSystemFileHandle, folder: &FileSystemDirectoryHandle, name: &str) -> Result<(), Trouble> {
    if let Some(method) = Reflect::get(handle, &"move".into()).ok().and_then(|it| it.dyn_into::<Function>().ok()) {
        let moving = method.call2(handle, folder, &name.into()).map_err(|thrown| Trouble::of(&thrown))?;
        return settled(moving.unchecked_into()).await.map(drop);
    }
    let bytes = settled(file(handle).await?.array_buffer()).await?;
    let target = make(folder, name).await?;
    let access: FileSystemSyncAccessHandle = settled(target.create_sync_access_handle()).await?.unchecked_into();
    let mut part = Part::Private(PrivatePart { name: name.into(), handle: access });
    part.clear();
    part.write(0, &js_sys::Uint8Array::new(&bytes).to_vec()).await
}

fn storage() -> Option<StorageManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let storage = Reflect::get(&navigator, &"storage".into()).ok()?;
    storage.is_object().then(|| storage.unchecked_into())
}

async fn make_folder(parent: &FileSystemDirectoryHandle, name: &str) -> Result<FileSystemDirectoryHandle, Trouble> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    Ok(settled(parent.get_directory_handle_with_options(name, &options)).await?.unchecked_into())
}

async fn make(folder: &FileSystemDirectoryHandle, name: &str) -> Result<FileSystemFileHandle, Trouble> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    Ok(settled(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into())
}

async fn file(handle: &FileSystemFileHandle) -> Result<File, Trouble> {
    Ok(settled(handle.get_file()).await?.unchecked_into())
}

fn recursive() -> FileSystemRemoveOptions {
    let options = FileSystemRemoveOptions::new();
    options.set_recursive(true);
    options
}

async fn names(folder: &FileSystemDirectoryHandle) -> Vec<String> {
    let keys: AsyncIterator = folder.keys();
    let mut names = Vec::new();
    while let Ok(step) = keys.next() {
        let Ok(step) = settled(step).await else { break };
        match Reflect::get(&step, &"value".into()).ok().and_then(|name| name.as_string()) {
            Some(name) => names.push(name),
            None => break,
        }
    }
    names
}

async fn settled(promise: Promise) -> Result<JsValue, Trouble> {
    JsFuture::from(promise).await.map_err(|thrown| Trouble::of(&thrown))
}
