use js_sys::{ArrayBuffer, Uint8Array};
use layerlab_core::{display::harmless_text, path::PathId};
use layerlab_web::view_model::format;
use web_sys::Url;
use yew::prelude::*;

use super::{hex, highlight, take};
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
pub struct ContentProps {
    pub client: Client,
    pub image: u32,
    pub path: PathId,
    /// The layer whose version is shown.
    pub layer: u32,
    /// The whole path, made harmless.
    pub name: AttrValue,
    pub size: u64,
}

/// Bytes that are shown of a text or as hex at a time.
const PIECE: u64 = 64 << 10;
/// The largest picture that is shown; a larger one can be taken out.
const PICTURE: u64 = 16 << 20;

/// What has come so far.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Waiting { done: u64, total: u64 },
    Bytes { offset: u64, bytes: Vec<u8> },
    Picture(AttrValue),
    Failed(String),
}

/// A file as text, as a picture, or as hex, a piece at a time.
#[component(Content)]
pub fn content(props: &ContentProps) -> Html {
    let shown = use_state_eq(|| Shown::Waiting { done: 0, total: 0 });
    let offset = use_state_eq(|| 0_u64);
    let as_hex = use_state_eq(|| false);
    let ticket = use_mut_ref(|| None::<Ticket>);
    let url = use_mut_ref(|| None::<String>);
    let media_type = picture_type(&props.name).filter(|_| props.size <= PICTURE && !*as_hex);
    {
        let (shown, ticket, url) = (shown.setter(), ticket.clone(), url.clone());
        let (client, image, path) = (props.client.clone(), props.image, props.path);
        use_effect_with((props.layer, path, *offset, media_type), move |&(layer, path, offset, media_type)| {
            shown.set(Shown::Waiting { done: 0, total: 0 });
            let forget = url.clone();
            let heard = Callback::from(move |Heard { answer, buffer, .. }: Heard| match answer {
                Answer::Tree(TreeAnswer::Progress { done, total }) => shown.set(Shown::Waiting { done, total }),
                Answer::Tree(TreeAnswer::Bytes { offset, .. }) => {
                    let Some(buffer) = buffer else { return };
                    let picture = media_type.and_then(|media_type| picture_url(&buffer, media_type));
                    shown.set(match picture {
                        Some(picture) => {
                            url.replace(Some(picture.clone()));
                            Shown::Picture(picture.into())
                        }
                        None => Shown::Bytes { offset, bytes: Uint8Array::new(&buffer).to_vec() },
                    });
                }
                Answer::Tree(TreeAnswer::Failed(sentence)) => shown.set(Shown::Failed(sentence)),
                _ => {}
            });
            let len = if media_type.is_some() { PICTURE } else { PIECE };
            let question = Question::Tree(TreeQuestion::Read { image, path, layer, offset, len });
            *ticket.borrow_mut() = Some(client.ask(question, heard));
            move || {
                if let Some(url) = forget.take() {
                    let _ = Url::revoke_object_url(&url);
                }
            }
        });
    }
    let cancel = {
        let shown = shown.setter();
        Callback::from(move |_: MouseEvent| {
            ticket.borrow_mut().take();
            shown.set(Shown::Failed(text("tree.content.cancelled").to_string()));
        })
    };
    let body = match &*shown {
        Shown::Waiting { done, total } => html! {
            <p class="take" role="status">
                <progress max={(*total).max(1).to_string()} value={done.to_string()} aria-label={text("tree.content.reading")} />
                <button class="tool tool--word" onclick={cancel}>{ text("tree.take.cancel") }</button>
            </p>
        },
        Shown::Failed(sentence) => html! { <p class="files__note" role="status">{ sentence }</p> },
        Shown::Picture(url) => {
            html! { <figure class="content__picture"><img src={url.clone()} alt={props.name.clone()} /></figure> }
        }
        Shown::Bytes { bytes, .. } if bytes.is_empty() => {
            html! { <p class="files__note">{ text("tree.content.empty") }</p> }
        }
        Shown::Bytes { offset, bytes } => match as_text(bytes).filter(|_| !*as_hex) {
            Some(known) => lines(&props.name, known),
            None => {
                html! { <pre class="content__hex" tabindex="0" data-testid="content-hex">{ hex::lines(bytes, *offset) }</pre> }
            }
        },
    };
    let go = |to: u64| {
        let offset = offset.setter();
        Callback::from(move |_: MouseEvent| offset.set(to))
    };
    let end = (*offset + PIECE).min(props.size);
    html! {
        <div class="content" data-testid="content">
            <div class="content__bar">
                if matches!(&*shown, Shown::Bytes { .. }) && props.size > PIECE {
                    <button class="tool" disabled={*offset == 0} aria-label={text("tree.content.back")} onclick={go(offset.saturating_sub(PIECE))}>{ "←" }</button>
                    <span>{ fill("tree.content.piece", &[("from", &format::bytes(*offset)), ("to", &format::bytes(end)), ("of", &format::bytes(props.size))]) }</span>
                    <button class="tool" disabled={end >= props.size} aria-label={text("tree.content.on")} onclick={go(*offset + PIECE)}>{ "→" }</button>
                }
                <button
                    class={classes!("tool", "tool--word", as_hex.then_some("tool--on"))} aria-pressed={as_hex.to_string()}
                    onclick={let as_hex = as_hex.clone(); move |_| as_hex.set(!*as_hex)}
                >{ text("tree.content.hex") }</button>
            </div>
            { body }
        </div>
    }
}

fn lines(name: &str, known: &str) -> Html {
    let coloured = highlight::is_known(name);
    let line = |line: &str| -> Html {
        let safe = line.split('\t').map(harmless_long).collect::<Vec<_>>().join("    ");
        if !coloured {
            return html! { <>{ safe }{ "\n" }</> };
        }
        let stretches: Vec<(Option<&str>, String)> =
            highlight::line(&safe).into_iter().map(|(token, part)| (token.class(), part.to_owned())).collect();
        html! {
            <>
                { for stretches.into_iter().map(|(class, part)| match class {
                    Some(class) => html! { <span {class}>{ part }</span> },
                    None => html! { { part } },
                }) }
                { "\n" }
            </>
        }
    };
    html! { <pre class="content__text" tabindex="0" data-testid="content-text">{ for known.lines().map(line) }</pre> }
}

/// `harmless_text` shortens: a long line is made harmless piece by piece.
fn harmless_long(text: &str) -> String {
    const PART: usize = 400;
    let chars: Vec<char> = text.chars().collect();
    // Backslashes are doubled in names, so that no two look alike; a text is shown as it was written.
    chars.chunks(PART).map(|part| harmless_text(&part.iter().collect::<String>()).replace("\\\\", "\\")).collect()
}

/// Bytes that are text, but for a character that the end of the piece has cut.
fn as_text(bytes: &[u8]) -> Option<&str> {
    if bytes.contains(&0) {
        return None;
    }
    let whole = |bytes| std::str::from_utf8(bytes).ok();
    whole(bytes).or_else(|| {
        let skipped = bytes.iter().take(3).take_while(|&&byte| byte & 0xc0 == 0x80).count();
        let rest = &bytes[skipped..];
        let error = std::str::from_utf8(rest).err();
        match error {
            None => whole(rest),
            Some(error) if error.error_len().is_none() && error.valid_up_to() + 4 > rest.len() => {
                whole(&rest[..error.valid_up_to()])
            }
            Some(_) => None,
        }
    })
}

/// The media type of a picture, by its name. An SVG is only ever the source of an image, where its scripts are dead.
fn picture_type(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let types = [
        (".png", "image/png"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".gif", "image/gif"),
        (".webp", "image/webp"),
        (".avif", "image/avif"),
        (".bmp", "image/bmp"),
        (".ico", "image/x-icon"),
        (".svg", "image/svg+xml"),
    ];
    types.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, media_type)| media_type)
}

fn picture_url(buffer: &ArrayBuffer, media_type: &str) -> Option<String> {
    Url::create_object_url_with_blob(&take::blob(buffer, media_type)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_a_text_is_text_though_it_cuts_characters() {
        let text = "äöü".repeat(3);
        let bytes = text.as_bytes();
        assert_eq!(as_text(bytes), Some(text.as_str()));
        assert_eq!(as_text(&bytes[..5]), Some("äö"));
        assert_eq!(as_text(&bytes[1..6]), Some("öü"));
        assert_eq!(as_text(b"a\0b"), None);
        assert_eq!(as_text(b"a\xffb"), None);
    }

    #[test]
    fn a_long_line_of_text_is_shown_whole_and_harmless() {
        let text = format!("{}\u{202e}c:\\dir", "x".repeat(2_000));
        let shown = harmless_long(&text);
        assert!(shown.ends_with("\\u{202e}c:\\dir") && shown.len() > 2_000, "{}", shown.len());
    }
}
