use js_sys::{Array, ArrayBuffer};
use layerlab_core::path::PathId;
use layerlab_web::{hooks::save_blob, view_model::format};
use web_sys::{Blob, BlobPropertyBag};
use yew::prelude::*;

use crate::{
    client::{Client, Heard, Ticket},
    fill,
    protocol::{
        Answer, Question,
        tree::{TreeAnswer, TreeQuestion},
    },
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct TakeProps {
    pub client: Client,
    pub image: u32,
    pub path: PathId,
    pub height: u32,
    pub tar: bool,
    pub label: AttrValue,
}

/// How far taking out is.
#[derive(Clone, Debug, PartialEq)]
enum Taking {
    Idle,
    Under { done: u64, total: u64 },
    Failed(String),
}

/// A button that saves a file as it is, or a folder or the whole tree as a tar.
#[component(Take)]
pub fn take(props: &TakeProps) -> Html {
    let taking = use_state_eq(|| Taking::Idle);
    let ticket = use_mut_ref(|| None::<Ticket>);
    let parts = use_mut_ref(Vec::<Blob>::new);
    let start = {
        let (taking, ticket, parts) = (taking.setter(), ticket.clone(), parts.clone());
        let TakeProps { client, image, path, height, tar, .. } = props;
        let (client, image, path, height, tar) = (client.clone(), *image, *path, *height, *tar);
        Callback::from(move |_: MouseEvent| {
            taking.set(Taking::Under { done: 0, total: 0 });
            parts.borrow_mut().clear();
            let (taking, parts) = (taking.clone(), parts.clone());
            let heard = Callback::from(move |Heard { answer, buffer, .. }: Heard| match answer {
                Answer::Tree(TreeAnswer::Chunk { done, total }) => {
                    // A blob's bytes are the browser's to keep, on disk where they are many.
                    parts.borrow_mut().extend(buffer.and_then(|buffer| blob_of(&Array::of1(&buffer))));
                    taking.set(Taking::Under { done, total });
                }
                Answer::Tree(TreeAnswer::Progress { done, total }) => taking.set(Taking::Under { done, total }),
                Answer::Tree(TreeAnswer::Taken { name }) => {
                    let blobs: Array = parts.borrow_mut().drain(..).collect();
                    if let Some(blob) = blob_of(&blobs) {
                        save_blob(&blob, &name);
                    }
                    taking.set(Taking::Idle);
                }
                Answer::Tree(TreeAnswer::Failed(sentence)) => taking.set(Taking::Failed(sentence)),
                _ => {}
            });
            let question = Question::Tree(TreeQuestion::Take { image, path, height, tar });
            *ticket.borrow_mut() = Some(client.ask(question, heard));
        })
    };
    let cancel = {
        let taking = taking.setter();
        Callback::from(move |_: MouseEvent| {
            ticket.borrow_mut().take();
            parts.borrow_mut().clear();
            taking.set(Taking::Idle);
        })
    };
    match &*taking {
        Taking::Under { done, total } => html! {
            <span class="take" role="status">
                <progress max={(*total).max(1).to_string()} value={done.to_string()} aria-label={props.label.clone()} />
                <span>{ fill("tree.take.progress", &[("done", &format::bytes(*done)), ("total", &format::bytes(*total))]) }</span>
                <button class="tool tool--word" data-testid="take-cancel" onclick={cancel}>{ text("tree.take.cancel") }</button>
            </span>
        },
        state => html! {
            <>
                <button class="tool tool--word" data-testid={if props.tar { "take-tar" } else { "take-file" }} onclick={start}>{ "⤓ " }{ &props.label }</button>
                if let Taking::Failed(sentence) = state { <span class="take__failed" role="alert">{ sentence }</span> }
            </>
        },
    }
}

/// Of the type that says nothing: a browser would add an ending to the name of what it takes for text, and must never
/// take it for a page.
fn blob_of(parts: &Array) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    Blob::new_with_blob_sequence_and_options(parts, &options).ok()
}

/// Makes a blob of bytes.
pub fn blob(bytes: &ArrayBuffer, media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &options).ok()
}
