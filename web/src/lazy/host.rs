//! What a module can ask of the page.

use js_sys::{Array, Function, Reflect, Uint8Array};
use layerlab_core::{archive::ImageArchive, report::Report};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, MessagePort};
use yew::{AttrValue, Properties};

use crate::{
    i18n::Language,
    protocol::{ArchiveId, SourceInfo},
};

/// The page, as its modules see it. Cheap to clone, and equal to itself.
///
/// The two are different programs with memories of their own: what crosses is bytes (postcard, as to a worker) and
/// the browser's own objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Host(JsValue);

/// An archive that is open in the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenArchive {
    pub id: ArchiveId,
    /// Names the archive in addresses.
    pub key: String,
    pub source: SourceInfo,
    pub phase: OpenPhase,
    /// The image that is shown first, once the plan is known.
    pub image: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenPhase {
    Reading,
    Done,
    /// Cancelled too: nothing more comes.
    Failed,
}

/// The properties of every module's root component.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ModuleProps {
    pub host: Host,
    /// Path and query behind the `#`.
    pub address: AttrValue,
    pub language: Language,
    /// Grows whenever the page has told of a change: of the address, the language, or the opened archives.
    pub turn: u32,
}

impl Host {
    pub(super) fn new(object: JsValue) -> Self {
        Self(object)
    }

    /// Goes to an address: path and query, without the `#`. With `replace`, in the same place of the history.
    pub fn go(&self, address: &str, replace: bool) {
        let Some(location) = web_sys::window().map(|window| window.location()) else { return };
        let fragment = format!("#{address}");
        let _ = if replace { location.replace(&fragment) } else { location.set_hash(&fragment) };
    }

    /// In the order they were opened.
    pub fn archives(&self) -> Vec<OpenArchive> {
        self.document("archives", &JsValue::UNDEFINED).unwrap_or_default()
    }

    pub fn archive(&self, key: &str) -> Option<OpenArchive> {
        self.archives().into_iter().find(|archive| archive.key == key)
    }

    /// `None` until the members are listed.
    pub fn plan(&self, id: ArchiveId) -> Option<ImageArchive> {
        self.document("plan", &id.0.into())
    }

    /// `None` until every layer is read.
    pub fn report(&self, id: ArchiveId) -> Option<Report> {
        self.document("report", &id.0.into())
    }

    /// A port to the archive's explorer, which is started with the first. `None` for an archive that is not open.
    pub fn explorer(&self, id: ArchiveId) -> Option<MessagePort> {
        self.call("explorer", &id.0.into())?.dyn_into().ok()
    }

    /// The files that the layers of an archive are in: what was opened, or what it was decompressed into.
    pub fn files(&self, id: ArchiveId) -> Vec<File> {
        let files = self.call("files", &id.0.into()).and_then(|files| files.dyn_into::<Array>().ok());
        files.iter().flat_map(Array::iter).filter_map(|file| file.dyn_into().ok()).collect()
    }

    /// Opens files as archives, as if they had been dropped on the page.
    pub fn open(&self, files: &[File]) {
        self.call("open", &files.iter().collect::<Array>());
    }

    fn call(&self, name: &str, argument: &JsValue) -> Option<JsValue> {
        let function: Function = Reflect::get(&self.0, &name.into()).ok()?.dyn_into().ok()?;
        function.call1(&self.0, argument).ok().filter(|answer| !answer.is_undefined())
    }

    fn document<T: DeserializeOwned>(&self, name: &str, argument: &JsValue) -> Option<T> {
        let bytes = self.call(name, argument)?.dyn_into::<Uint8Array>().ok()?.to_vec();
        postcard::from_bytes(&bytes).ok()
    }
}
