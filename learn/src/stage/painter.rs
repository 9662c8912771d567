//! Draws pictures, sixty a second: only the attributes that changed are written.
//!
//! The elements are made here and not by Yew, because a comparison of the whole picture for each frame would take
//! longer than the frame has.

use std::collections::HashMap;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element};

use super::shape;
use crate::geometry::{Item, Key, Look, Picture};

const SVG: &str = "http://www.w3.org/2000/svg";

/// The drawn picture.
#[derive(Debug)]
pub struct Painter {
    document: Document,
    /// One group for each depth, the lowest first.
    groups: Vec<Element>,
    nodes: HashMap<Key, Node>,
    made: u32,
}

#[derive(Debug)]
struct Node {
    element: Element,
    id: u32,
    item: Item,
    chosen: bool,
    turn: bool,
}

impl Painter {
    /// Draws in an `svg` or `g` element, which must be left alone otherwise.
    pub fn new(root: &Element) -> Option<Self> {
        let document = root.owner_document()?;
        let groups = (0..Look::DEPTHS)
            .map(|_| {
                let group = document.create_element_ns(Some(SVG), "g").ok()?;
                root.append_child(&group).ok()?;
                Some(group)
            })
            .collect::<Option<_>>()?;
        Some(Self { document, groups, nodes: HashMap::new(), made: 0 })
    }

    pub fn paint(&mut self, picture: &Picture, chosen: Option<&Key>) {
        for node in self.nodes.values_mut() {
            node.turn = false;
        }
        for item in &picture.items {
            let chosen = chosen == Some(&item.key);
            match self.nodes.get_mut(&item.key) {
                Some(node) => {
                    update(&self.groups, node, item, chosen);
                    node.turn = true;
                }
                None => self.make(item, chosen),
            }
        }
        self.nodes.retain(|_, node| {
            if !node.turn {
                node.element.remove();
            }
            node.turn
        });
    }

    /// The item that an event's target belongs to.
    pub fn item_at(&self, target: &Element) -> Option<(&Item, &Element)> {
        let element = target.closest("[data-item]").ok()??;
        let id: u32 = element.get_attribute("data-item")?.parse().ok()?;
        self.nodes.values().find(|node| node.id == id).map(|node| (&node.item, &node.element))
    }

    fn make(&mut self, item: &Item, chosen: bool) {
        let Ok(element) = self.document.create_element_ns(Some(SVG), "g") else { return };
        self.made += 1;
        let id = self.made;
        let _ = element.set_attribute("data-item", &id.to_string());
        element.set_inner_html(shape::inside(&item.look));
        let _ = element.set_attribute("class", &class(item, chosen));
        let _ = element.set_attribute("style", &style(item));
        place(&element, item);
        size(&element, item);
        write(&element, item);
        let _ = self.groups[item.look.depth()].append_child(&element);
        self.nodes.insert(item.key.clone(), Node { element, id, item: item.clone(), chosen, turn: true });
    }
}

fn update(groups: &[Element], node: &mut Node, item: &Item, chosen: bool) {
    let before = &node.item;
    let element = &node.element;
    let mut reshaped = false;
    if before.look != item.look || node.chosen != chosen {
        reshaped = shape::inside(&before.look) != shape::inside(&item.look);
        if reshaped {
            element.set_inner_html(shape::inside(&item.look));
        }
        if before.look.depth() != item.look.depth() {
            let _ = groups[item.look.depth()].append_child(element);
        }
        let _ = element.set_attribute("class", &class(item, chosen));
        shape::dress(element, &item.look);
    }
    if before.opacity != item.opacity || before.glow != item.glow || before.look != item.look {
        let _ = element.set_attribute("style", &style(item));
    }
    if (before.rect.x, before.rect.y) != (item.rect.x, item.rect.y) {
        place(element, item);
    }
    if reshaped || (before.rect.w, before.rect.h) != (item.rect.w, item.rect.h) {
        size(element, item);
    }
    if reshaped || before.label != item.label {
        write(element, item);
    }
    if reshaped || before != item || node.chosen != chosen {
        node.item = item.clone();
        node.chosen = chosen;
    }
}

fn class(item: &Item, chosen: bool) -> String {
    let mut class = shape::class(&item.look);
    if chosen {
        class.push_str(" is-chosen");
    }
    class
}

fn style(item: &Item) -> String {
    let mut style = shape::style(&item.look);
    if item.opacity < 1.0 {
        style.push_str(&format!("opacity:{:.3};", item.opacity));
    }
    if item.glow > 0.0 {
        style.push_str(&format!("--glow:{:.3};", item.glow));
    }
    style
}

fn place(element: &Element, item: &Item) {
    let _ = element.set_attribute("transform", &format!("translate({:.2} {:.2})", item.rect.x, item.rect.y));
}

/// Gives the parts of an item their sizes and places.
fn size(element: &Element, item: &Item) {
    let (w, h) = (item.rect.w, item.rect.h);
    let parts = element.children();
    for at in 0..parts.length() {
        let Some(part) = parts.item(at) else { continue };
        let set = |name: &str, value: String| {
            let _ = part.set_attribute(name, &value);
        };
        match part.get_attribute("data-part").as_deref() {
            Some("box") => {
                set("width", format!("{:.2}", w.max(0.0)));
                set("height", format!("{:.2}", h.max(0.0)));
            }
            Some("label") => {
                set("x", format!("{:.2}", w / 2.0));
                set("y", format!("{:.2}", h / 2.0 + 4.5));
            }
            Some("over") => set("x", format!("{:.2}", w / 2.0)),
            Some("corner") => set("transform", format!("translate({w:.2} 0)")),
            Some("middle") => set("transform", format!("translate({:.2} {:.2})", w / 2.0, h / 2.0)),
            Some("bracket") => set("d", format!("M0 {h:.1}V2q0-2 2-2H{:.1}q2 0 2 2V{h:.1}", w - 2.0)),
            Some("line") => set("d", format!("M0 0V{h:.2}")),
            Some("end") => set("cy", format!("{h:.2}")),
            Some("curve") => set("d", format!("M0 {h:.2}C-34 {:.2} -34 {:.2} 0 6", h * 0.66, h * 0.33)),
            _ => {}
        }
    }
}

fn write(element: &Element, item: &Item) {
    if let Ok(Some(label)) = element.query_selector("text[data-part=label], text[data-part=over]") {
        label.set_text_content(Some(&item.label));
    }
    shape::dress(element, &item.look);
    // What is shortened in the picture is whole in the tooltip.
    if let Ok(Some(title)) = element.query_selector("title")
        && let Key::Piece(crate::scene::PieceKey { path, .. }) | Key::Seen(path) | Key::Bracket(path) = &item.key
    {
        title.unchecked_ref::<Element>().set_text_content(Some(&path.to_string()));
    }
}
