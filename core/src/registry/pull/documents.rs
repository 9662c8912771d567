//! From a tag to manifest and config: each document verified, then read.

use serde_json::{Map, Value};

use super::{
    super::{
        accept::Accept,
        choose::{choose, platforms},
        http::{Head, Now},
        reference::Target,
        source::{Source, named},
    },
    DocumentText, Found, FoundLayer, Options, Pull,
    blobs::Blob,
    digest_like,
    error::{Problem, What},
    event::{Action, Event, Why},
    limits::PullLimits,
    requests::{Aim, Errand},
};
use crate::{
    digest::{Digest, ImageId},
    display::harmless_text,
    finding::Findings,
    spec::{
        config::ImageConfig,
        descriptor::Descriptor,
        index::ImageIndex,
        json::{self, Fields},
        manifest::ImageManifest,
        platform::Platform,
    },
};

/// A document that is to come.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub what: What,
    /// `None` for what a tag names.
    pub expected: Option<Digest>,
    pub size: Option<u64>,
    media_type: Option<String>,
    /// Indexes above it.
    depth: usize,
}

/// What was found before the config completes it.
#[derive(Debug, Default)]
pub(super) struct Partial {
    indexes: Vec<DocumentText>,
    platforms: Vec<Platform>,
    manifest: Option<(DocumentText, ImageManifest)>,
}

impl Wanted {
    pub fn first(options: &Options) -> Self {
        let (what, expected) = match (&options.source, options.reference.target()) {
            (Source::Layout { .. }, Target::Tag(_)) => (What::Layout, None),
            (_, Target::Tag(_)) => (What::Manifest, None),
            (_, Target::Digest(digest)) => (What::Manifest, Some(digest.clone())),
        };
        Self { what, expected, size: None, media_type: None, depth: 0 }
    }

    fn of(what: What, descriptor: &Descriptor, depth: usize) -> Result<Self, Problem> {
        let (digest, size) = place(descriptor)?;
        Ok(Self { what, expected: Some(digest), size: Some(size), media_type: descriptor.media_type.clone(), depth })
    }

    pub fn address(&self, options: &Options) -> String {
        match (&self.expected, self.what) {
            (None, _) => options.source.target(&options.reference),
            (Some(digest), What::Config) => options.source.blob(&options.reference, digest),
            (Some(digest), _) => options.source.manifest(&options.reference, digest),
        }
    }

    /// A registry's manifests are asked for by their kinds; blobs and files of a layout have none.
    fn accept(&self, options: &Options) -> Option<Accept> {
        let by_kind = matches!(options.source, Source::Api { .. }) && self.what == What::Manifest;
        by_kind.then(|| Accept::of(self.media_type.as_deref()))
    }

    pub fn has_other_pair(&self, tried: Option<Accept>) -> bool {
        self.what == What::Manifest && tried == Some(Accept::Index)
    }

    /// Bytes that are taken at most: what is declared, within what is sane.
    pub fn limit(&self, limits: &PullLimits) -> u64 {
        let bound = if self.what == What::Config { limits.config_bytes } else { limits.manifest_bytes };
        self.size.map_or(bound, |size| size.min(bound))
    }
}

impl Pull {
    pub(super) fn ask(&mut self, wanted: Wanted, now: Now) {
        let address = wanted.address(&self.options);
        let accept = wanted.accept(&self.options);
        self.say(Event::Asked { what: wanted.what, address: address.clone() });
        self.send(Errand { accept, ..Errand::new(Aim::Document(wanted), address) }, now);
    }

    /// A document's body has ended.
    pub(super) fn document(&mut self, errand: Errand, head: &Head, body: Vec<u8>, now: Now) {
        let wanted = match &errand.aim {
            Aim::Document(wanted) => wanted.clone(),
            _ => return self.granted(errand, &body, now),
        };
        let found = body.len() as u64;
        let promised = head.headers.number("Content-Length");
        // Where the body is encoded the promise is about other bytes, and a page does not always see that it is.
        let expected = wanted.size.or(promised.filter(|_| head.headers.first("Content-Encoding").is_none()));
        if let Some(expected) = expected.filter(|expected| found < *expected) {
            let problem = Problem::Truncated { expected, found, promised };
            let limit = self.options.limits.attempts;
            return self.again(errand, Why::Dropped, None, limit, problem, now);
        }
        // distribution rewrites what a tag names where it thinks that the client cannot read it, to a form without a
        // digest of its own: then the other pair is asked for.
        if wanted.expected.is_none() && wanted.has_other_pair(errand.accept) && is_schema_1(&body) {
            return self.send(Errand { accept: Some(Accept::Manifest), ..errand }, now);
        }
        match self.verified(&wanted, head, body) {
            Err(problem) => self.give_up(errand, problem),
            Ok(text) => match self.believe(&wanted, text, now) {
                Ok(()) => {}
                Err(problem) => self.give_up(errand, problem),
            },
        }
    }

    /// The document with its computed digest, if that is the one asked for.
    fn verified(&self, wanted: &Wanted, head: &Head, bytes: Vec<u8>) -> Result<DocumentText, Problem> {
        let found = bytes.len() as u64;
        if let Some(expected) = wanted.size.filter(|expected| *expected != found) {
            return Err(Problem::Size { expected, found });
        }
        let digest = match &wanted.expected {
            None => Digest::sha256(&bytes),
            Some(expected) => {
                let found = digest_like(expected, &bytes);
                let found = found.ok_or_else(|| Problem::Algorithm { digest: expected.clone() })?;
                if found != *expected {
                    return Err(Problem::Digest { expected: expected.clone(), found });
                }
                found
            }
        };
        if let Some(said) = head.headers.first("Docker-Content-Digest") {
            let same_algorithm = said.parse::<Digest>().ok().and_then(|said| Some(digest_like(&said, &bytes)? == said));
            if same_algorithm == Some(false) {
                return Err(Problem::DigestHeader { expected: said.to_owned(), found: digest });
            }
        }
        Ok(DocumentText { digest, media_type: wanted.media_type.clone(), bytes })
    }

    fn believe(&mut self, wanted: &Wanted, text: DocumentText, now: Now) -> Result<(), Problem> {
        let object = self.object(&text.bytes)?;
        let mut findings = Findings::new(1);
        let mut fields = Fields::new(b"", &mut findings);
        if wanted.what == What::Config {
            let config = ImageConfig::from_json(&object, &mut fields);
            return self.believe_config(text, config);
        }
        let media_type = fields.string(&object, "mediaType").or(text.media_type.clone());
        let text = DocumentText { media_type, ..text };
        if let Some(index) = ImageIndex::from_json(&object, &mut fields) {
            return self.believe_index(wanted, text, index, now);
        }
        match ImageManifest::from_json(&object, &mut fields) {
            Some(manifest) => self.believe_manifest(wanted, text, manifest, now),
            None if is_schema_1(&text.bytes) => {
                Err(Problem::Document { problem: "it is a manifest of schema 1, which names no config".into() })
            }
            None => Err(Problem::Document { problem: "it is neither an index nor a manifest".into() }),
        }
    }

    fn believe_index(
        &mut self,
        wanted: &Wanted,
        text: DocumentText,
        index: ImageIndex,
        now: Now,
    ) -> Result<(), Problem> {
        let limit = self.options.limits.nesting;
        if wanted.depth >= limit {
            return Err(Problem::Nesting { limit });
        }
        let of_layout = wanted.what == What::Layout;
        let manifests: Vec<Descriptor> = match of_layout {
            true => named(&index.manifests, &self.options.reference).into_iter().cloned().collect(),
            false => index.manifests,
        };
        if of_layout && manifests.is_empty() {
            let names = index_names(&self.object(&text.bytes)?);
            return Err(Problem::NoTag { available: names });
        }
        let platforms = platforms(&manifests);
        let wanted_platform = &self.options.platform;
        let chosen = choose(&manifests, wanted_platform)
            .and_then(|at| manifests.get(at))
            .ok_or_else(|| Problem::NoPlatform { wanted: wanted_platform.clone(), available: platforms.clone() })?;
        let next = Wanted::of(What::Manifest, chosen, wanted.depth + 1)?;
        // A layout's own index is the host's list and no part of the image.
        if !of_layout {
            self.say(Event::Index {
                digest: text.digest.clone(),
                chosen: next.expected.clone().unwrap_or_else(|| text.digest.clone()),
                platform: chosen.platform.clone().unwrap_or_default(),
                platforms: platforms.clone(),
            });
            self.partial.indexes.push(text);
            self.partial.platforms = platforms;
        }
        self.ask(next, now);
        Ok(())
    }

    fn believe_manifest(
        &mut self,
        wanted: &Wanted,
        text: DocumentText,
        manifest: ImageManifest,
        now: Now,
    ) -> Result<(), Problem> {
        let artifact = |media_type: Option<&String>| {
            let media_type = media_type.map_or("an artifact of no stated type", String::as_str);
            Problem::NotAnImage { media_type: harmless_text(media_type) }
        };
        let config = manifest.config.as_ref().ok_or_else(|| artifact(manifest.artifact_type.as_ref()))?;
        if !config.media_type().0.is_empty() && !config.media_type().is_image_config() {
            return Err(artifact(manifest.artifact_type.as_ref().or(config.media_type.as_ref())));
        }
        let limit = self.options.limits.layers;
        if manifest.layers.len() > limit {
            return Err(Problem::Document {
                problem: format!("it lists more than {limit} layers, which is the bound"),
            });
        }
        for layer in &manifest.layers {
            let (digest, _) = place(layer)?;
            if crate::digest::Hasher::new(digest.algorithm()).is_none() {
                return Err(Problem::Algorithm { digest });
            }
        }
        let next = Wanted::of(What::Config, config, wanted.depth)?;
        self.say(Event::Manifest { digest: text.digest.clone(), layers: manifest.layers.len() });
        self.partial.manifest = Some((text, manifest));
        self.ask(next, now);
        Ok(())
    }

    fn believe_config(&mut self, text: DocumentText, config: ImageConfig) -> Result<(), Problem> {
        let Partial { indexes, platforms, manifest } = std::mem::take(&mut self.partial);
        let problem = || Problem::Document { problem: "it came before its manifest".into() };
        let (manifest_text, manifest) = manifest.ok_or_else(problem)?;
        let diff_ids: Vec<_> = config.diff_ids.iter().flatten().cloned().collect();
        let counts = (manifest.layers.len(), diff_ids.len());
        if counts.0 != counts.1 || counts.1 != config.diff_ids.len() {
            return Err(Problem::LayerCount { layers: counts.0, diff_ids: counts.1 });
        }
        let layers = manifest.layers.iter().zip(diff_ids).map(|(layer, diff_id)| {
            let (digest, size) = place(layer)?;
            Ok(FoundLayer { digest, size, media_type: layer.media_type.clone(), diff_id })
        });
        let layers = layers.collect::<Result<Vec<_>, Problem>>()?;
        let image_id = ImageId(text.digest.clone());
        self.say(Event::Config { image_id: image_id.clone() });
        self.blobs = Blob::of(&layers);
        let found = Found { indexes, platforms, manifest: manifest_text, image_id, config_text: text, config, layers };
        if self.options.layers {
            self.found = Some(found);
            self.actions.push_back(Action::Choose);
            if self.blobs.is_empty() {
                self.prepare();
            }
        } else {
            self.found = Some(found.clone());
            self.actions.push_back(Action::Done(Box::new(found)));
            self.over = true;
        }
        Ok(())
    }

    fn object(&self, bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
        let limits = &self.options.limits;
        match json::parse(bytes, limits.document_nesting, limits.document_values) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(other) => {
                let problem = format!("it is {} where an object is expected", json::type_name(&other));
                Err(Problem::Document { problem })
            }
            Err(error) => Err(Problem::Document { problem: error.to_string() }),
        }
    }
}

/// Digest and size of a descriptor; both are required.
fn place(descriptor: &Descriptor) -> Result<(Digest, u64), Problem> {
    let lacks = |field: &str| Problem::Document { problem: format!("a descriptor has no usable {field}") };
    let digest = descriptor.digest.clone().ok_or_else(|| lacks("digest"))?;
    let size = descriptor.size.and_then(|size| size.try_into().ok()).ok_or_else(|| lacks("size"))?;
    Ok((digest, size))
}

/// Docker's first registry format: signed, and without a config.
fn is_schema_1(bytes: &[u8]) -> bool {
    let object: Option<Map<String, Value>> = json::parse(bytes, 100, 1_000_000).ok();
    object.is_some_and(|object| object.contains_key("fsLayers"))
}

fn index_names(object: &Map<String, Value>) -> Vec<String> {
    const MOST: usize = 20;
    let mut findings = Findings::new(1);
    let index = ImageIndex::from_json(object, &mut Fields::new(b"", &mut findings));
    let names = index.into_iter().flat_map(|index| index.manifests).flat_map(|manifest| manifest.tags());
    names.take(MOST).map(|name| harmless_text(&name)).collect()
}
