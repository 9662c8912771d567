//! The side "files" of an image: which layers are read and how, the tree, and the path that was chosen in it.

mod content;
pub mod diff;
mod filter_bar;
mod hex;
mod highlight;
mod layers;
mod life;
mod reading;
mod rows;
mod scroll;
mod search_box;
mod side;
mod table;
mod take;
mod toolbar;

use std::rc::Rc;

use layerlab_core::{
    explore::{Direction, Reading},
    path::PathId,
};
use layerlab_web::{
    lazy::{Host, OpenArchive, OpenPhase},
    view_model::instruction,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

use crate::{
    address::Address,
    ask::use_client,
    client::{Client, Heard, Ticket},
    protocol::{
        Answer, Question,
        tree::{Act, Page, TreeAnswer, TreeQuestion},
    },
    text,
};

use self::{filter_bar::FilterBar, layers::LayerPicker, search_box::SearchBox, side::Side, table::Table};

#[derive(Debug, PartialEq, Properties)]
pub struct FilesPaneProps {
    pub host: Host,
    pub archive: OpenArchive,
    /// Path and query.
    pub address: AttrValue,
}

/// The files of the image that the address names.
#[component(FilesPane)]
pub fn files_pane(props: &FilesPaneProps) -> Html {
    let FilesPaneProps { host, archive, address } = props;
    let client = use_client(host, Some(archive.id));
    let address = Address::parse(address);
    let image = address.as_ref().map(|address| address.image as usize);
    let instructions = use_memo((host.clone(), archive.id, archive.phase, image), |(host, id, _, image)| {
        let plan = host.plan(*id)?;
        let layers = &plan.images.get((*image)?)?.layers;
        let plain = |created_by: &String| instruction::plain(created_by);
        Some(Rc::new(layers.iter().map(|layer| layer.created_by.as_ref().map(plain)).collect::<Vec<_>>()))
    });
    match (address, client, (*instructions).clone()) {
        (Some(address), Some(client), Some(instructions)) if archive.phase == OpenPhase::Done => {
            html! { <Files host={host.clone()} {address} {client} {instructions} /> }
        }
        _ => html! { <p class="empty" role="status">{ text("tree.waiting") }</p> },
    }
}

#[derive(Debug, PartialEq, Properties)]
struct FilesProps {
    host: Host,
    address: Address,
    client: Client,
    /// What made each layer of the image, the base first.
    instructions: Rc<Vec<Option<String>>>,
}

/// Rows of the first window; the table asks for what it needs as soon as it knows its size.
const FIRST_WINDOW: u32 = 80;

/// The files of one image.
#[component(Files)]
fn files(props: &FilesProps) -> Html {
    let FilesProps { host, address, client, instructions } = props;
    let page = use_state(|| None::<Rc<Page>>);
    let failure = use_state_eq(|| None::<String>);
    let focus = use_state_eq(|| 0_u32);
    let chosen = use_state_eq(|| None::<PathId>);
    let window = use_mut_ref(|| (0_u32, FIRST_WINDOW));
    let tickets = use_mut_ref(Vec::<Ticket>::new);
    let image = address.image;
    let ask = {
        let (client, page, failure) = (client.clone(), page.setter(), failure.setter());
        let (focus, chosen, window) = (focus.setter(), chosen.setter(), window.clone());
        let tickets = tickets.clone();
        Callback::from(move |act: Act| {
            let finds = matches!(act, Act::Find(_));
            let (page, failure, focus, chosen) = (page.clone(), failure.clone(), focus.clone(), chosen.clone());
            let seen = window.clone();
            let heard = Callback::from(move |heard: Heard| match heard.answer {
                Answer::Tree(TreeAnswer::Page(new)) => {
                    seen.borrow_mut().0 = new.start;
                    if let Some(hit) = new.hit {
                        focus.set(hit.row as u32);
                        if finds {
                            chosen.set(Some(hit.path));
                        }
                    }
                    failure.set(None);
                    page.set(Some(Rc::new(*new)));
                }
                Answer::Tree(TreeAnswer::Failed(sentence)) => failure.set(Some(sentence)),
                _ => {}
            });
            let (start, len) = *window.borrow();
            let question = Question::Tree(TreeQuestion::View { image, act, start, len });
            let mut tickets = tickets.borrow_mut();
            tickets.push(client.ask(question, heard));
            // Answers come in the order of the questions: of many, the last few can be on their way.
            let answered = tickets.len().saturating_sub(8);
            tickets.drain(..answered);
        })
    };
    let layers = instructions.len() as u32;
    let wanted = reading::of_address(address, layers);
    {
        let ask = ask.clone();
        use_effect_with((image, wanted), move |(_, reading)| ask.emit(Act::Read(*reading)));
    }
    let path = address.query.get("path").cloned();
    {
        let (ask, chosen) = (ask.clone(), chosen.setter());
        use_effect_with((image, path, wanted), move |(_, path, _)| match path {
            Some(path) => ask.emit(Act::Find(path.clone())),
            None => chosen.set(None),
        });
    }
    let go = {
        let host = host.clone();
        Callback::from(move |address: Address| host.go(&address.write(), true))
    };
    let on_reading = {
        let (go, address) = (go.clone(), address.clone());
        Callback::from(move |reading: Reading| go.emit(reading::into_address(address.clone(), reading)))
    };
    let on_choose = {
        let (go, address, chosen) = (go.clone(), address.clone(), chosen.setter());
        Callback::from(move |path: Option<PathId>| {
            chosen.set(path);
            if path.is_none() {
                go.emit(address.clone().with("path", None));
            }
        })
    };
    // A row knows its name only; the bytes of the whole path come with the path's life.
    let on_named = {
        let (go, address) = (go.clone(), address.clone());
        Callback::from(move |path: Vec<u8>| {
            if address.query.get("path") != Some(&path) {
                go.emit(address.clone().with("path", Some(path)));
            }
        })
    };
    let root = use_node_ref();
    let onkeydown = {
        let (root, ask, on_reading, page) = (root.clone(), ask.clone(), on_reading.clone(), page.clone());
        Callback::from(move |event: KeyboardEvent| {
            let typing = event
                .target_dyn_into::<web_sys::Element>()
                .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"));
            let Some(page) = page.as_deref().filter(|_| !typing && !event.ctrl_key() && !event.meta_key()) else {
                return;
            };
            match event.key().as_str() {
                "/" => focus_on(&root, "[data-testid=files-search]"),
                "=" => on_reading.emit(reading::toggled(page.reading)),
                "[" => on_reading.emit(reading::stepped(page.reading, -1, page.height)),
                "]" => on_reading.emit(reading::stepped(page.reading, 1, page.height)),
                "*" => ask.emit(Act::ExpandToChanges),
                "#" => toolbar::largest_first(page).into_iter().for_each(|act| ask.emit(act)),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let Some(page) = (*page).clone() else {
        return match &*failure {
            Some(sentence) => html! { <p class="empty" role="alert">{ sentence }</p> },
            None => {
                html! { <><style>{ STYLE }</style><p class="empty" role="status">{ text("tree.files.opening") }</p></> }
            }
        };
    };
    if page.height == 0 {
        return html! { <p class="empty">{ text("tree.files.no-layers") }</p> };
    }
    let on_window = {
        let ask = ask.clone();
        Callback::from(move |(start, len): (u32, u32)| {
            *window.borrow_mut() = (start, len);
            ask.emit(Act::Look);
        })
    };
    let on_jump = {
        let (ask, page, focus) = (ask.clone(), page.clone(), *focus);
        Callback::from(move |direction: Direction| {
            let from = rows::row_at(&page, focus).map(|row| row.path);
            ask.emit(Act::Jump { from, direction });
        })
    };
    html! {
        <div class={classes!("files", chosen.map(|_| "files--chosen"))} data-testid="files" ref={root} {onkeydown}>
            <style>{ STYLE }</style>
            <LayerPicker
                reading={page.reading} height={page.height} layers={layers} instructions={instructions.clone()}
                on_reading={on_reading.clone()}
            />
            <div class="files__main">
                <div class="files__bars">
                    <SearchBox hits={page.hits} hit={page.hit} on_act={ask.clone()} {on_jump} />
                    <FilterBar page={page.clone()} on_act={ask.clone()} />
                </div>
                { toolbar::toolbar(&page, client, image, &ask) }
                <Table
                    page={page.clone()} focus={*focus} chosen={*chosen} on_act={ask.clone()} {on_window}
                    on_focus={let focus = focus.setter(); Callback::from(move |row| focus.set(row))}
                    on_choose={on_choose.clone()}
                />
                { toolbar::totals(&page) }
            </div>
            if let Some(path) = *chosen {
                <Side
                    key={path.0.to_string()} client={client.clone()} {image} {path} reading={page.reading}
                    instructions={instructions.clone()} {on_named} on_close={on_choose.reform(|()| None)}
                />
            }
        </div>
    }
}

/// Loaded with the module, so that who never explores never loads it.
const STYLE: &str = include_str!("../../../static/styles/files.css");

fn focus_on(root: &NodeRef, selector: &str) {
    let found = root.cast::<web_sys::Element>().and_then(|root| root.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Keys of the catalogue that are made, and not written, in the sources of this folder.
#[cfg(test)]
pub fn made_keys() -> impl Iterator<Item = String> {
    rows::made_keys().into_iter().chain(life::made_keys())
}
