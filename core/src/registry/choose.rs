//! Which of an index's manifests is wanted.
//!
//! Source: OCI image-spec, image-index.md; containerd's `platforms` package for what variants stand for.

use crate::spec::{descriptor::Descriptor, platform::Platform};

/// What a page that is told nothing asks for.
pub fn default_platform() -> Platform {
    Platform { os: Some("linux".into()), architecture: Some("amd64".into()), variant: None }
}

/// The best of the manifests for `wanted`, by position: the same variant, else one that the same machine runs. An
/// entry without a platform fits all, and is the last resort.
pub fn choose(manifests: &[Descriptor], wanted: &Platform) -> Option<usize> {
    let fit = |descriptor: &Descriptor| match &descriptor.platform {
        _ if descriptor.is_attestation() => None,
        None => Some(2),
        Some(platform) if normal(platform) == normal(wanted) => Some(0),
        Some(platform) => {
            let same = platform.os == wanted.os && normal(platform).1 == normal(wanted).1;
            (same && wanted.variant.is_none()).then_some(1)
        }
    };
    let fits = manifests.iter().enumerate().filter_map(|(at, manifest)| Some((fit(manifest)?, at)));
    fits.min().map(|(_, at)| at)
}

/// The platforms that an index lists, attestations left out.
pub fn platforms(manifests: &[Descriptor]) -> Vec<Platform> {
    let images = manifests.iter().filter(|manifest| !manifest.is_attestation());
    images.filter_map(|manifest| manifest.platform.clone()).collect()
}

/// Whether both name one platform, however they are spelled.
pub fn same_platform(a: &Platform, b: &Platform) -> bool {
    normal(a) == normal(b)
}

/// Operating system, architecture and variant with the aliases and the silent variants resolved.
fn normal(platform: &Platform) -> (&str, &str, &str) {
    let text = |field: &Option<String>| -> String { field.clone().unwrap_or_default() };
    let os = platform.os.as_deref().unwrap_or_default();
    let architecture = match text(&platform.architecture).as_str() {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" => "arm",
        _ => platform.architecture.as_deref().unwrap_or_default(),
    };
    let variant = match (architecture, platform.variant.as_deref().unwrap_or_default()) {
        ("arm64", "8" | "v8") | ("amd64", "v1") => "",
        ("arm", "" | "7") => "v7",
        (_, variant) => variant,
    };
    (os, architecture, variant)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{finding::Findings, spec::json::Fields};

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/').map(|part| Some(part.to_owned()));
        Platform { os: parts.next().flatten(), architecture: parts.next().flatten(), variant: parts.next().flatten() }
    }

    fn index(platforms: &[&str]) -> Vec<Descriptor> {
        let descriptor = |text: &&str| {
            let value = match *text {
                "none" => json!({}),
                "attestation" => json!({"platform": {"os": "unknown", "architecture": "unknown"},
                    "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}),
                text => {
                    let platform = platform(text);
                    json!({"platform": {"os": platform.os, "architecture": platform.architecture,
                        "variant": platform.variant}})
                }
            };
            Descriptor::from_json(value.as_object().unwrap(), &mut Fields::new(b"", &mut Findings::new(9)))
        };
        platforms.iter().map(descriptor).collect()
    }

    #[test]
    fn the_best_fit_wins_and_an_attestation_never() {
        for (listed, wanted, at) in [
            (&["linux/arm64", "linux/amd64", "attestation"][..], "linux/amd64", Some(1)),
            (&["linux/arm64/v8", "linux/amd64"], "linux/arm64", Some(0)),
            (&["linux/arm/v6", "linux/arm/v7"], "linux/arm", Some(1)),
            (&["linux/arm/v6", "linux/arm/v7"], "linux/arm/v6", Some(0)),
            (&["linux/arm/v5"], "linux/arm", Some(0)),
            (&["linux/arm/v5"], "linux/arm/v6", None),
            (&["linux/amd64/v3", "linux/amd64"], "linux/amd64", Some(1)),
            (&["windows/amd64"], "linux/amd64", None),
            (&["none"], "linux/amd64", Some(0)),
            (&["none", "linux/amd64"], "linux/amd64", Some(1)),
            (&["attestation"], "linux/amd64", None),
        ] {
            assert_eq!(choose(&index(listed), &platform(wanted)), at, "{listed:?} for {wanted}");
        }
    }

    #[test]
    fn spellings_of_one_platform() {
        assert!(same_platform(&platform("linux/aarch64"), &platform("linux/arm64/v8")));
        assert!(!same_platform(&platform("linux/arm64"), &platform("linux/amd64")));
    }
}
