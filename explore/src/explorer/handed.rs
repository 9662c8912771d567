//! Taking an archive over from its tree worker.

use js_sys::{ArrayBuffer, Uint8Array};
use layerlab_core::{
    finding::{Code, Finding},
    layer::{
        LayerReading,
        changeset::{Changeset, ContentKey},
    },
    report::Readings,
};
use layerlab_web::protocol::{Handed, Message, Passes, SourceInfo};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{File, MessageEvent, MessagePort};

use super::{EXPLORED, Explored, client};

/// Listens to the tree worker until all has come.
pub fn receive(port: &MessagePort, source: SourceInfo, passes: Passes, key: ContentKey, files: Vec<File>) {
    let mut beginning = Some((source, files));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(Message { head, buffer, .. }) = Message::<Handed>::from_js(&event.data()) else { return };
        match head {
            Handed::Archive { plan, outer, report } => {
                let Some((source, files)) = beginning.take() else { return };
                let readings = Readings::new();
                let explored = Explored { source, files, passes, key, outer, plan: *plan, report: *report, readings };
                EXPLORED.set(Some(explored));
            }
            Handed::Layer { blob, summary } => {
                keep(|explored| {
                    let reading = changeset(buffer.as_ref()).map(|changeset| LayerReading { summary, changeset });
                    explored.readings.insert(blob, reading);
                });
            }
            Handed::Lost { blob, finding } => keep(|explored| drop(explored.readings.insert(blob, Err(finding)))),
            Handed::All => client::answer_waiting(),
        }
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

fn keep(change: impl FnOnce(&mut Explored)) {
    EXPLORED.with_borrow_mut(|explored| explored.as_mut().map(change));
}

fn changeset(buffer: Option<&ArrayBuffer>) -> Result<Changeset, Finding> {
    let bytes = buffer.map(|buffer| Uint8Array::new(buffer).to_vec()).unwrap_or_default();
    Changeset::decode(&bytes).map_err(|error| {
        Finding::error(Code::LayerDamaged, format!("What was read of this layer cannot be decoded: {error}."))
    })
}
