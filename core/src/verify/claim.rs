//! What a pasted text claims: a digest, or a document that speaks of an image.

use serde_json::{Map, Value};

use super::Given;
use crate::digest::{Algorithm, Digest};

/// A text, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A digest alone: it may be of anything.
    Digest(Digest),
    /// What a registry calls the image: the digest of a manifest or of an index; and the layers as stored, where the
    /// text lists them.
    Registry { digest: Digest, blobs: Vec<Digest> },
    /// One element of an inspect command's output.
    Inspect(Inspect),
    /// A document whose own digest counts. `config` is what a manifest names, `diff_ids` what a config lists,
    /// `manifests` what an index lists.
    Document { given: Given, own: Vec<Digest>, config: Option<Digest>, diff_ids: Vec<Digest>, manifests: Vec<Digest> },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspect {
    pub id: Option<Digest>,
    /// The tool prints the digest of the config and nothing else as `Id`. Docker on containerd's store prints that of
    /// a manifest or index instead, and older versions of it do not say so.
    pub id_is_config: bool,
    pub repo_digests: Vec<Digest>,
    pub diff_ids: Vec<Digest>,
}

impl Claim {
    /// What it was taken for.
    pub fn given(&self) -> Given {
        match self {
            Self::Digest(_) => Given::Digest,
            Self::Registry { .. } => Given::RepoDigest,
            Self::Inspect(_) => Given::DockerInspect,
            Self::Document { given, .. } => *given,
        }
    }

    /// All claims of a text: several where an inspect command was given several images, none where the text is
    /// nothing that is known here.
    pub fn parse(text: &str) -> Vec<Self> {
        let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if trimmed.starts_with(['{', '[']) {
            // serde_json stops at 128 levels, so a deep text cannot exhaust the stack.
            return serde_json::from_str::<Value>(trimmed).map(|value| of_json(text, &value)).unwrap_or_default();
        }
        of_words(trimmed).into_iter().collect()
    }
}

/// A digest, a bare hash, `name@digest`, or a line of a tool's output that holds one digest.
fn of_words(text: &str) -> Option<Claim> {
    let mut found = None;
    let mut previous = "";
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c: char| "\"'`,;()[]".contains(c));
        let (name, digest) = word.rsplit_once('@').map_or((None, word), |(name, digest)| (Some(name), digest));
        if let Some(digest) = digest_or_hash(digest) {
            if found.is_some() {
                return None;
            }
            // `docker pull` ends in "Digest: sha256:…", which is the registry's.
            let registry = name.is_some_and(|name| !name.is_empty()) || previous.eq_ignore_ascii_case("digest:");
            found = Some(if registry { Claim::Registry { digest, blobs: Vec::new() } } else { Claim::Digest(digest) });
        }
        previous = word;
    }
    found
}

/// `redis:7` has the form of a digest of an unknown algorithm: those must be as long as a hash.
fn digest_or_hash(text: &str) -> Option<Digest> {
    let text = text.to_ascii_lowercase();
    let bare = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let digest: Digest = if bare { format!("sha256:{text}").parse().ok()? } else { text.parse().ok()? };
    (digest.encoded().len() >= 32).then_some(digest)
}

fn of_json(text: &str, value: &Value) -> Vec<Claim> {
    match value {
        Value::Array(elements) => elements.iter().filter_map(Value::as_object).filter_map(inspect).collect(),
        Value::Object(object) => of_object(text, object).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn of_object(text: &str, object: &Map<String, Value>) -> Option<Claim> {
    let config = object.get("config").and_then(|config| digest(config.get("digest")?));
    let document = |given: Given| Claim::Document {
        given,
        own: own_digests(text),
        config: config.clone(),
        diff_ids: at(object, &["rootfs", "diff_ids"]).map(digests).unwrap_or_default(),
        manifests: object.get("manifests").map(descriptors).unwrap_or_default(),
    };
    if let Some(inspect) = inspect(object) {
        return Some(inspect);
    }
    if object.contains_key("manifests") {
        return Some(document(Given::IndexDocument));
    }
    if object.contains_key("rootfs") {
        return Some(document(Given::ConfigDocument));
    }
    if config.is_some() || object.contains_key("fsLayers") {
        return Some(document(Given::ManifestDocument));
    }
    let blobs = object.get("Layers").map(digests).unwrap_or_default();
    Some(Claim::Registry { digest: digest(object.get("Digest")?)?, blobs })
}

/// `docker image inspect`, `podman image inspect`; of a container the image it was made of. Networks and volumes have
/// an `Id` too, which is no image's.
fn inspect(object: &Map<String, Value>) -> Option<Claim> {
    let key = match () {
        () if object.contains_key("RootFS") || object.contains_key("RepoTags") => "Id",
        () if object.contains_key("State") => "Image",
        () => return None,
    };
    let id = object.get(key).and_then(Value::as_str)?;
    let storage = at(object, &["GraphDriver", "Name"]).and_then(Value::as_str).unwrap_or_default();
    let classic = ["overlay2", "fuse-overlayfs", "btrfs", "zfs", "vfs", "aufs", "devicemapper", "windowsfilter"];
    let podman = !id.contains(':');
    let mut repo_digests: Vec<Digest> = object.get("RepoDigests").map(digests).unwrap_or_default();
    repo_digests.extend(object.get("Digest").and_then(digest));
    Some(Claim::Inspect(Inspect {
        id: digest_or_hash(id),
        id_is_config: podman || (classic.contains(&storage) && !object.contains_key("Descriptor")),
        repo_digests,
        diff_ids: at(object, &["RootFS", "Layers"]).map(digests).unwrap_or_default(),
    }))
}

/// Of the exact text, and of the text as it may have been before it was copied: one newline more or less at its end,
/// lines ended by a newline alone.
fn own_digests(text: &str) -> Vec<Digest> {
    let unix = text.replace("\r\n", "\n");
    let bare = unix.trim_end_matches('\n');
    let forms = [text.to_owned(), unix.clone(), bare.to_owned(), format!("{bare}\n"), bare.trim().to_owned()];
    let of = |algorithm: Algorithm| forms.iter().filter_map(move |form| Digest::compute(&algorithm, form.as_bytes()));
    of(Algorithm::Sha256).chain(of(Algorithm::Sha512)).collect()
}

fn at<'a>(object: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(object.get(*first)?, |value, key| value.get(key))
}

fn digest(value: &Value) -> Option<Digest> {
    let text = value.as_str()?;
    text.rsplit('@').next()?.parse().ok()
}

/// A list that has something else among its digests is no list of digests.
fn digests(value: &Value) -> Vec<Digest> {
    value.as_array().and_then(|list| list.iter().map(digest).collect()).unwrap_or_default()
}

fn descriptors(value: &Value) -> Vec<Digest> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|descriptor| digest(descriptor.get("digest")?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_is_recognised() {
        let d = Digest::sha256(b"x");
        let hex = d.encoded();
        for (text, given) in [
            (format!("{d}\n"), Some(Given::Digest)),
            (hex.to_uppercase(), Some(Given::Digest)),
            (format!("\"{d}\","), Some(Given::Digest)),
            (format!("registry.example:5000/app:1.0@{d}"), Some(Given::RepoDigest)),
            (format!("Digest: {d}\nStatus: Image is up to date for app:1"), Some(Given::RepoDigest)),
            (format!("[{{\"Id\": \"{d}\", \"RootFS\": {{\"Layers\": []}}}}]"), Some(Given::DockerInspect)),
            (format!("{{\"Name\": \"app\", \"Digest\": \"{d}\"}}"), Some(Given::RepoDigest)),
            (format!("{{\"config\": {{\"digest\": \"{d}\"}}, \"layers\": []}}"), Some(Given::ManifestDocument)),
            ("{\"manifests\": []}".into(), Some(Given::IndexDocument)),
            ("{\"config\": {\"Env\": []}, \"rootfs\": {\"diff_ids\": []}}".into(), Some(Given::ConfigDocument)),
            ("latest".into(), None),
            ("redis:7".into(), None),
            (format!("[{{\"Id\": \"{hex}\", \"Driver\": \"bridge\"}}]"), None),
            (format!("{d} {d}"), None),
            ("{\"config\": ".into(), None),
            ("[".repeat(100_000), None),
        ] {
            assert_eq!(Claim::parse(&text).first().map(Claim::given), given, "{text:.80}");
        }
    }

    #[test]
    fn an_id_is_a_config_digest_only_where_the_tool_says_so() {
        let d = Digest::sha256(b"x");
        for (text, certain) in [
            (format!("\"Id\": \"{}\", \"RepoTags\": []", d.encoded()), true),
            (format!("\"Id\": \"{d}\", \"RepoTags\": [], \"GraphDriver\": {{\"Name\": \"overlay2\"}}"), true),
            (format!("\"Id\": \"{d}\", \"RepoTags\": [], \"GraphDriver\": {{\"Name\": \"overlayfs\"}}"), false),
            (
                format!(
                    "\"Id\": \"{d}\", \"RootFS\": {{}}, \"GraphDriver\": {{\"Name\": \"overlay2\"}}, \"Descriptor\": {{}}"
                ),
                false,
            ),
            (format!("\"Id\": \"{d}\", \"RepoTags\": []"), false),
            (format!("\"Id\": \"{}\", \"State\": {{}}, \"Image\": \"{d}\"", "0".repeat(64)), false),
        ] {
            let text = format!("[{{{text}}}]");
            let [Claim::Inspect(inspect)] = &Claim::parse(&text)[..] else { panic!("{text}") };
            assert_eq!((&inspect.id, inspect.id_is_config), (&Some(d.clone()), certain), "{text}");
        }
    }
}
