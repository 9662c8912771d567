//! The lines that `docker pull` prints, in step with the events of a pull.
//!
//! Source: moby, `pkg/jsonmessage`, `pkg/progress` and `distribution/pull.go`.

use super::{ImageName, PullEvent};
use crate::{digest::Digest, overlay::engine::table::size as docker_size};

/// The terminal of one pull. It is a fold over the events; a terminal prints a layer's line once and then changes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terminal {
    name: Option<ImageName>,
    layers: Vec<Line>,
    end: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    layer: usize,
    /// Twelve characters of the *blob's* digest: what is shown is what is fetched, and no layer ID.
    short: String,
    status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Status {
    Exists,
    Waiting,
    Downloading { done: u64, size: u64 },
    Downloaded { size: u64 },
    Extracting { size: u64 },
    Complete,
}

impl Terminal {
    /// The terminal after all of `events`.
    pub fn after<'a>(events: impl IntoIterator<Item = &'a PullEvent>, blobs: &[Digest]) -> Self {
        let mut terminal = Self::default();
        for event in events {
            terminal.apply(event, blobs);
        }
        terminal
    }

    /// `blobs` are those of the image, base first: a line is headed by its blob's digest.
    pub fn apply(&mut self, event: &PullEvent, blobs: &[Digest]) {
        match event {
            PullEvent::Ask { name } => self.name = Some(name.clone()),
            PullEvent::LayerLookUp { layer, found: false, .. } => self.set(*layer, Status::Waiting, blobs),
            PullEvent::LookUpStopped { layer } => {
                for above in *layer..blobs.len() {
                    self.set(above, Status::Waiting, blobs);
                }
            }
            PullEvent::Exists { layer, .. } => self.set(*layer, Status::Exists, blobs),
            PullEvent::Fetch { layer, size, .. } => {
                self.set(*layer, Status::Downloading { done: 0, size: *size }, blobs);
            }
            PullEvent::BlobVerified { layer, size, .. } => {
                self.set(*layer, Status::Downloaded { size: *size }, blobs);
            }
            PullEvent::Decompress { layer, .. } => {
                // Docker counts the stored bytes that it has unpacked, and not those of the tar.
                let of_layer = self.layers.iter().find(|line| line.layer == *layer);
                if let Some(Line { status: Status::Downloaded { size }, .. }) = of_layer {
                    self.set(*layer, Status::Extracting { size: *size }, blobs);
                }
            }
            PullEvent::Register { layer, .. } => self.set(*layer, Status::Complete, blobs),
            PullEvent::Tagged { name, id, digest, was } => {
                self.end.extend(digest.iter().map(|digest| format!("Digest: {digest}")));
                // "Newer" is said of a new name for an image that was here too: nothing need have been downloaded.
                let same = was.as_ref() == Some(id);
                let status = if same { "Image is up to date" } else { "Downloaded newer image" };
                self.end.push(format!("Status: {status} for {name}"));
                self.end.push(name.canonical());
            }
            PullEvent::Refused { expected, found, .. } => {
                self.end.push(format!("Error response from daemon: expected {expected}, found {found}"));
            }
            PullEvent::LayerLookUp { .. }
            | PullEvent::ImageLookUp { .. }
            | PullEvent::Index { .. }
            | PullEvent::Manifest { .. }
            | PullEvent::DocumentLookUp { .. }
            | PullEvent::Config { .. }
            | PullEvent::DiffIdVerified { .. }
            | PullEvent::ImageRegistered { .. } => {}
        }
    }

    /// Some bytes of a layer came that is being fetched.
    pub fn progress(&mut self, layer: usize, bytes: u64) {
        if let Some(Line { status: Status::Downloading { done, size }, .. }) =
            self.layers.iter_mut().find(|line| line.layer == layer)
        {
            *done = bytes.min(*size);
        }
    }

    /// What is on the screen now.
    pub fn lines(&self) -> Vec<String> {
        let first = self.name.iter().map(|name| format!("{}: Pulling from {}", name.tag, name.path));
        let layers = self.layers.iter().map(|line| format!("{}: {}", line.short, line.status.words()));
        first.chain(layers).chain(self.end.iter().cloned()).collect()
    }

    fn set(&mut self, layer: usize, status: Status, blobs: &[Digest]) {
        let Some(blob) = blobs.get(layer) else { return };
        match self.layers.iter_mut().find(|line| line.layer == layer) {
            Some(line) => line.status = status,
            None => self.layers.push(Line { layer, short: blob.short().into(), status }),
        }
    }
}

impl Status {
    fn words(self) -> String {
        match self {
            Self::Exists => "Already exists".into(),
            Self::Waiting => "Pulling fs layer".into(),
            Self::Downloading { done, size } => format!("Downloading  {}", bar(done, size)),
            Self::Downloaded { .. } => "Download complete".into(),
            Self::Extracting { size } => format!("Extracting  {}", bar(size, size)),
            Self::Complete => "Pull complete".into(),
        }
    }
}

/// `[=====>        ]  1.2kB/3kB`: fifty characters wide.
fn bar(done: u64, size: u64) -> String {
    let filled = (done.min(size).saturating_mul(50) / size.max(1)) as usize;
    let (done, size) = (docker_size(done, 4), docker_size(size, 4));
    format!("[{}>{}]  {done:>8}/{size}", "=".repeat(filled), " ".repeat(50 - filled))
}
