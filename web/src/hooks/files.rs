//! From files to what can be opened.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{File, FileList};

use crate::protocol::SourceInfo;

/// An archive to open: one file, or a folder with all its files. Nothing has been read yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub source: SourceInfo,
    pub files: Vec<File>,
    /// The browser's handle of the file, where it gave one.
    pub handle: Option<JsValue>,
}

impl Opened {
    pub fn file(file: File) -> Self {
        let name = file.name();
        let source = SourceInfo { size: file.size() as u64, folder: false, paths: vec![name.clone()], name };
        Self { source, files: vec![file], handle: None }
    }

    /// A folder called `name`; the paths are relative to it.
    pub fn folder(name: String, files: Vec<(String, File)>) -> Self {
        let size = files.iter().map(|(_, file)| file.size() as u64).sum();
        let (paths, files) = files.into_iter().unzip();
        Self { source: SourceInfo { name, size, folder: true, paths }, files, handle: None }
    }
}

/// Each file is an archive of its own.
pub fn of_list(list: Option<FileList>) -> Vec<Opened> {
    files(list).map(Opened::file).collect()
}

/// What a folder input holds: every file knows its path, beginning with the folder's own name.
pub fn of_folder(list: Option<FileList>) -> Option<Opened> {
    let mut name = None;
    let files: Vec<(String, File)> = files(list)
        .map(|file| {
            let path = Reflect::get(&file, &JsValue::from_str("webkitRelativePath")).ok().and_then(|v| v.as_string());
            let path = path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
            match path.split_once('/') {
                Some((folder, rest)) => {
                    name.get_or_insert_with(|| folder.to_owned());
                    (rest.to_owned(), file)
                }
                None => (path, file),
            }
        })
        .collect();
    (!files.is_empty()).then(|| Opened::folder(name.unwrap_or_default(), files))
}

fn files(list: Option<FileList>) -> impl Iterator<Item = File> {
    list.into_iter().flat_map(|list| (0..list.length()).filter_map(move |i| list.get(i)))
}
