use std::rc::Rc;

use js_sys::Uint8Array;
use layerlab_core::{archive::LayerBlob, display::harmless_text, lesson::OwnImage};
use layerlab_web::{
    lazy::{Host, OpenArchive, OpenPhase},
    protocol::ArchiveId,
};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;
use yew::prelude::*;

use crate::{
    own::{self, OwnError},
    text,
};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OwnImagePickerProps {
    pub host: Host,
    /// Grows when archives are opened.
    pub turn: u32,
    pub on_own: Callback<Rc<OwnImage>>,
}

/// The opened archives, one of whose images can take the place of the lesson's.
#[component(OwnImagePicker)]
pub fn own_image_picker(props: &OwnImagePickerProps) -> Html {
    let problem = use_state_eq(|| None::<String>);
    let open: Vec<OpenArchive> =
        props.host.archives().into_iter().filter(|archive| archive.phase == OpenPhase::Done).collect();
    let bring = |archive: &OpenArchive| {
        let (host, on_own, problem) = (props.host.clone(), props.on_own.clone(), problem.clone());
        let (id, image) = (archive.id, archive.image.unwrap_or(0));
        Callback::from(move |_: MouseEvent| {
            let (host, on_own, problem) = (host.clone(), on_own.clone(), problem.clone());
            spawn_local(async move {
                match brought(&host, id, image).await {
                    Ok(own) => {
                        problem.set(None);
                        on_own.emit(Rc::new(own));
                    }
                    Err(error) => problem.set(Some(error.to_string())),
                }
            });
        })
    };
    html! {
        <section class="own" data-testid="own">
            <h3>{ text("own.title") }</h3>
            if open.is_empty() { <p class="panel__note">{ text("own.none") }</p> }
            <div class="lesson__ways">
                { for open.iter().map(|archive| html! {
                    <button type="button" class="act" onclick={bring(archive)} data-testid="own-image">
                        { harmless_text(&archive.source.name) }
                    </button>
                }) }
            </div>
            if let Some(problem) = &*problem { <p class="terminal__message" role="alert">{ problem }</p> }
        </section>
    }
}

async fn brought(host: &Host, id: ArchiveId, image: usize) -> Result<OwnImage, OwnError> {
    let (Some(plan), Some(report)) = (host.plan(id), host.report(id)) else { return Err(OwnError::Incomplete) };
    let files = host.files(id);
    let mut stored: Vec<(LayerBlob, Vec<u8>)> = Vec::new();
    for blob in own::blobs(&plan, &report, image)? {
        let file = files.get(blob.location.volume as usize).ok_or(OwnError::Incomplete)?;
        let bytes = read(file, &blob).await?;
        stored.push((blob, bytes));
    }
    own::image(&report, image, &stored)
}

async fn read(file: &File, blob: &LayerBlob) -> Result<Vec<u8>, OwnError> {
    let unreadable = |error: wasm_bindgen::JsValue| OwnError::Unreadable(format!("{error:?}"));
    let (start, end) = (blob.location.offset as f64, blob.location.offset.saturating_add(blob.location.size) as f64);
    let slice = file.slice_with_f64_and_f64(start, end).map_err(unreadable)?;
    let buffer = JsFuture::from(slice.array_buffer()).await.map_err(unreadable)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
