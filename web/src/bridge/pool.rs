//! The layer workers, by their slots, and the hash helpers of those that have one.

use std::collections::BTreeMap;

use wasm_bindgen::JsValue;
use web_sys::{MessageChannel, MessagePort};

use super::{Handle, WORKER, schedule::Slot};
use crate::protocol::{FromWorker, Message, ToWorker};

#[derive(Debug, Default)]
pub struct Pool(BTreeMap<Slot, Member>);

#[derive(Debug)]
struct Member {
    worker: Handle,
    /// Ended with the errand it helps in.
    helper: Option<Handle>,
}

impl Pool {
    /// Makes sure that the slot has a worker, started by `start` where it has none, and gives it `helper`.
    pub fn staff(
        &mut self,
        slot: Slot,
        start: impl FnOnce() -> Result<Handle, JsValue>,
        helper: Option<Handle>,
    ) -> Result<(), JsValue> {
        match self.0.get_mut(&slot) {
            Some(member) => member.helper = helper,
            None => {
                self.0.insert(slot, Member { worker: start()?, helper });
            }
        }
        Ok(())
    }

    pub fn send(&self, slot: Slot, message: Message<ToWorker>) {
        if let Some(member) = self.0.get(&slot) {
            member.worker.send(message);
        }
    }

    /// Terminates the worker of the slot, and its helper.
    pub fn end(&mut self, slot: Slot) {
        self.0.remove(&slot);
    }

    pub fn end_helper(&mut self, slot: Slot) {
        if let Some(member) = self.0.get_mut(&slot) {
            member.helper = None;
        }
    }
}

/// A hash helper, and the port through which a layer worker reaches it.
pub fn start_helper(hear: impl Fn(Message<FromWorker>) + 'static) -> Result<(Handle, MessagePort), JsValue> {
    let channel = MessageChannel::new()?;
    let helper = Handle::start(WORKER, hear)?;
    helper.send(Message::new(ToWorker::Hash).with_port(channel.port1()));
    Ok((helper, channel.port2()))
}
