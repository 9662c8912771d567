//! `index.json` and what it leads to: indexes in indexes, manifests, and blobs by their digests.
//!
//! Source: OCI image-spec, image-layout.md.

use super::{
    DocumentRole, Image, Via,
    document::{Text, Unread, digest_like},
    manifest::{self, Names},
    plan::{Planner, bounded_tags, unread},
};
use crate::{
    digest::Digest,
    finding::{Code, Finding},
    spec::{
        descriptor::Descriptor,
        index::ImageIndex,
        json::Fields,
        layout::{LAYOUT_VERSION, OciLayout, blob_path},
        manifest::ImageManifest,
    },
};

/// The name of the document in the archive.
pub const INDEX: &[u8] = b"index.json";
const LAYOUT: &[u8] = b"oci-layout";

/// One image for each manifest that the indexes list, in their order; what is not in the archive keeps its place.
pub fn images(planner: &mut Planner<'_>, text: &Text) -> Result<Vec<Image>, Unread> {
    check_layout(planner);
    let object = planner.library.parse_object(text, &mut planner.findings)?;
    let index = ImageIndex::from_json(&object, &mut Fields::new(INDEX, &mut planner.findings))
        .unwrap_or(ImageIndex { manifests: Vec::new() });
    let mut walk = Walk { images: Vec::new(), met: 0, inside: Vec::new() };
    walk.index(planner, index, &Listed { tags: Vec::new(), index: text.digest.clone() });
    Ok(walk.images)
}

struct Walk {
    images: Vec<Image>,
    /// Descriptors looked at. Images alone are no bound: indexes that list each other many times over are
    /// exponentially many and hold none.
    met: usize,
    /// The indexes around the one that is read, outermost first.
    inside: Vec<Digest>,
}

/// What a descriptor inherits from the index that lists it.
struct Listed {
    tags: Vec<String>,
    index: Digest,
}

impl Walk {
    fn index(&mut self, planner: &mut Planner<'_>, index: ImageIndex, listed: &Listed) {
        let limit = planner.limits.images;
        for descriptor in &index.manifests {
            if self.met == limit {
                let message = format!("The indexes list more than {limit} images and indexes; the rest is not opened.");
                planner.findings.push(Finding::warning(Code::LimitReached, message).expected_found(limit, limit + 1));
                self.met += 1;
            }
            if self.met > limit {
                return;
            }
            self.met += 1;
            self.descriptor(planner, descriptor, listed);
        }
    }

    fn descriptor(&mut self, planner: &mut Planner<'_>, descriptor: &Descriptor, listed: &Listed) {
        let own = descriptor.tags();
        let tags = if own.is_empty() { listed.tags.clone() } else { own };
        let listed = Listed { tags, index: listed.index.clone() };
        let Some(digest) = &descriptor.digest else {
            let message = "A descriptor of the index holds no digest.";
            return self.absent(planner, descriptor, &listed, Finding::error(Code::ImageBroken, message));
        };
        if self.inside.contains(digest) {
            let message = format!("The index {digest} contains itself.");
            return self.absent(planner, descriptor, &listed, Finding::error(Code::IndexCycle, message));
        }
        if self.inside.len() >= planner.limits.index_nesting {
            let message = format!("The index {digest} is nested more than {} deep.", planner.limits.index_nesting);
            return self.absent(planner, descriptor, &listed, Finding::error(Code::LimitReached, message));
        }
        let path = blob_path(digest);
        let text = match planner.library.text(path.as_bytes(), DocumentRole::Manifest) {
            Ok(text) => text,
            Err(problem) => {
                return self.absent(planner, descriptor, &listed, not_there(&path, descriptor, &problem));
            }
        };
        let mut findings = planner.image_findings();
        let object = match planner.library.parse_object(&text, &mut findings) {
            Ok(object) => object,
            Err(problem) => {
                let finding = unread("The manifest", path.as_bytes(), Code::ImageBroken, &problem);
                return self.absent(planner, descriptor, &listed, finding);
            }
        };
        let mut fields = Fields::new(&text.name, &mut findings);
        if let Some(index) = ImageIndex::from_json(&object, &mut fields) {
            planner.library.set_role(&text, DocumentRole::Index);
            self.inside.push(digest.clone());
            self.index(planner, index, &Listed { index: digest_like(&text, Some(digest)), ..listed });
            self.inside.pop();
            return;
        }
        let Some(manifest) = ImageManifest::from_json(&object, &mut fields) else {
            let message = format!("{path} is no image manifest: it has neither a config nor a list of manifests.");
            return self.absent(planner, descriptor, &listed, Finding::error(Code::ImageBroken, message));
        };
        let names = Names { via: Via::Oci, of: blob_path };
        let mut image = manifest::image(planner, &names, Some(descriptor), &manifest, &text, findings);
        let mut findings = planner.image_findings();
        image.tags = bounded_tags(listed.tags, planner.limits, &mut findings);
        image.index_digest = Some(listed.index);
        image.findings.extend(findings.into_vec());
        self.images.push(image);
    }

    fn absent(&mut self, planner: &Planner<'_>, descriptor: &Descriptor, listed: &Listed, finding: Finding) {
        let mut findings = planner.image_findings();
        let tags = bounded_tags(listed.tags.clone(), planner.limits, &mut findings);
        findings.push(finding);
        let image = manifest::absent(Via::Oci, descriptor, listed.index.clone(), findings);
        self.images.push(Image { tags, ..image });
    }
}

fn check_layout(planner: &mut Planner<'_>) {
    let finding = match planner.library.text(LAYOUT, DocumentRole::OciLayout) {
        Ok(text) => match planner.library.parse_object(&text, &mut planner.findings) {
            Ok(object) => {
                let layout = OciLayout::from_json(&object, &mut Fields::new(LAYOUT, &mut planner.findings));
                let version = layout.image_layout_version.unwrap_or_default();
                (version != LAYOUT_VERSION).then(|| {
                    let message = "The layout has another version than the specification knows.";
                    Finding::note(Code::DocumentUnreadable, message)
                        .at_path(LAYOUT)
                        .expected_found(LAYOUT_VERSION, crate::display::harmless_text(&version))
                })
            }
            Err(problem) => Some(unread("The file", LAYOUT, Code::DocumentUnreadable, &problem)),
        },
        Err(problem) if problem.is_absent() => {
            let message = "The file oci-layout is missing; some tools refuse such a layout.";
            Some(Finding::warning(Code::OciLayoutMissing, message))
        }
        Err(problem) => Some(unread("The file", LAYOUT, Code::DocumentUnreadable, &problem)),
    };
    if let Some(finding) = finding {
        planner.findings.push(finding);
    }
}

/// Archives of the containerd store list the platforms that were never pulled: absent by design.
fn not_there(path: &str, descriptor: &Descriptor, problem: &Unread) -> Finding {
    if !problem.is_absent() {
        return unread("The manifest", path.as_bytes(), Code::ImageBroken, problem);
    }
    let platform = descriptor.platform.as_ref().map(|platform| format!(" for {platform}")).unwrap_or_default();
    let message = format!("The manifest {path}{} is not in this archive.", crate::display::harmless_text(&platform));
    let finding = if descriptor.platform.is_some() { Finding::note } else { Finding::warning };
    finding(Code::BlobAbsent, message).at_path(path.as_bytes())
}
