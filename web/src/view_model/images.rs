//! Which images an archive offers: one to the visitor where several documents list the same one.

use layerlab_core::{
    archive::{Image, ImageArchive, ImageNature, Via},
    digest::Digest,
    display::harmless_text,
};

/// An image to pick.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// The one of `views` that is shown: the one with a manifest, which declares most.
    pub image: usize,
    /// All entries of the archive that list it.
    pub views: Vec<usize>,
    /// Tags, made harmless, the longest first: `localhost/app:2.0` says more than `2.0`.
    pub tags: Vec<String>,
    pub platform: Option<String>,
    pub nature: ImageNature,
    /// First characters of its manifest's or config's digest.
    pub short: Option<String>,
    index: Option<Digest>,
}

/// A name, and the platforms it can be had for.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    pub platforms: Vec<Pick>,
}

impl Pick {
    /// The first tag, else the digest.
    pub fn title(&self) -> Option<&str> {
        self.tags.first().or(self.short.as_ref()).map(String::as_str)
    }

    pub fn is_whole(&self) -> bool {
        self.nature == ImageNature::Filesystem
    }
}

impl Family {
    /// The platform to open: the first that is in the archive.
    pub fn first(&self) -> Option<&Pick> {
        self.platforms.iter().find(|pick| pick.is_whole()).or(self.platforms.first())
    }
}

/// The images to pick from, grouped by name; then attestations and artifacts, which are documents.
pub fn offered(plan: &ImageArchive) -> (Vec<Family>, Vec<Pick>) {
    let (mut families, mut documents): (Vec<Family>, Vec<Pick>) = (Vec::new(), Vec::new());
    for pick in picks(plan) {
        if matches!(pick.nature, ImageNature::Attestation | ImageNature::Artifact) {
            documents.push(pick);
            continue;
        }
        let same = |family: &&mut Family| family.platforms.iter().any(|other| is_family(other, &pick));
        match families.iter_mut().find(same) {
            Some(family) => family.platforms.push(pick),
            None => families.push(Family { platforms: vec![pick] }),
        }
    }
    (families, documents)
}

/// The image that is opened when the address names none.
pub fn default_image(plan: &ImageArchive) -> Option<usize> {
    let (families, documents) = offered(plan);
    let first = families.iter().filter_map(Family::first);
    first.clone().find(|pick| pick.is_whole()).or(first.clone().next()).or(documents.first()).map(|pick| pick.image)
}

/// The pick that shows `image`, among its views.
pub fn pick_of(plan: &ImageArchive, image: usize) -> Option<Pick> {
    picks(plan).into_iter().find(|pick| pick.views.contains(&image))
}

fn picks(plan: &ImageArchive) -> Vec<Pick> {
    // `index.json` lists everything in the archive: only an index inside it makes its images one family.
    let is_leading = |index: &Digest| {
        let leading = |path: &str| path == "index.json" || path == "./index.json";
        plan.documents.iter().any(|document| document.digest == *index && leading(&document.path))
    };
    let mut picks: Vec<Pick> = Vec::new();
    for (index, image) in plan.images.iter().enumerate() {
        match picks.iter_mut().find(|pick| plan.images.get(pick.image).is_some_and(|other| is_same(other, image))) {
            Some(pick) => {
                pick.views.push(index);
                pick.tags.extend(image.tags.iter().map(|tag| harmless_text(tag)));
                if plan.images[pick.image].manifest.is_none() && image.manifest.is_some() {
                    let views = std::mem::take(&mut pick.views);
                    let tags = std::mem::take(&mut pick.tags);
                    *pick = Pick { views, tags, ..new_pick(index, image, is_leading) };
                }
            }
            None => picks.push(new_pick(index, image, is_leading)),
        }
    }
    for pick in &mut picks {
        pick.tags.sort_by_key(|tag| std::cmp::Reverse(tag.len()));
        pick.tags.dedup();
    }
    picks
}

fn new_pick(index: usize, image: &Image, is_leading: impl Fn(&Digest) -> bool) -> Pick {
    let config = image.config.as_ref();
    let manifest = image.manifest.as_ref().and_then(|m| m.digest.as_ref().or(m.declared.as_ref()));
    let from_config = || {
        let config = &config?.config;
        let os = config.os.as_deref()?;
        let arch = config.architecture.as_deref().unwrap_or("unknown");
        let variant = config.variant.as_deref().map(|v| format!("/{v}")).unwrap_or_default();
        Some(format!("{os}/{arch}{variant}"))
    };
    let platform = image.platform.as_ref().map(ToString::to_string).or_else(from_config);
    Pick {
        image: index,
        views: vec![index],
        tags: image.tags.iter().map(|tag| harmless_text(tag)).collect(),
        platform: platform.map(|text| harmless_text(&text)),
        nature: image.nature,
        short: manifest.or(config.map(|c| &c.digest.0)).map(|digest| digest.short().to_owned()),
        index: image.index_digest.clone().filter(|index| !is_leading(index)),
    }
}

/// The docker view and the OCI view of one image have one config; two manifests over one config (podman's
/// `--add-compression`) are two images, because their blobs differ.
fn is_same(a: &Image, b: &Image) -> bool {
    let manifest = |image: &Image| image.manifest.as_ref().and_then(|m| m.digest.clone().or(m.declared.clone()));
    match (manifest(a), manifest(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => false,
        _ => {
            let config = |image: &Image| image.config.as_ref().map(|config| config.digest.clone());
            (a.via == Via::Docker || b.via == Via::Docker) && config(a).is_some() && config(a) == config(b)
        }
    }
}

fn is_family(a: &Pick, b: &Pick) -> bool {
    let same_index = a.index.is_some() && a.index == b.index;
    same_index || (!a.tags.is_empty() && a.tags == b.tags && a.platform != b.platform)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::example;
    use layerlab_core::{
        archive::{Document, DocumentRole, Location},
        spec::platform::Platform,
    };

    fn plan(images: Vec<Image>) -> ImageArchive {
        ImageArchive { images, ..example::plan() }
    }

    #[test]
    fn the_docker_view_and_the_oci_view_are_one_image() {
        let plan = plan(vec![example::image(Via::Docker, "localhost/app:2.0"), example::image(Via::Oci, "2.0")]);
        let (families, documents) = offered(&plan);
        assert_eq!((families.len(), documents.len()), (1, 0));
        let pick = &families[0].platforms[0];
        assert_eq!((pick.image, &pick.views), (1, &vec![0, 1]));
        assert_eq!(pick.title(), Some("localhost/app:2.0"));
        assert_eq!(default_image(&plan), Some(1));
        assert_eq!(pick_of(&plan, 0).unwrap().image, 1);
    }

    #[test]
    fn two_manifests_over_one_config_stay_two() {
        let mut other = example::image(Via::Oci, "app:zstd");
        other.manifest.as_mut().unwrap().digest = Some(Digest::sha256(b"other"));
        assert_eq!(offered(&plan(vec![example::image(Via::Oci, "app:1"), other])).0.len(), 2);
    }

    #[test]
    fn platforms_of_one_index_are_one_family_and_absent_ones_stay_listed() {
        let platform = |arch: &str, nature| {
            let mut image = example::image(Via::Oci, "multi");
            image.manifest.as_mut().unwrap().digest = Some(Digest::sha256(arch.as_bytes()));
            image.index_digest = Some(Digest::sha256(b"index"));
            image.nature = nature;
            let part = |text: &str| Some(text.to_owned());
            image.platform = Some(Platform { os: part("linux"), architecture: part(arch), variant: None });
            image
        };
        let plan = plan(vec![
            platform("arm64", ImageNature::Absent),
            platform("amd64", ImageNature::Filesystem),
            platform("unknown", ImageNature::Attestation),
        ]);
        let (families, documents) = offered(&plan);
        assert_eq!((families.len(), families[0].platforms.len(), documents.len()), (1, 2, 1));
        assert_eq!(families[0].first().unwrap().platform.as_deref(), Some("linux/amd64"));
        assert_eq!(default_image(&plan), Some(1));
    }

    #[test]
    fn two_images_that_index_json_lists_are_no_family() {
        let image = |tag: &str| {
            let mut image = example::image(Via::Oci, tag);
            image.manifest.as_mut().unwrap().digest = Some(Digest::sha256(tag.as_bytes()));
            image.index_digest = Some(Digest::sha256(b"index.json"));
            image
        };
        let mut plan = plan(vec![image("app:1"), image("app:2")]);
        plan.documents.push(Document {
            path: "index.json".into(),
            location: Location { volume: 0, offset: 0, size: 1 },
            role: DocumentRole::Index,
            digest: Digest::sha256(b"index.json"),
        });
        assert_eq!(offered(&plan).0.len(), 2);
    }

    #[test]
    fn a_tag_is_hostile_text() {
        let plan = plan(vec![example::image(Via::Docker, "a\u{202e}b")]);
        assert_eq!(offered(&plan).0[0].platforms[0].title(), Some("a\\u{202e}b"));
    }
}
