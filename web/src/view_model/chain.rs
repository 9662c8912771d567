//! The chain of digests: what each document declares of the next, and what was computed here.

use layerlab_core::{
    archive::LayerSource,
    digest::ChainId,
    report::ImageReport,
    verify::{Check, Subject, Verdict},
};

use super::slabs::View;

/// One link. Its texts are whole digests or sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub subject: LinkSubject,
    /// In the engine's words, where it gave some; else the catalogue has words for the subject.
    pub declared_by: Option<String>,
    pub declared: Option<String>,
    pub computed: Option<String>,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkSubject {
    Index,
    Manifest,
    Config,
    Blob,
    BlobSize,
    DiffId,
    Chain,
}

impl LinkSubject {
    pub fn word(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Manifest => "manifest",
            Self::Config => "config",
            Self::Blob => "blob",
            Self::BlobSize => "blob-size",
            Self::DiffId => "diff-id",
            Self::Chain => "chain-id",
        }
    }

    fn subject(self) -> Option<Subject> {
        match self {
            Self::Index => None,
            Self::Manifest => Some(Subject::ManifestDigest),
            Self::Config => Some(Subject::ConfigDigest),
            Self::Blob => Some(Subject::BlobDigest),
            Self::BlobSize => Some(Subject::BlobSize),
            Self::DiffId => Some(Subject::DiffId),
            Self::Chain => Some(Subject::ChainId),
        }
    }
}

/// The documents of an image, the outermost first.
pub fn documents(view: &View<'_>) -> Vec<Link> {
    let image = view.image;
    let mut links = Vec::new();
    if let Some(index) = &image.index_digest {
        links.push(link(view, None, LinkSubject::Index, None, Some(index.to_string())));
    }
    if let Some(manifest) = &image.manifest {
        let text = |digest: &Option<_>| digest.as_ref().map(ToString::to_string);
        let (declared, computed) = (text(&manifest.declared), text(&manifest.digest));
        links.push(link(view, None, LinkSubject::Manifest, declared, computed));
    }
    if let Some(config) = &image.config {
        let declared = config.declared.as_ref().map(ToString::to_string);
        links.push(link(view, None, LinkSubject::Config, declared, Some(config.digest.to_string())));
    }
    links
}

/// The links of one layer: its diff_id (named by the config), its blob (named by the manifest), its chain ID.
pub fn layer(view: &View<'_>, layer: usize) -> Vec<Link> {
    let Some(listed) = view.image.layers.get(layer) else { return vec![] };
    let summary = match &listed.source {
        LayerSource::Blob(id) => view.archive.summary(*id),
        LayerSource::Absent(_) => None,
    };
    let declared = listed.declared.as_ref();
    let mut links = vec![
        link(
            view,
            Some(layer),
            LinkSubject::DiffId,
            listed.diff_id_declared.as_ref().map(ToString::to_string),
            summary.map(|s| s.diff_id.to_string()),
        ),
        link(
            view,
            Some(layer),
            LinkSubject::Blob,
            declared.map(|d| d.digest.to_string()),
            summary.map(|s| s.blob_digest.to_string()),
        ),
    ];
    if let Some(size) = declared.and_then(|d| d.size) {
        let computed = summary.map(|s| s.blob_size.to_string());
        links.push(link(view, Some(layer), LinkSubject::BlobSize, Some(size.to_string()), computed));
    }
    let chain_id = view.report.and_then(|report| report.layers.get(layer)).and_then(|layer| layer.chain_id.as_ref());
    links.push(link(view, Some(layer), LinkSubject::Chain, None, chain_id.map(ToString::to_string)));
    links
}

/// The identifiers under which tools print the image.
#[derive(Clone, Debug, PartialEq)]
pub struct Ids {
    /// Classic Docker and podman: the config's digest.
    pub classic: Option<String>,
    /// containerd's store: the digest of the index, or of the manifest where the archive itself lists it.
    pub containerd: Option<String>,
    /// The chain ID of the whole stack.
    pub chain: Option<String>,
}

pub fn ids(view: &View<'_>) -> Ids {
    let top: Option<&ChainId> = view.report.and_then(|report| report.layers.last()?.chain_id.as_ref());
    Ids {
        classic: view.image.config.as_ref().map(|config| config.digest.to_string()),
        containerd: view.report.and_then(|report| report.containerd_id.as_ref()).map(ToString::to_string),
        chain: top.map(ToString::to_string),
    }
}

/// What the seal "consistent with itself" says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// Not everything has been read yet.
    Pending,
    /// Every comparison that could be made was equal.
    Consistent {
        checks: usize,
    },
    Contradicts {
        mismatches: usize,
    },
    /// Nothing was declared that could be compared.
    NothingDeclared,
}

pub fn consistency(views: &[View<'_>]) -> Consistency {
    let reports: Option<Vec<&ImageReport>> = views.iter().map(|view| view.report).collect();
    let Some(reports) = reports.filter(|reports| !reports.is_empty()) else {
        return Consistency::Pending;
    };
    let count = |verdict| {
        let checks = reports.iter().flat_map(|report| &report.checks);
        checks.filter(|check| check.verdict == verdict).count()
    };
    match (count(Verdict::Mismatch), count(Verdict::Match)) {
        (0, 0) => Consistency::NothingDeclared,
        (0, checks) => Consistency::Consistent { checks },
        (mismatches, _) => Consistency::Contradicts { mismatches },
    }
}

/// The first comparisons that failed, each once although several views may share it, and how many are left out.
pub fn mismatches<'a>(views: &[View<'a>], limit: usize) -> (Vec<&'a Check>, usize) {
    let checks = views.iter().filter_map(|view| view.report).flat_map(|report| &report.checks);
    let (mut found, mut left): (Vec<&Check>, usize) = (Vec::new(), 0);
    for check in checks.filter(|check| check.verdict == Verdict::Mismatch) {
        match found.contains(&check) {
            true => {}
            false if found.len() < limit => found.push(check),
            false => left += 1,
        }
    }
    (found, left)
}

/// The engine's own check where there is one: it knows who declares what. Before the report is there, equality.
fn link(
    view: &View<'_>,
    layer: Option<usize>,
    subject: LinkSubject,
    declared: Option<String>,
    computed: Option<String>,
) -> Link {
    let check = view.report.and_then(|report| {
        let wanted = subject.subject()?;
        let layer = layer.map(|layer| layer as u64);
        report.checks.iter().find(|check| check.subject == wanted && check.layer == layer)
    });
    if let Some(check) = check {
        return Link {
            subject,
            declared_by: check.declared_by.clone(),
            declared: check.declared.clone().or(declared),
            computed: check.computed.clone().or(computed),
            verdict: check.verdict,
        };
    }
    let verdict = match (&declared, &computed) {
        (Some(declared), Some(computed)) if algorithm(declared) == algorithm(computed) => {
            if declared == computed {
                Verdict::Match
            } else {
                Verdict::Mismatch
            }
        }
        _ => Verdict::NotChecked,
    };
    Link { subject, declared_by: None, declared, computed, verdict }
}

/// Digests of different algorithms cannot be compared.
fn algorithm(text: &str) -> Option<&str> {
    text.split_once(':').map(|(algorithm, _)| algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::example;

    fn told(links: &[Link]) -> Vec<(&'static str, Verdict)> {
        links.iter().map(|link| (link.subject.word(), link.verdict)).collect()
    }

    #[test]
    fn documents_come_from_the_outside_in() {
        let archive = example::archive(example::plan(), []);
        let links = documents(&View::new(&archive, 0).unwrap());
        assert_eq!(told(&links), [("manifest", Verdict::Match), ("config", Verdict::Match)]);
    }

    #[test]
    fn a_layer_that_was_not_read_is_not_checked() {
        let archive = example::half_read();
        let view = View::new(&archive, 0).unwrap();
        use Verdict::{Match, NotChecked};
        assert_eq!(
            told(&layer(&view, 0)),
            [("diff-id", Match), ("blob", Match), ("blob-size", Match), ("chain-id", NotChecked)]
        );
        assert!(told(&layer(&view, 1)).iter().all(|(_, verdict)| *verdict == NotChecked));
        assert_eq!(consistency(&[view]), Consistency::Pending);
    }

    #[test]
    fn forged_bytes_break_both_of_their_links() {
        let archive = example::archive(example::plan(), [example::read(0, b"forged")]);
        let links = layer(&View::new(&archive, 0).unwrap(), 0);
        assert_eq!(told(&links)[..2], [("diff-id", Verdict::Mismatch), ("blob", Verdict::Mismatch)]);
    }

    #[test]
    fn the_image_id_is_known_before_a_layer_is_read() {
        let archive = example::half_read();
        let ids = ids(&View::new(&archive, 0).unwrap());
        let classic = Some(layerlab_core::digest::Digest::sha256(b"config").to_string());
        assert_eq!(ids, Ids { classic, containerd: None, chain: None });
    }
}
