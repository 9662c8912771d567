//! The worker that explores one archive: it holds plan, report and changesets, and answers any number of clients.
//!
//! The tree worker hands the archive over through a port, once; questions that come before wait.

mod answer;
mod client;
mod handed;
mod pace;
mod stack;
mod tree;

use std::cell::RefCell;

use js_sys::Promise;
use layerlab_core::{
    archive::{ImageArchive, Outer},
    layer::changeset::ContentKey,
    limits::Limits,
    report::{self, Readings, Report},
    tree::UnionTree,
};
use layerlab_web::protocol::{FromWorker, Message, Passes, SourceInfo, ToExplorer, ToWorker};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

pub use client::Line;

/// All that is known of the archive.
#[derive(Debug)]
pub struct Explored {
    pub source: SourceInfo,
    /// What the layers are in, and how they are reached there.
    pub files: Vec<File>,
    pub passes: Passes,
    pub key: ContentKey,
    pub outer: Outer,
    pub plan: ImageArchive,
    pub report: Report,
    pub readings: Readings,
}

impl Explored {
    /// The merged tree of an image; `None` where there is no such image, or a layer of it is absent.
    pub fn merged_tree(&self, image: usize) -> Option<UnionTree> {
        report::merged_tree(self.plan.images.get(image)?, &self.readings, &Limits::default())
    }
}

thread_local! {
    static EXPLORED: RefCell<Option<Explored>> = const { RefCell::new(None) };
}

/// What the archive is asked for; `None` before it was handed over.
pub fn explored<R>(ask: impl FnOnce(&Explored) -> R) -> Option<R> {
    EXPLORED.with_borrow(|explored| explored.as_ref().map(ask))
}

/// The same, to change what is known of it.
pub fn explored_mut<R>(change: impl FnOnce(&mut Explored) -> R) -> Option<R> {
    EXPLORED.with_borrow_mut(|explored| explored.as_mut().map(change))
}

/// Lets the messages in that wait. A resolved promise would not: only a timer lets the event loop turn.
pub async fn breathe() {
    let promise = Promise::new(&mut |resolve, _| {
        let _ = scope().set_timeout_with_callback(&resolve);
    });
    let _: Result<JsValue, JsValue> = JsFuture::from(promise).await;
}

/// Listens, and says so: a message that comes before a worker listens is lost.
pub fn start() {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(Message { head: ToWorker::Explorer(head), files, port: Some(port), .. }) =
            Message::from_js(&event.data())
        {
            match head {
                ToExplorer::Begin { source, passes, key } => handed::receive(&port, source, passes, key, files),
                ToExplorer::Client => client::serve(port),
            }
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    let (ready, transfer) = Message::new(FromWorker::Ready).into_js();
    scope().post_message_with_transfer(&ready, &transfer).expect("a message of the protocol can be cloned");
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
