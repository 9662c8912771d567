//! Media types, as far as they decide anything: compression is decided by content, never by these.
//!
//! Source: OCI image-spec, media-types.md; Docker's "Image Manifest V 2, Schema 2".

/// A media type as a descriptor writes it. An absent one is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaType<'a>(pub &'a str);

impl MediaType<'_> {
    /// The config document of an image that has a file system.
    pub fn is_image_config(self) -> bool {
        matches!(self.0, "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json")
    }

    /// A layer that is a tar by its media type, compressed or not. Docker plugins and kaniko's mixtures included.
    pub fn is_tar_layer(self) -> bool {
        let base = self.0.strip_suffix("+encrypted").unwrap_or(self.0);
        base.starts_with("application/vnd.oci.image.layer.")
            || base.starts_with("application/vnd.docker.image.rootfs.")
            || [".tar", ".tar+gzip", ".tar+zstd", ".tar.gzip", ".tar.zstd"].iter().any(|end| base.ends_with(end))
    }

    /// The suffix of the ocicrypt proposal: the bytes are no tar until they are decrypted.
    pub fn is_encrypted(self) -> bool {
        self.0.ends_with("+encrypted")
    }

    /// A layer that its licence keeps out of registries (Windows base layers): its absence is no error.
    pub fn is_foreign(self) -> bool {
        self.0.contains(".foreign.") || self.0.contains(".nondistributable.")
    }

    /// BuildKit's provenance and SBOM statements.
    pub fn is_in_toto(self) -> bool {
        self.0 == "application/vnd.in-toto+json"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_media_type_decides() {
        for (text, tar, encrypted, foreign) in [
            ("application/vnd.oci.image.layer.v1.tar", true, false, false),
            ("application/vnd.oci.image.layer.v1.tar+gzip", true, false, false),
            ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", true, true, false),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true, false, true),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", true, false, false),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true, false, true),
            ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", true, false, false),
            ("application/vnd.in-toto+json", false, false, false),
            ("application/vnd.oci.empty.v1+json", false, false, false),
            ("", false, false, false),
        ] {
            let media_type = MediaType(text);
            assert_eq!(
                (media_type.is_tar_layer(), media_type.is_encrypted(), media_type.is_foreign()),
                (tar, encrypted, foreign),
                "{text}"
            );
        }
    }
}
