//! What was dropped: files, and folders with all that is in them.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use super::{Opened, handles, of_list};

/// Files of one folder: an OCI layout has some thousands; a dropped home directory must not fill the memory.
const FILES: usize = 100_000;

/// The entries must be taken before the event's handler returns: afterwards the list is empty.
pub fn take(transfer: &DataTransfer) -> impl Future<Output = Vec<Opened>> + use<> {
    let items = transfer.items();
    let entries: Vec<(FileSystemEntry, Option<Promise>)> = (0..items.length())
        .filter_map(|i| items.get(i))
        .filter(|item| item.kind() == "file")
        .filter_map(|item| Some((item.webkit_get_as_entry().ok().flatten()?, handles::of_item(&item))))
        .collect();
    let plain = if entries.is_empty() { of_list(transfer.files()) } else { vec![] };
    async move {
        let mut opened = plain;
        for (entry, handle) in entries {
            if let Ok(folder) = entry.clone().dyn_into::<FileSystemDirectoryEntry>() {
                let files = walk(folder).await;
                opened.push(Opened::folder(entry.name(), files));
            } else if let Some(file) = file(entry.unchecked_into()).await {
                let handle = match handle {
                    Some(handle) => JsFuture::from(handle).await.ok(),
                    None => None,
                };
                opened.push(Opened { handle, ..Opened::file(file) });
            }
        }
        opened
    }
}

/// All files below `folder` with their paths in it. What cannot be read is left out: the archive then lacks it, and
/// the analysis says so.
async fn walk(folder: FileSystemDirectoryEntry) -> Vec<(String, File)> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), folder)];
    while let Some((path, folder)) = folders.pop() {
        for entry in list(&folder).await {
            if found.len() >= FILES {
                return found;
            }
            let path = format!("{path}{}", entry.name());
            if let Ok(folder) = entry.clone().dyn_into::<FileSystemDirectoryEntry>() {
                folders.push((format!("{path}/"), folder));
            } else if let Some(file) = file(entry.unchecked_into()).await {
                found.push((path, file));
            }
        }
    }
    found
}

/// A reader gives a hundred entries at most; it is asked until it gives none.
async fn list(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let batch = promise(|resolve, reject| reader.read_entries_with_callback_and_callback(resolve, reject)).await;
        let batch: Vec<FileSystemEntry> =
            batch.map(|batch| Array::from(&batch).iter().map(JsValue::unchecked_into).collect()).unwrap_or_default();
        if batch.is_empty() {
            return entries;
        }
        entries.extend(batch);
    }
}

async fn file(entry: FileSystemFileEntry) -> Option<File> {
    let file = promise(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    });
    file.await.and_then(|file| file.dyn_into().ok())
}

/// The old entries API speaks in callbacks.
async fn promise(start: impl FnOnce(&js_sys::Function, &js_sys::Function) -> Result<(), JsValue>) -> Option<JsValue> {
    let mut start = Some(start);
    let mut executor = |resolve: js_sys::Function, reject: js_sys::Function| {
        if let Some(Err(error)) = start.take().map(|start| start(&resolve, &reject)) {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    };
    JsFuture::from(Promise::new(&mut executor)).await.ok()
}
