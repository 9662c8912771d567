//! The first format of `docker save`: `repositories`, and for each layer a folder `<id>/{VERSION,json,layer.tar}`
//! whose `json` names its parent.
//!
//! Source: moby, image/spec/v1.md.

use std::collections::HashSet;

use super::{
    DocumentRole, Image, ImageNature, Via,
    document::{Text, Unread},
    plan::{LayerPlace, Planner, nature_of, unread},
};
use crate::{
    display::harmless_text,
    finding::{Code, Finding, Findings},
    spec::{
        docker::{Repositories, RepositoryTag},
        json::Fields,
    },
};

/// The name of the document in the archive.
pub const REPOSITORIES: &[u8] = b"repositories";

/// One image for each tag, in the order of the text.
pub fn images(planner: &mut Planner<'_>, text: &Text) -> Result<Vec<Image>, Unread> {
    let limits = planner.limits;
    let tags =
        Repositories::parse(&text.bytes, limits.document_nesting, limits.document_values).map_err(Unread::Json)?.0;
    let kept = planner.bounded_images("repositories", tags.len());
    let tagged = |tag: RepositoryTag| image(planner, &tag.top, vec![format!("{}:{}", tag.repository, tag.tag)]);
    Ok(tags.into_iter().take(kept).map(tagged).collect())
}

/// The images of an archive without `repositories`, which an image saved by its id has not, nor one that was cut
/// before its last members: one for each layer that is no other's parent. `None` where there are no such layers.
pub fn untagged_images(planner: &mut Planner<'_>) -> Option<Vec<Image>> {
    let ids: Vec<String> = planner.members.iter().filter_map(|(name, _)| id_of_json(&name)).collect();
    if ids.is_empty() {
        return None;
    }
    let mut ignored = planner.image_findings();
    let parents: HashSet<String> = ids.iter().filter_map(|id| parent(planner, id, &mut ignored)).collect();
    let mut met = HashSet::new();
    let tops = ids.into_iter().filter(|id| !parents.contains(id) && met.insert(id.clone()));
    let tops: Vec<_> = tops.collect();
    let kept = planner.bounded_images("The archive", tops.len());
    Some(tops.iter().take(kept).map(|top| image(planner, top, Vec::new())).collect())
}

/// The id of `<id>/json`.
fn id_of_json(name: &[u8]) -> Option<String> {
    let id = std::str::from_utf8(name).ok()?.strip_suffix("/json")?;
    (id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
}

fn image(planner: &mut Planner<'_>, top: &str, tags: Vec<String>) -> Image {
    let mut findings = planner.image_findings();
    let ids = chain(planner, top, &mut findings);
    let config = planner.config(&json_of(top), None, None, &mut findings);
    let places: Vec<_> =
        ids.iter().map(|id| LayerPlace { name: format!("{id}/layer.tar"), descriptor: None }).collect();
    let layers = planner.layers(&places, None, ImageNature::Filesystem, &mut findings);
    let message = "The first format of docker save declares no diff_ids: there is nothing to check the layers against.";
    findings.push(Finding::note(Code::DiffIdsMissing, message));
    let nature = nature_of(ImageNature::Filesystem, config.is_some(), &layers);
    Image {
        via: Via::V1,
        nature,
        tags,
        manifest: None,
        index_digest: None,
        platform: None,
        config,
        layers,
        findings: findings.into_vec(),
    }
}

/// The ids from the base to `top`. A parent that was met before, or is not there, ends the chain with a finding.
fn chain(planner: &mut Planner<'_>, top: &str, findings: &mut Findings) -> Vec<String> {
    let mut ids = Vec::new();
    let mut met = HashSet::new();
    let mut next = Some(top.to_owned());
    while let Some(id) = next.take() {
        if !met.insert(id.clone()) {
            let message = format!("The parents of {} lead in a circle.", harmless_text(top));
            findings.push(Finding::error(Code::ImageBroken, message).at_path(json_of(&id).as_bytes()));
            break;
        }
        if ids.len() == planner.limits.layers {
            let message = format!("The image has more than {} layers; those below are left out.", ids.len());
            findings.push(Finding::error(Code::LimitReached, message));
            break;
        }
        next = parent(planner, &id, findings);
        ids.push(id);
    }
    ids.reverse();
    ids
}

fn parent(planner: &mut Planner<'_>, id: &str, findings: &mut Findings) -> Option<String> {
    let name = json_of(id);
    let read = planner.library.text(name.as_bytes(), DocumentRole::V1Json);
    let object = read.and_then(|text| planner.library.parse_object(&text, findings));
    match object {
        Ok(object) => Fields::new(name.as_bytes(), findings).string(&object, "parent").filter(|id| !id.is_empty()),
        Err(problem) => {
            findings.push(unread("The layer's document", name.as_bytes(), Code::DocumentUnreadable, &problem));
            None
        }
    }
}

fn json_of(id: &str) -> String {
    format!("{id}/json")
}
