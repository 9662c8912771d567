//! Saving text and pictures as files.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use layerlab_web::hooks::save_blob;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, Url};

/// What kind of file: its media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Json,
    Markdown,
    Svg,
}

impl Kind {
    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Json => "application/json",
            Self::Markdown => "text/markdown;charset=utf-8",
            Self::Svg => "image/svg+xml",
        }
    }
}

pub fn save(bytes: &[u8], name: &str, kind: Kind) {
    save_buffer(&Uint8Array::from(bytes).buffer(), name, kind);
}

pub fn save_buffer(bytes: &ArrayBuffer, name: &str, kind: Kind) {
    if let Some(blob) = blob(bytes, kind) {
        save_blob(&blob, name);
    }
}

/// Draws an SVG document into a PNG of twice its size. The document is loaded as an image, in which no script runs and
/// nothing is fetched.
pub fn save_png(svg: &str, name: &str) {
    let Some(blob) = blob(&Uint8Array::from(svg.as_bytes()).buffer(), Kind::Svg) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    let Ok(image) = HtmlImageElement::new() else { return };
    let (drawn, source, name) = (image.clone(), url.clone(), name.to_owned());
    let on_load = Closure::once_into_js(move || {
        draw(&drawn, name);
        drop(Url::revoke_object_url(&source));
    });
    image.set_onload(Some(on_load.unchecked_ref()));
    image.set_src(&url);
}

fn draw(image: &HtmlImageElement, name: String) -> Option<()> {
    const SCALE: u32 = 2;
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(image.natural_width() * SCALE);
    canvas.set_height(image.natural_height() * SCALE);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height).ok()?;
    let on_blob = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            save_blob(&blob, &name);
        }
    });
    canvas.to_blob(on_blob.unchecked_ref()).ok()
}

fn blob(bytes: &ArrayBuffer, kind: Kind) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind.media_type());
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &options).ok()
}
