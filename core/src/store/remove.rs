//! Removing an image: what goes, what stays, and why.
//!
//! Source: moby, `daemon/images/image_delete.go`.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::{ImageName, Measure, Store};
use crate::digest::{ChainId, Digest, ImageId};

/// What a removal did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Names that went. With the last one goes the image.
    pub untagged: Vec<ImageName>,
    /// `None` where the image stays, because it has another name.
    pub image: Option<ImageId>,
    /// Layers that went, top first, as Docker deletes them.
    pub layers: Vec<ChainId>,
    /// Layers of the image that stay, top first.
    pub kept: Vec<Kept>,
    pub blobs: Vec<Digest>,
    /// Unpacked bytes that were freed.
    pub freed: u64,
}

/// A layer that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub chain: ChainId,
    /// The images that need it.
    pub needed_by: Vec<ImageId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoveError {
    NoSuchImage {
        name: String,
    },
    /// Given by its ID, and it has names in more than one repository.
    SeveralRepositories {
        id: ImageId,
    },
}

impl Store {
    /// Takes a name from an image, and with its last name the image, and with the image those of its layers and blobs
    /// that no other image needs. By ID all its names go, unless they are in several repositories and `force` is not
    /// given.
    pub fn remove(&mut self, name: &str, force: bool) -> Result<Removed, RemoveError> {
        let image = self.image(name).ok_or_else(|| RemoveError::NoSuchImage { name: name.into() })?;
        let id = image.id.clone();
        let names: Vec<ImageName> = self.tags().of(&id).cloned().collect();
        let given = ImageName::parse(name);
        let untagged = if names.contains(&given) {
            vec![given]
        } else {
            let repositories: BTreeSet<String> = names.iter().map(ImageName::repository).collect();
            if repositories.len() > 1 && !force {
                return Err(RemoveError::SeveralRepositories { id });
            }
            names.clone()
        };
        for name in &untagged {
            self.tags.remove(name);
        }
        let mut removed = Removed { untagged, ..Removed::default() };
        if removed.untagged.len() == names.len() {
            self.drop_image(&id, &mut removed);
        }
        Ok(removed)
    }

    fn drop_image(&mut self, id: &ImageId, removed: &mut Removed) {
        let before = self.usage(Measure::Unpacked).physical;
        let Some(image) = self.images.remove(id) else { return };
        removed.image = Some(id.clone());
        for chain in image.chain_ids().iter().rev() {
            let needed_by: Vec<ImageId> = self.users_of_layer(chain).map(|image| image.id.clone()).collect();
            if needed_by.is_empty() {
                self.layers.remove(chain);
                removed.layers.push(chain.clone());
            } else {
                removed.kept.push(Kept { chain: chain.clone(), needed_by });
            }
        }
        let blobs: BTreeSet<&Digest> = image.blobs().map(|(digest, _)| digest).collect();
        for digest in blobs {
            if self.users_of_blob(digest).next().is_none() && self.content.remove(digest).is_some() {
                removed.blobs.push(digest.clone());
            }
        }
        removed.freed = before.saturating_sub(self.usage(Measure::Unpacked).physical);
    }
}

impl Removed {
    /// What `docker rmi` prints.
    pub fn lines(&self) -> Vec<String> {
        let untagged = self.untagged.iter().map(|name| format!("Untagged: {name}"));
        let image = self.image.iter().map(|id| format!("Deleted: {id}"));
        let layers = self.layers.iter().map(|chain| format!("Deleted: {chain}"));
        untagged.chain(image).chain(layers).collect()
    }
}

/// The daemon's words.
impl fmt::Display for RemoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchImage { name } => write!(f, "No such image: {}", crate::display::harmless_text(name)),
            Self::SeveralRepositories { id } => write!(
                f,
                "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
                id.0.short()
            ),
        }
    }
}

impl std::error::Error for RemoveError {}
