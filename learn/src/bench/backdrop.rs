//! What of a machine is in the picture.

use layerlab_core::overlay::{
    MergedPath, Overlay,
    engine::{Container, Engine, Image},
};

use crate::scene::{Backdrop, Stand};

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The container whose merged view is drawn; without one, an image.
    pub container: Option<String>,
    /// The image that is drawn while there is no container.
    pub image: Option<String>,
    /// Whether the host's kernel is drawn.
    pub kernel: bool,
    /// See [`Backdrop::columns`].
    pub columns: usize,
    /// See [`Backdrop::every_look_up`].
    pub every_look_up: bool,
    /// See [`Backdrop::focus`].
    pub focus: Option<MergedPath>,
}

impl View {
    /// The same view where what it looked at is gone: at the first container, or else at the newest image.
    pub fn looking(mut self, engine: &Engine) -> Self {
        let is_there = self.container.as_ref().is_some_and(|name| engine.container(name).is_ok());
        if !is_there {
            self.container = engine.containers().first().map(|container| container.name.clone());
        }
        let is_there = self.image.as_ref().is_some_and(|name| engine.image(name).is_ok());
        if !is_there {
            self.image = engine.images().last().map(|image| image.id.0.to_string());
        }
        self
    }

    /// Looks at what is new: a container that was run, an image that was made.
    pub fn after(mut self, before: &Engine, after: &Engine) -> Self {
        let is_new = |container: &&Container| before.container(&container.id).is_err();
        if let Some(container) = after.containers().iter().rev().find(is_new) {
            self.container = Some(container.name.clone());
        }
        let is_new = |image: &&Image| !before.images().iter().any(|old| old.id == image.id);
        if let Some(image) = after.images().iter().rev().find(is_new) {
            self.image = Some(image.id.0.to_string());
        }
        self
    }
}

/// The mount that is looked at, and what is drawn around it; `None` on a machine without images.
pub fn shot(engine: &Engine, view: &View) -> Option<(Overlay, Backdrop)> {
    let plain = Backdrop {
        kernel: view.kernel,
        columns: view.columns,
        every_look_up: view.every_look_up,
        focus: view.focus.clone(),
        ..Backdrop::default()
    };
    let container = view.container.as_ref().and_then(|name| engine.container(name).ok());
    if let Some(container) = container {
        let image = engine.image(&container.image.0.to_string()).ok();
        let backdrop = Backdrop {
            made_by: image.map(made_by).unwrap_or_default(),
            sizes: image.map(sizes).unwrap_or_default(),
            image_layers: image.map(|image| image.layers.len()),
            stands: stands_of(engine, view),
            ..plain
        };
        return Some((container.overlay.clone(), backdrop));
    }
    let image = view.image.as_ref().and_then(|name| engine.image(name).ok()).or_else(|| engine.images().last())?;
    let overlay = Overlay::new(image.lowers(), layerlab_core::overlay::Mode::Default);
    Some((overlay, Backdrop { made_by: made_by(image), sizes: sizes(image), only_image: true, ..plain }))
}

/// The containers over the same image as the one that is looked at.
pub fn stands_of(engine: &Engine, view: &View) -> Vec<Stand> {
    let Some(chosen) = view.container.as_ref().and_then(|name| engine.container(name).ok()) else { return Vec::new() };
    engine
        .containers()
        .iter()
        .filter(|container| container.image == chosen.image)
        .map(|container| Stand {
            name: container.name.clone(),
            running: container.is_running(),
            chosen: container.id == chosen.id,
            bytes: container.size(),
            changes: container.overlay.upper().layer().walk().len(),
        })
        .collect()
}

/// For each layer, base first, the instruction that made it.
fn made_by(image: &Image) -> Vec<String> {
    let steps = image.history.iter().filter(|step| step.has_layer);
    steps.map(|step| step.created_by.clone()).collect()
}

fn sizes(image: &Image) -> Vec<u64> {
    image.layers.iter().map(|layer| layer.size).collect()
}
