//! The worker that fetches, verifies and keeps: everything that takes long, away from the page.

mod fetch;
mod load;
mod open;
mod run;
mod save;
mod shop;

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Reflect};
use layerlab_web::{protocol::Message, worker::report_death};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent};

use self::{run::Run, shop::Shop};
use crate::protocol::{Failure, FromPuller, OrderId, ToPuller};

/// Tells the other tabs that the store has changed.
const CHANNEL: &str = "layerlab-store";

/// Listens, and says so.
pub fn start() {
    report_death::<FromPuller>();
    let desk = Rc::new(RefCell::new(Vec::<Rc<Run>>::new()));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(message) = Message::from_js(&event.data()) {
            receive(&desk, message);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        let changed = Closure::<dyn FnMut()>::new(|| spawn_local(look()));
        channel.set_onmessage(Some(changed.as_ref().unchecked_ref()));
        changed.forget();
    }
    post(FromPuller::Ready);
}

fn receive(runs: &Rc<RefCell<Vec<Rc<Run>>>>, message: Message<ToPuller>) {
    let Message { head, files, .. } = message;
    runs.borrow_mut().retain(|run| !run.is_over());
    match head {
        ToPuller::Look => spawn_local(look()),
        ToPuller::Pull { id, order } => runs.borrow_mut().push(Run::start(id, order, true)),
        ToPuller::Resolve { id, order } => runs.borrow_mut().push(Run::start(id, order, false)),
        ToPuller::Cancel { id } => runs.borrow().iter().filter(|run| run.id == id).for_each(|run| run.cancel()),
        ToPuller::Load { id, plan, image, report } => {
            spawn_local(answer(id, async move { load::load(&plan, image, &report, files).await }))
        }
        ToPuller::Save { id, name, format, layer } => {
            spawn_local(answer(id, async move { save::save(id, &name, format, layer).await }))
        }
        ToPuller::Remove { name } => spawn_local(async move {
            if let Ok(shop) = Shop::open().await {
                shop.remove(&name).await;
                changed().await;
            }
        }),
        ToPuller::Empty => spawn_local(async {
            if let Ok(shop) = Shop::open().await {
                shop.empty().await;
                changed().await;
            }
        }),
    }
}

async fn answer(id: OrderId, work: impl Future<Output = Result<(), String>>) {
    post(match work.await {
        Ok(()) => FromPuller::Done { id },
        Err(sentence) => FromPuller::Failed { id, failure: Failure::Other(sentence) },
    });
}

/// Tells this page, and the other tabs, what the store holds now.
async fn changed() {
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        let _ = channel.post_message(&"changed".into());
        channel.close();
    }
    look().await;
}

async fn look() {
    match Shop::open().await {
        Ok(shop) => {
            let room = shop.shelf.room().await;
            post(FromPuller::Store { store: Box::new(shop.read().await), room });
        }
        Err(trouble) => web_sys::console::warn_1(&trouble.to_string().into()),
    }
}

fn post(head: FromPuller) {
    send(Message::new(head));
}

fn send(message: Message<FromPuller>) {
    let (object, transfer): (_, Array) = message.into_js();
    scope().post_message_with_transfer(&object, &transfer).expect("a message of the protocol can be cloned");
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds since the worker began.
fn millis() -> u64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into()).unwrap_or_default();
    performance.dyn_ref::<web_sys::Performance>().map_or(0.0, web_sys::Performance::now) as u64
}
