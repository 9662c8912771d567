//! An opened archive's image held against what a registry names: by index, manifest and config alone.
//!
//! Invariant: a contradiction is certain. It is said only where the image claims the very digest that the registry
//! names and holds other bytes; another digest is another build, and no fault.

use serde::{Deserialize, Serialize};

use super::{choose::same_platform, pull::Found};
use crate::{
    digest::{DiffId, Digest},
    finding::Findings,
    limits::Limits,
    report::ImageReport,
    spec::{
        config::ImageConfig,
        json::{self, Fields},
        platform::Platform,
    },
    verify::{Subject, Verdict},
};

/// How the two stand to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The config is the same, byte for byte: it is the same image.
    Same {
        /// Whether the manifest is the same, too. Where it is not, the layers are stored or named in another way.
        manifest: bool,
    },
    /// The same config, or the same layers' digests, claimed over other bytes.
    Contradicts {
        /// The layer it is about, base first; `None` for a document.
        layer: Option<usize>,
        expected: String,
        found: String,
    },
    /// The reference leads to an image for another platform.
    OtherPlatform {
        here: Platform,
        there: Platform,
        /// Whether the index lists an image for the platform of the one here.
        listed: bool,
    },
    /// The same platform, another image.
    OtherBuild {
        /// Layers that are the same, counted from the base.
        shared: usize,
        here: usize,
        there: usize,
    },
    /// Nothing of the image here was computed that could be compared.
    Undecidable,
}

/// What is known of the image at its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    pub manifest: Option<Digest>,
    pub config: Digest,
    /// Base first.
    pub diff_ids: Vec<DiffId>,
    pub platform: Platform,
    /// What the index lists.
    pub platforms: Vec<Platform>,
}

impl From<&Found> for Other {
    fn from(found: &Found) -> Self {
        Self {
            manifest: Some(found.manifest.digest.clone()),
            config: found.image_id.0.clone(),
            diff_ids: found.layers.iter().map(|layer| layer.diff_id.clone()).collect(),
            platform: found.platform(),
            platforms: found.platforms.clone(),
        }
    }
}

impl Other {
    /// From the text of a config that someone pasted, where a page may not ask itself. The text must be exact: its
    /// digest is the image's ID. `None` where it is no config.
    pub fn from_config(text: &[u8], limits: &Limits) -> Option<Self> {
        let value = json::parse(text, limits.document_nesting, limits.document_values).ok()?;
        let serde_json::Value::Object(object) = value else { return None };
        let mut findings = Findings::new(1);
        let config = ImageConfig::from_json(&object, &mut Fields::new(b"", &mut findings));
        let diff_ids: Vec<DiffId> = config.diff_ids.into_iter().flatten().collect();
        let platform = Platform { os: config.os, architecture: config.architecture, variant: config.variant };
        let is_config = !diff_ids.is_empty() || platform.os.is_some();
        is_config.then(|| Self {
            manifest: None,
            config: Digest::sha256(text),
            diff_ids,
            platform,
            platforms: Vec::new(),
        })
    }
}

/// Compares the computed digests of `image` with what `other` names.
pub fn compare(image: &ImageReport, other: &Other) -> Standing {
    let Some(config) = &image.config_digest else { return Standing::Undecidable };
    let computed: Vec<Option<&DiffId>> = image.layers.iter().map(|layer| layer.diff_id.as_ref()).collect();
    if config.0 == other.config {
        let pairs = computed.iter().zip(&other.diff_ids).enumerate();
        let broken = pairs.filter_map(|(layer, (found, expected))| Some((layer, (*found)?, expected)));
        return match broken.into_iter().find(|(_, found, expected)| found != expected) {
            Some((layer, found, expected)) => {
                Standing::Contradicts { layer: Some(layer), expected: expected.to_string(), found: found.to_string() }
            }
            None => Standing::Same { manifest: other.manifest.is_some() && image.manifest_digest == other.manifest },
        };
    }
    if let Some(contradiction) = claimed_otherwise(image, other) {
        return contradiction;
    }
    let here =
        Platform { os: image.os.clone(), architecture: image.architecture.clone(), variant: image.variant.clone() };
    if !same_platform(&here, &other.platform) {
        let listed = other.platforms.iter().any(|platform| same_platform(platform, &here));
        return Standing::OtherPlatform { here, there: other.platform.clone(), listed };
    }
    let shared = computed.iter().zip(&other.diff_ids).take_while(|(here, there)| **here == Some(there)).count();
    Standing::OtherBuild { shared, here: computed.len(), there: other.diff_ids.len() }
}

/// A document that the archive declares to have the registry's digest, and whose bytes have another.
fn claimed_otherwise(image: &ImageReport, other: &Other) -> Option<Standing> {
    let names = |subject, declared: &str| match subject {
        Subject::ConfigDigest => declared == other.config.to_string(),
        Subject::ManifestDigest => other.manifest.as_ref().is_some_and(|digest| declared == digest.to_string()),
        _ => false,
    };
    let mismatches = image.checks.iter().filter(|check| check.verdict == Verdict::Mismatch);
    let claimed = mismatches.into_iter().find_map(|check| {
        let declared = check.declared.as_ref().filter(|declared| names(check.subject, declared))?;
        Some((declared.clone(), check.computed.clone()?))
    });
    claimed.map(|(expected, found)| Standing::Contradicts { layer: None, expected, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::Outer,
        layer::LayerReading,
        report::{
            Readings, assemble,
            testing::{archive, image, layer, reading},
        },
        tree::testing::file,
    };

    const SEEDS: [&str; 2] = ["base", "top"];

    /// An image of two layers; `read` are the seeds of what their bytes turned out to be.
    fn here(read: [&str; 2]) -> ImageReport {
        let declared = SEEDS.map(|seed| reading(seed, &[file("a", seed)]).summary);
        let plan = archive(vec![image(vec![layer(0, &declared[0]), layer(1, &declared[1])])]);
        let read: Vec<LayerReading> = read.iter().map(|seed| reading(seed, &[file("a", seed)])).collect();
        let readings: Readings = read
            .into_iter()
            .enumerate()
            .map(|(index, reading)| (crate::archive::BlobId(index as u32), Ok(reading)))
            .collect();
        let report = assemble(&plan, "x.tar", 1, Outer::None, &readings, &Limits::default());
        let mut image = report.images.into_iter().next().unwrap();
        (image.os, image.architecture) = (Some("linux".into()), Some("amd64".into()));
        image
    }

    fn platform(architecture: &str) -> Platform {
        Platform { os: Some("linux".into()), architecture: Some(architecture.into()), variant: None }
    }

    /// The same image, at its source.
    fn there() -> Other {
        Other {
            manifest: Some(Digest::sha256(b"the manifest")),
            config: Digest::sha256(b"the config"),
            diff_ids: SEEDS.map(|seed| DiffId(Digest::sha256(seed.as_bytes()))).to_vec(),
            platform: platform("amd64"),
            platforms: vec![platform("amd64"), platform("arm64")],
        }
    }

    #[test]
    fn one_config_is_one_image_whatever_its_manifest() {
        assert_eq!(compare(&here(SEEDS), &there()), Standing::Same { manifest: true });
        let recompressed = Other { manifest: Some(Digest::sha256(b"other")), ..there() };
        assert_eq!(compare(&here(SEEDS), &recompressed), Standing::Same { manifest: false });
    }

    #[test]
    fn the_right_name_over_other_bytes_is_a_contradiction() {
        let (expected, found) = (Digest::sha256(b"top").to_string(), Digest::sha256(b"evil").to_string());
        assert_eq!(
            compare(&here(["base", "evil"]), &there()),
            Standing::Contradicts { layer: Some(1), expected, found }
        );
        let mut image = here(SEEDS);
        let computed = Digest::sha256(b"another config");
        image.config_digest = Some(crate::digest::ImageId(computed.clone()));
        let check = image.checks.iter_mut().find(|check| check.subject == Subject::ConfigDigest).unwrap();
        (check.computed, check.verdict) = (Some(computed.to_string()), Verdict::Mismatch);
        let expected = there().config.to_string();
        assert_eq!(
            compare(&image, &there()),
            Standing::Contradicts { layer: None, expected, found: computed.to_string() }
        );
    }

    #[test]
    fn another_digest_is_another_build_or_another_platform() {
        let other = Other { config: Digest::sha256(b"newer"), ..there() };
        let mut diff_ids = there().diff_ids;
        diff_ids.truncate(1);
        diff_ids.extend(["x", "y"].map(|seed| DiffId(Digest::sha256(seed.as_bytes()))));
        assert_eq!(
            compare(&here(SEEDS), &Other { diff_ids, ..other.clone() }),
            Standing::OtherBuild { shared: 1, here: 2, there: 3 }
        );
        let arm = Other { platform: platform("arm64"), ..other };
        assert_eq!(
            compare(&here(SEEDS), &arm),
            Standing::OtherPlatform { here: platform("amd64"), there: platform("arm64"), listed: true }
        );
    }

    #[test]
    fn a_pasted_config_is_as_good() {
        let text = br#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}"#;
        let other = Other::from_config(text, &Limits::default()).unwrap();
        assert_eq!((other.config, other.platform), (Digest::sha256(text), platform("amd64")));
        assert_eq!(Other::from_config(b"{}", &Limits::default()), None);
        assert_eq!(Other::from_config(b"nonsense", &Limits::default()), None);
    }
}
