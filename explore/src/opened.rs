//! What a pane shows: an image of an open archive, its plan, and a line to the explorer.

use std::rc::Rc;

use layerlab_core::archive::{Image, ImageArchive};
use layerlab_web::{
    lazy::{Host, OpenArchive},
    protocol::ArchiveId,
};
use yew::prelude::*;

use crate::{ask::use_client, client::Client};

/// One image of an open archive. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Opened {
    pub id: ArchiveId,
    pub key: AttrValue,
    /// Base name of what was opened.
    pub file: AttrValue,
    pub image: usize,
    pub plan: Rc<ImageArchive>,
    pub client: Client,
}

impl Opened {
    pub fn listed(&self) -> Option<&Image> {
        self.plan.images.get(self.image)
    }

    /// The address of a layer in the picture of the stack, as a link has it.
    pub fn layer_link(&self, layer: usize) -> String {
        format!("#/a/{}/image/{}/layers?layer={}", self.key, self.image, layer + 1)
    }
}

impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.image == other.image && Rc::ptr_eq(&self.plan, &other.plan)
    }
}

/// `None` while nothing is known of the archive.
#[hook]
pub fn use_opened(host: &Host, archive: &OpenArchive, image: usize) -> Option<Opened> {
    let plan = use_memo((host.clone(), archive.id, archive.phase), |(host, id, _)| host.plan(*id).map(Rc::new));
    let client = use_client(host, Some(archive.id));
    Some(Opened {
        id: archive.id,
        key: archive.key.clone().into(),
        file: archive.source.name.clone().into(),
        image,
        plan: (*plan).clone()?,
        client: client?,
    })
}
