//! The `dir:` folders of skopeo and `podman save --format docker-dir`: `manifest.json` is the manifest itself, or a
//! list of manifests, and blobs are named by the bare hex of their digests.
//!
//! Source: containers/image, directory/directory_transport.go.

use serde_json::{Map, Value};

use super::{
    DocumentRole, Image, Via,
    docker::MANIFEST,
    document::Text,
    manifest::{self, Names},
    plan::{Planner, unread},
};
use crate::{
    digest::Digest,
    finding::{Code, Finding},
    spec::{descriptor::Descriptor, index::ImageIndex, json::Fields, manifest::ImageManifest},
};

/// `Err` says, as a clause, why the object is no manifest.
pub fn images(planner: &mut Planner<'_>, text: &Text, object: &Map<String, Value>) -> Result<Vec<Image>, &'static str> {
    let names = Names { via: Via::Dir, of: |digest| digest.encoded().to_owned() };
    if let Some(index) = ImageIndex::from_json(object, &mut Fields::new(MANIFEST, &mut planner.findings)) {
        planner.library.set_role(text, DocumentRole::Index);
        let kept = planner.bounded_images("manifest.json", index.manifests.len());
        let manifests = index.manifests.iter().take(kept);
        return Ok(manifests.map(|descriptor| listed(planner, &names, descriptor, text)).collect());
    }
    let mut findings = planner.image_findings();
    if let Some(manifest) = ImageManifest::from_json(object, &mut Fields::new(MANIFEST, &mut findings)) {
        planner.library.set_role(text, DocumentRole::Manifest);
        return Ok(vec![manifest::image(planner, &names, None, &manifest, text, findings)]);
    }
    Err(if object.contains_key("fsLayers") {
        "it is a manifest of schema 1, which no tool writes any more"
    } else {
        "it is an object without a config, layers or manifests"
    })
}

fn listed(planner: &mut Planner<'_>, names: &Names, descriptor: &Descriptor, index: &Text) -> Image {
    let mut findings = planner.image_findings();
    let name = format!("{}.manifest.json", descriptor.digest.as_ref().map(Digest::encoded).unwrap_or_default());
    let read = planner.library.text(name.as_bytes(), DocumentRole::Manifest).and_then(|text| {
        let object = planner.library.parse_object(&text, &mut findings)?;
        Ok((ImageManifest::from_json(&object, &mut Fields::new(name.as_bytes(), &mut findings)), text))
    });
    let problem = match read {
        Ok((Some(manifest), text)) => {
            let image = manifest::image(planner, names, Some(descriptor), &manifest, &text, findings);
            return Image { index_digest: Some(index.digest.clone()), ..image };
        }
        Ok((None, _)) => Finding::error(Code::ImageBroken, format!("{name} is no image manifest.")),
        Err(problem) => {
            let code = if problem.is_absent() { Code::BlobAbsent } else { Code::ImageBroken };
            unread("The manifest", name.as_bytes(), code, &problem)
        }
    };
    findings.push(problem);
    manifest::absent(Via::Dir, descriptor, index.digest.clone(), findings)
}
