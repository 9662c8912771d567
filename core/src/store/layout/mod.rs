//! What lies on disk for exactly these images: the files of Docker's overlay2 store and of containerd's.
//!
//! Everything is computed from the store but for what is random in reality, which is derived from what it names, is
//! the same in every session, and is marked [`FileNode::invented`].

mod containerd;
mod docker;
mod invented;

use serde::{Deserialize, Serialize};

pub use self::{
    containerd::containerd,
    docker::{docker, mount_line},
    invented::{cache_id, mount_id, short_name},
};
use crate::digest::{ChainId, ImageId};

/// A container, as far as it has a place on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerPlace {
    /// 64 hex characters.
    pub id: String,
    pub image: ImageId,
    /// `merged` is a mount point, and only there while it runs.
    pub running: bool,
}

/// A folder or file, below the root of its store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNode {
    /// `image/overlay2/repositories.json`.
    pub path: String,
    pub kind: FileKind,
    /// What it is for: the key of its explanation.
    pub role: Role,
    /// Its name or its content is random in reality.
    pub invented: bool,
    pub layer: Option<ChainId>,
    pub image: Option<ImageId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    Folder,
    /// A folder whose contents are the layer's own files.
    Tree {
        bytes: Option<u64>,
    },
    Text(String),
    /// The bytes are those of a blob, or are not computed here.
    File {
        bytes: Option<u64>,
    },
    Link {
        to: String,
    },
}

macro_rules! roles {
    ($($name:ident = $key:literal,)*) => {
        /// What a file is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Role { $($name,)* }

        impl Role {
            /// Every [`Self::key`], for the test that the catalogues have them.
            pub const KEYS: &'static [&'static str] = &[$($key,)*];

            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

roles! {
    Folder = "folder",
    Repositories = "repositories",
    ImageConfig = "image-config",
    LayerFolder = "layer-folder",
    LayerDiff = "layer-diff",
    LayerParent = "layer-parent",
    LayerSize = "layer-size",
    LayerCacheId = "layer-cache-id",
    TarSplit = "tar-split",
    DiffIdByDigest = "diff-id-by-digest",
    DigestsByDiffId = "digests-by-diff-id",
    MountFolder = "mount-folder",
    MountId = "mount-id",
    InitId = "init-id",
    MountParent = "mount-parent",
    Overlay = "overlay",
    OverlayInit = "overlay-init",
    OverlayContainer = "overlay-container",
    Diff = "diff",
    DiffContainer = "diff-container",
    LinkName = "link-name",
    Lower = "lower",
    Work = "work",
    Merged = "merged",
    Committed = "committed",
    ShortName = "short-name",
    Blob = "blob",
    BlobLabels = "blob-labels",
    Snapshot = "snapshot",
    SnapshotFs = "snapshot-fs",
    SnapshotWork = "snapshot-work",
    MetadataImages = "metadata-images",
    MetadataSnapshots = "metadata-snapshots",
}

/// Nodes being gathered. A folder is written before what is in it.
#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<FileNode>,
    about: (Option<ChainId>, Option<ImageId>),
}

impl Tree {
    /// What follows is about this layer.
    fn about_layer(&mut self, chain: &ChainId) {
        self.about = (Some(chain.clone()), None);
    }

    fn about_image(&mut self, image: &ImageId) {
        self.about = (None, Some(image.clone()));
    }

    fn about_nothing(&mut self) {
        self.about = (None, None);
    }

    fn add(&mut self, path: impl Into<String>, role: Role, kind: FileKind) -> &mut FileNode {
        let (layer, image) = self.about.clone();
        self.nodes.push(FileNode { path: path.into(), kind, role, invented: false, layer, image });
        let last = self.nodes.len() - 1;
        &mut self.nodes[last]
    }

    fn folder(&mut self, path: impl Into<String>, role: Role) -> &mut FileNode {
        self.add(path, role, FileKind::Folder)
    }

    fn text(&mut self, path: impl Into<String>, role: Role, text: impl Into<String>) -> &mut FileNode {
        self.add(path, role, FileKind::Text(text.into()))
    }
}

impl FileNode {
    fn invented(&mut self) {
        self.invented = true;
    }

    /// Folders above it.
    pub fn depth(&self) -> usize {
        self.path.matches('/').count()
    }

    /// Its last component.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}
