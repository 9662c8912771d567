//! Handles of dropped files, kept by the browser where it can: after a reload a link reopens its archive with one
//! click and the visitor's permission. The file itself is never copied.

use idb::{Database, DatabaseEvent, Error, Factory, ObjectStoreParams, Query, TransactionMode};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransferItem, File};

const STORE: &str = "handles";

/// The handle of a dropped file. It must be asked for before the event's handler returns. Browsers without handles
/// give none.
pub fn of_item(item: &DataTransferItem) -> Option<Promise> {
    call(item, "getAsFileSystemHandle", &JsValue::UNDEFINED)
}

/// Keeps the handle of the archive that links call `key`. A browser that keeps nothing costs only the shortcut.
pub async fn keep(key: String, handle: JsValue) {
    let put = async {
        let transaction = open().await?.transaction(&[STORE], TransactionMode::ReadWrite)?;
        transaction.object_store(STORE)?.put(&handle, Some(&key.into()))?.await?;
        transaction.commit()?.await
    };
    let _ = put.await;
}

/// The kept handle of an archive.
pub async fn kept(key: &str) -> Option<JsValue> {
    let get = async {
        let transaction = open().await?.transaction(&[STORE], TransactionMode::ReadOnly)?;
        transaction.object_store(STORE)?.get(Query::Key(key.into()))?.await
    };
    get.await.ok().flatten()
}

/// The file behind a handle, if the visitor allows it. Must be called in answer to a click: browsers ask the visitor
/// only then.
pub async fn reopen(handle: JsValue) -> Option<File> {
    let wish = Object::new();
    Reflect::set(&wish, &"mode".into(), &"read".into()).ok()?;
    let answer = JsFuture::from(call(&handle, "requestPermission", &wish)?).await.ok()?;
    if answer.as_string().as_deref() != Some("granted") {
        return None;
    }
    JsFuture::from(call(&handle, "getFile", &JsValue::UNDEFINED)?).await.ok()?.dyn_into().ok()
}

/// The bindings know these methods only as unstable, and older browsers not at all.
fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<Promise> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    method.call1(object, argument).ok()?.dyn_into().ok()
}

async fn open() -> Result<Database, Error> {
    let mut request = Factory::new()?.open("layerlab", Some(1))?;
    request.on_upgrade_needed(|event| {
        if let Ok(database) = event.database() {
            // It exists already only where another page was faster.
            let _ = database.create_object_store(STORE, ObjectStoreParams::new());
        }
    });
    request.await
}
