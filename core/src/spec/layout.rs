//! The `oci-layout` file and the names of a layout.
//!
//! Source: OCI image-spec, image-layout.md.

use serde_json::{Map, Value};

use super::json::Fields;
use crate::digest::Digest;

/// The only version there is.
pub const LAYOUT_VERSION: &str = "1.0.0";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OciLayout {
    pub image_layout_version: Option<String>,
}

impl OciLayout {
    pub fn from_json(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Self {
        Self { image_layout_version: fields.string(object, "imageLayoutVersion") }
    }
}

/// Where a layout keeps a blob. A [`Digest`] is an exact file name, so this cannot leave the folder.
pub fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().as_str(), digest.encoded())
}

/// The digest that a name declares: `blobs/<algorithm>/<encoded>` of a layout, or `<hex>.json` and `<hex>.tar`,
/// whose hex is SHA-256, as `docker save` writes them.
pub fn declared_by_name(path: &str) -> Option<Digest> {
    let components: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    match components[..] {
        ["blobs", algorithm, encoded] => format!("{algorithm}:{encoded}").parse().ok(),
        [name] => {
            let stem = name.strip_suffix(".json").or_else(|| name.strip_suffix(".tar"))?;
            format!("sha256:{stem}").parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_declare_digests() {
        let digest = Digest::sha256(b"x");
        let hex = digest.encoded();
        for (name, declares) in [
            (format!("blobs/sha256/{hex}"), true),
            (format!("./blobs/sha256/{hex}"), true),
            (format!("{hex}.json"), true),
            (format!("a/{hex}.json"), false),
            ("config.json".into(), false),
            (format!("blobs/sha512/{hex}"), false),
        ] {
            assert_eq!(declared_by_name(&name), declares.then(|| digest.clone()), "{name}");
        }
        assert_eq!(declared_by_name(&blob_path(&digest)), Some(digest));
    }
}
