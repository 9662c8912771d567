//! Which images an archive offers: one to the visitor where several documents list the same one.

use std::collections::HashMap;

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
    has_manifest: bool,
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

/// What an archive offers. It is computed once, when the plan is known: an archive may list ten thousand images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// The images to pick from, grouped by name.
    pub families: Vec<Family>,
    /// Attestations and artifacts, which are documents.
    pub documents: Vec<Pick>,
    /// The image that is opened when the address names none.
    pub default: Option<usize>,
}

impl Offer {
    pub fn new(plan: &ImageArchive) -> Self {
        let mut offer = Self::default();
        let mut known: HashMap<String, usize> = HashMap::new();
        for pick in picks(plan) {
            if matches!(pick.nature, ImageNature::Attestation | ImageNature::Artifact) {
                offer.documents.push(pick);
                continue;
            }
            let family = pick.family().map(|name| *known.entry(name).or_insert(offer.families.len()));
            match family.and_then(|family| offer.families.get_mut(family)) {
                Some(family) => family.platforms.push(pick),
                None => offer.families.push(Family { platforms: vec![pick] }),
            }
        }
        let first = || offer.families.iter().filter_map(Family::first);
        let whole = first().find(|pick| pick.is_whole()).or(first().next()).or(offer.documents.first());
        offer.default = whole.map(|pick| pick.image);
        offer
    }

    /// The pick that shows `image`, among its views.
    pub fn pick(&self, image: usize) -> Option<&Pick> {
        let images = self.families.iter().flat_map(|family| &family.platforms);
        images.chain(&self.documents).find(|pick| pick.views.contains(&image))
    }

    /// All entries of the archive that list the same image.
    pub fn views(&self, image: usize) -> Vec<usize> {
        self.pick(image).map_or_else(|| vec![image], |pick| pick.views.clone())
    }
}

/// The docker view and the OCI view of one image have one config; two manifests over one config (podman's
/// `--add-compression`) are two images, because their blobs differ.
fn picks(plan: &ImageArchive) -> Vec<Pick> {
    // `index.json` lists everything in the archive: only an index inside it makes its images one family.
    let is_leading = |index: &Digest| {
        let leading = |path: &str| path == "index.json" || path == "./index.json";
        plan.documents.iter().any(|document| document.digest == *index && leading(&document.path))
    };
    let mut picks: Vec<Pick> = Vec::new();
    // Where picks are found again: by manifest; by config where a manifest is known, and where it is not.
    let (mut listed, mut complete, mut bare) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (index, image) in plan.images.iter().enumerate() {
        let manifest = image.manifest.as_ref().and_then(|m| m.digest.as_ref().or(m.declared.as_ref()));
        let config = image.config.as_ref().map(|config| &config.digest.0);
        let found = match (manifest, config) {
            (Some(manifest), config) => {
                listed.get(manifest).copied().or_else(|| config.and_then(|config| bare.remove(config)))
            }
            (None, Some(config)) if image.via == Via::Docker => complete.get(config).copied(),
            _ => None,
        };
        let place = found.unwrap_or(picks.len());
        match picks.get_mut(place) {
            Some(pick) => pick.merge(new_pick(index, image, is_leading)),
            None => picks.push(new_pick(index, image, is_leading)),
        }
        if let Some(manifest) = manifest {
            listed.entry(manifest).or_insert(place);
        }
        if let Some(config) = config {
            let map = if manifest.is_some() { &mut complete } else { &mut bare };
            map.entry(config).or_insert(place);
        }
    }
    picks
}

impl Pick {
    /// Joins another entry for the same image. The one with a manifest is shown, because it declares more.
    fn merge(&mut self, mut other: Self) {
        self.views.append(&mut other.views);
        for tag in std::mem::take(&mut other.tags) {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        self.longest_first();
        if !self.has_manifest && other.has_manifest {
            let (views, tags) = (std::mem::take(&mut self.views), std::mem::take(&mut self.tags));
            *self = Self { views, tags, ..other };
        }
    }

    fn longest_first(&mut self) {
        if let Some(longest) = (0..self.tags.len()).max_by_key(|i| (self.tags[*i].len(), std::cmp::Reverse(*i))) {
            self.tags.swap(0, longest);
        }
    }

    /// What it has in common with the other platforms of its family.
    fn family(&self) -> Option<String> {
        match &self.index {
            Some(index) => Some(index.to_string()),
            None if self.tags.is_empty() => None,
            None => Some(self.tags.join("\n")),
        }
    }
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
    let mut pick = Pick {
        image: index,
        views: vec![index],
        tags: image.tags.iter().map(|tag| harmless_text(tag)).collect(),
        platform: platform.map(|text| harmless_text(&text)),
        nature: image.nature,
        short: manifest.or(config.map(|c| &c.digest.0)).map(|digest| digest.short().to_owned()),
        index: image.index_digest.clone().filter(|index| !is_leading(index)),
        has_manifest: image.manifest.is_some(),
    };
    pick.longest_first();
    pick
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
        let offer = Offer::new(&plan);
        assert_eq!((offer.families.len(), offer.documents.len()), (1, 0));
        let pick = &offer.families[0].platforms[0];
        assert_eq!((pick.image, &pick.views), (1, &vec![0, 1]));
        assert_eq!(pick.title(), Some("localhost/app:2.0"));
        assert_eq!(offer.default, Some(1));
        assert_eq!(offer.pick(0).unwrap().image, 1);
    }

    #[test]
    fn two_manifests_over_one_config_stay_two() {
        let mut other = example::image(Via::Oci, "app:zstd");
        other.manifest.as_mut().unwrap().digest = Some(Digest::sha256(b"other"));
        assert_eq!(Offer::new(&plan(vec![example::image(Via::Oci, "app:1"), other])).families.len(), 2);
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
        let offer = Offer::new(&plan);
        assert_eq!((offer.families.len(), offer.families[0].platforms.len(), offer.documents.len()), (1, 2, 1));
        assert_eq!(offer.families[0].first().unwrap().platform.as_deref(), Some("linux/amd64"));
        assert_eq!(offer.default, Some(1));
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
        assert_eq!(Offer::new(&plan).families.len(), 2);
    }

    #[test]
    fn a_tag_is_hostile_text() {
        let plan = plan(vec![example::image(Via::Docker, "a\u{202e}b")]);
        assert_eq!(Offer::new(&plan).families[0].platforms[0].title(), Some("a\\u{202e}b"));
    }
}
