//! Where a pane is: the archive and the image that the address names.

use std::rc::Rc;

use layerlab_core::archive::{Image, ImageArchive};
use layerlab_web::{
    lazy::{Host, OpenPhase},
    protocol::ArchiveId,
};
use yew::prelude::*;

use crate::client::Client;

/// One image of an open archive. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: ArchiveId,
    pub key: AttrValue,
    /// Base name of what was opened.
    pub file: AttrValue,
    pub image: usize,
    pub plan: Rc<ImageArchive>,
    pub client: Client,
}

impl Place {
    pub fn listed(&self) -> Option<&Image> {
        self.plan.images.get(self.image)
    }

    /// The address of a layer in the picture of the stack, as a link has it.
    pub fn layer_link(&self, layer: usize) -> String {
        format!("#/a/{}/image/{}/layers?layer={}", self.key, self.image, layer + 1)
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.image == other.image && Rc::ptr_eq(&self.plan, &other.plan)
    }
}

/// `None` while nothing is known of the archive, and for one that is not open.
#[hook]
pub fn use_place(host: &Host, key: &str, image: usize) -> Option<Place> {
    let open = host.archive(key);
    let known = open.as_ref().map(|open| (open.id, open.phase == OpenPhase::Done));
    let plan = use_memo(known, |known| {
        let (id, _) = (*known)?;
        host.plan(id).map(Rc::new)
    });
    let id = known.map(|(id, _)| id);
    let client = use_memo(id, |id| host.explorer((*id)?).map(Client::new));
    let open = open?;
    Some(Place {
        id: open.id,
        key: open.key.into(),
        file: open.source.name.into(),
        image,
        plan: (*plan).clone()?,
        client: (*client).clone()?,
    })
}
