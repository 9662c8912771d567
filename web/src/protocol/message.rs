//! The JavaScript object that carries a message: `{ head, files, buffer, port }`.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, MessagePort};

/// `head` travels as postcard bytes, the rest as what it is: files by reference, `buffer` and `port` transferred.
#[derive(Clone, Debug)]
pub struct Message<T> {
    pub head: T,
    pub files: Vec<File>,
    pub buffer: Option<ArrayBuffer>,
    pub port: Option<MessagePort>,
}

impl<T> Message<T> {
    pub fn new(head: T) -> Self {
        Self { head, files: Vec::new(), buffer: None, port: None }
    }

    pub fn with_files(mut self, files: Vec<File>) -> Self {
        self.files = files;
        self
    }

    pub fn with_buffer(mut self, buffer: ArrayBuffer) -> Self {
        self.buffer = Some(buffer);
        self
    }

    pub fn with_port(mut self, port: MessagePort) -> Self {
        self.port = Some(port);
        self
    }
}

impl<T: Serialize> Message<T> {
    /// The object, and the list of what is transferred with it.
    pub fn into_js(self) -> (JsValue, Array) {
        let head = postcard::to_stdvec(&self.head).expect("the protocol holds nothing that postcard refuses");
        let (object, transfer) = (Object::new(), Array::new());
        let set = |key: &str, value: &JsValue| {
            Reflect::set(&object, &key.into(), value).expect("a plain object takes any property");
        };
        let head = Uint8Array::from(head.as_slice());
        transfer.push(&head.buffer());
        set("head", &head);
        if !self.files.is_empty() {
            set("files", &self.files.iter().collect::<Array>());
        }
        if let Some(buffer) = self.buffer {
            transfer.push(&buffer);
            set("buffer", &buffer);
        }
        if let Some(port) = self.port {
            transfer.push(&port);
            set("port", &port);
        }
        (object.into(), transfer)
    }
}

impl<T: DeserializeOwned> Message<T> {
    /// `None` for what no version of this app sent.
    pub fn from_js(message: &JsValue) -> Option<Self> {
        let get = |key: &str| Reflect::get(message, &key.into()).ok();
        let head = get("head")?.dyn_into::<Uint8Array>().ok()?.to_vec();
        let files = match get("files")?.dyn_into::<Array>() {
            Ok(files) => files.iter().map(|file| file.dyn_into().ok()).collect::<Option<_>>()?,
            Err(_) => Vec::new(),
        };
        Some(Self {
            head: postcard::from_bytes(&head).ok()?,
            files,
            buffer: get("buffer")?.dyn_into().ok(),
            port: get("port")?.dyn_into().ok(),
        })
    }
}
