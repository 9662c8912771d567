//! The page's end: loading a module, and the object that it asks.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlElement};

use super::{OpenArchive, OpenPhase};
use crate::{
    hooks::{Commands, Opened},
    protocol::ArchiveId,
    state::{Archive, Phase, Shared},
};

/// A module that draws in an element; dropping it empties the element.
#[derive(Debug)]
pub struct Module(JsValue);

impl Module {
    /// Loads the module `name` (a second time it is there already) and lets it draw.
    ///
    /// # Errors
    ///
    /// What was thrown: the program could not be fetched, typically.
    pub async fn load(name: &str, element: &HtmlElement, host: &JsValue, address: &str) -> Result<Self, JsValue> {
        let window = web_sys::window().ok_or("no window")?;
        let meta = window.document().and_then(|document| {
            document.query_selector(&format!("meta[name=layerlab-{name}]")).ok().flatten()?.get_attribute("content")
        });
        let load: Function = Reflect::get(&window, &"layerlabLoad".into())?.dyn_into()?;
        let loading: Promise =
            load.call1(&window, &meta.ok_or("the page does not name this module")?.into())?.dyn_into()?;
        let module = JsFuture::from(loading).await?;
        let mount: Function = Reflect::get(&module, &"mount".into())?.dyn_into()?;
        Ok(Self(mount.call3(&module, element, host, &address.into())?))
    }

    /// Tells it that something has changed: its address, the language, or what is open.
    pub fn update(&self, address: &str) {
        self.call("update", &Array::of1(&address.into()));
    }

    fn call(&self, name: &str, arguments: &Array) {
        let function = Reflect::get(&self.0, &name.into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
        let _ = function.map(|function| function.apply(&self.0, arguments));
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        self.call("unmount", &Array::new());
    }
}

/// The object behind [`super::Host`]. `archives` gives what is open whenever it is asked.
pub fn offer(
    commands: Commands,
    archives: impl Fn() -> Vec<Shared<Archive>> + Clone + 'static,
    on_open: impl Fn(Vec<Opened>) + 'static,
) -> JsValue {
    let object = Object::new();
    let set = |name: &str, function: JsValue| {
        Reflect::set(&object, &name.into(), &function).expect("a plain object takes any property");
    };
    let list = archives.clone();
    set("archives", answering(move |_| Some(bytes(&listed(&list())))));
    let of = move |id: u32| archives().into_iter().find(move |archive| archive.id == ArchiveId(id));
    let (plan, report) = (of.clone(), of);
    set("plan", answering(move |id| plan(number(&id)).and_then(|archive| archive.plan.as_deref().map(bytes))));
    set("report", answering(move |id| report(number(&id)).and_then(|archive| archive.report.as_deref().map(bytes))));
    let (explorer, files) = (commands.clone(), commands);
    set("explorer", answering(move |id| explorer.explorer(ArchiveId(number(&id))).map(Into::into)));
    set("files", answering(move |id| Some(files.files(ArchiveId(number(&id))).iter().collect::<Array>().into())));
    set(
        "open",
        answering(move |given| {
            let files = given.dyn_into::<Array>().ok()?;
            on_open(files.iter().filter_map(|file| file.dyn_into::<File>().ok()).map(Opened::file).collect());
            None
        }),
    );
    object.into()
}

/// The list that [`super::Host::archives`] reads.
fn listed(archives: &[Shared<Archive>]) -> Vec<OpenArchive> {
    let phase = |archive: &Archive| match archive.phase {
        Phase::Opening { .. } | Phase::Reading => OpenPhase::Reading,
        Phase::Done => OpenPhase::Done,
        Phase::Failed(_) | Phase::Cancelled => OpenPhase::Failed,
    };
    archives
        .iter()
        .map(|archive| OpenArchive {
            id: archive.id,
            key: archive.key.clone(),
            source: (*archive.source).clone(),
            phase: phase(archive),
            image: archive.offer.default,
        })
        .collect()
}

fn answering(function: impl Fn(JsValue) -> Option<JsValue> + 'static) -> JsValue {
    let answer = move |argument| function(argument).unwrap_or(JsValue::UNDEFINED);
    Closure::<dyn Fn(JsValue) -> JsValue>::new(answer).into_js_value()
}

fn number(value: &JsValue) -> u32 {
    value.as_f64().map_or(u32::MAX, |number| number as u32)
}

fn bytes(value: &impl Serialize) -> JsValue {
    let bytes = postcard::to_stdvec(value).expect("the protocol holds nothing that postcard refuses");
    Uint8Array::from(bytes.as_slice()).into()
}
