//! What happens to a pull when a byte at the registry is another one: the checks are run for real, on real bytes.
//!
//! The first check that fails is the one that catches it. Then the same pull is run as if that check did not exist,
//! and so on, until nothing is left that would notice: what is said of an unchecked world is computed too.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ImageRecord, RecordError};
use crate::{
    archive::{LayerBlob, Location},
    digest::{Algorithm, Digest},
    display::{harmless, harmless_text},
    finding::Severity,
    layer::{
        LayerReading,
        changeset::{Changeset, ContentKey},
        read::read_layer,
    },
    limits::Limits,
};

/// One image at a registry, as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    pub manifest: Vec<u8>,
    pub config: Vec<u8>,
    /// As stored, base first.
    pub layers: Vec<Vec<u8>>,
}

/// What is tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// The tag leads to the other image.
    Tag,
    Manifest,
    Config,
    /// 0 is the base.
    Layer(usize),
}

/// How the image is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Asked {
    ByTag,
    /// `name@sha256:…`: the digest is known before anything comes.
    ByDigest,
}

/// A check of a pull, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Check {
    ManifestDigest,
    ManifestReadable,
    ConfigPresent,
    ConfigSize,
    ConfigDigest,
    ConfigReadable,
    LayerPresent,
    LayerSize,
    LayerDigest,
    LayerUnpacks,
    DiffId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub check: Check,
    /// 0 is the base.
    pub layer: Option<usize>,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Holds,
    /// Nothing to compare with: a tag promises no digest.
    NotChecked,
    /// A digest, a size, or a sentence about what is wrong.
    Fails {
        expected: String,
        found: String,
    },
}

/// What tampering came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// The checks of the pull, up to the one that stopped it.
    pub checks: Vec<Checked>,
    /// The checks that fail, in their order: the first caught it, and each of the others would have, had those before
    /// it not been made. Empty where no check sees it.
    pub defences: Vec<Checked>,
    /// What would be in the store had nothing been checked.
    pub unchecked: Vec<Consequence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consequence {
    /// Nothing can be stored: a document or blob cannot be had or read.
    Nothing,
    /// The image has another ID, that is, it is another image.
    OtherImage { expected: Digest, found: Digest },
    /// The config says something else under this key.
    OtherConfig { key: String },
    /// Files of a layer are other ones, or not there.
    OtherFiles { layer: usize, paths: Vec<String> },
    /// The layer ends where its stream is damaged.
    Damaged { layer: usize, sentence: String },
    /// Every file is as it was: the byte says nothing, or only how the image is stored.
    SameFiles,
}

/// Inverts the lowest bit of the byte at `offset` of `target` (of a tag: lets it lead to `other`), pulls, and tells
/// what noticed. An offset behind the end changes nothing.
pub fn examine(shelf: &Shelf, other: &Shelf, target: Target, offset: usize, asked: Asked, limits: &Limits) -> Examined {
    let mut served = if target == Target::Tag && asked == Asked::ByTag { other.clone() } else { shelf.clone() };
    // Clients ask by names, and the names are those of the bytes as they were.
    let names = Names::of(&served);
    let bytes = match target {
        Target::Tag => None,
        Target::Manifest => Some(&mut served.manifest),
        Target::Config => Some(&mut served.config),
        Target::Layer(layer) => served.layers.get_mut(layer),
    };
    if let Some(byte) = bytes.and_then(|bytes| bytes.get_mut(offset)) {
        *byte ^= 1;
    }
    let pull = Pull { served: &served, names: &names, asked, manifest: Digest::sha256(&shelf.manifest), limits };
    let mut ignored = BTreeSet::new();
    let mut examined = Examined { checks: Vec::new(), defences: Vec::new(), unchecked: Vec::new() };
    loop {
        let outcome = pull.run(&ignored);
        if ignored.is_empty() {
            examined.checks.clone_from(&outcome.checks);
        }
        let failed = outcome.checks.last().filter(|last| matches!(last.verdict, Verdict::Fails { .. })).cloned();
        let Some(failed) = failed else {
            examined.unchecked = consequences(shelf, &outcome, limits);
            return examined;
        };
        let goes_on = ignored.insert((failed.check, failed.layer)) && !failed.check.is_fatal();
        examined.defences.push(failed);
        if !goes_on {
            examined.unchecked.push(Consequence::Nothing);
            return examined;
        }
    }
}

impl Check {
    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 11] = [
        "manifest-digest",
        "manifest-readable",
        "config-present",
        "config-size",
        "config-digest",
        "config-readable",
        "layer-present",
        "layer-size",
        "layer-digest",
        "layer-unpacks",
        "diff-id",
    ];

    pub fn key(self) -> &'static str {
        Self::KEYS[self as usize]
    }

    /// Without it there is nothing to go on with.
    fn is_fatal(self) -> bool {
        matches!(self, Self::ManifestReadable | Self::ConfigPresent | Self::ConfigReadable | Self::LayerPresent)
    }
}

/// Names of blobs at the registry, and which of them it is.
struct Names(BTreeMap<Digest, Target>);

impl Names {
    fn of(shelf: &Shelf) -> Self {
        let config = (Digest::sha256(&shelf.config), Target::Config);
        let layers =
            shelf.layers.iter().enumerate().map(|(layer, bytes)| (Digest::sha256(bytes), Target::Layer(layer)));
        Self(layers.chain([config]).collect())
    }
}

struct Pull<'a> {
    served: &'a Shelf,
    names: &'a Names,
    asked: Asked,
    /// What whoever asks by digest asks for.
    manifest: Digest,
    limits: &'a Limits,
}

#[derive(Default)]
struct Outcome {
    checks: Vec<Checked>,
    config: Vec<u8>,
    layers: Vec<LayerReading>,
}

impl Pull<'_> {
    /// One pull that does not make the `ignored` checks. It stops at the first one that fails.
    fn run(&self, ignored: &BTreeSet<(Check, Option<usize>)>) -> Outcome {
        let mut outcome = Outcome::default();
        let _stopped = self.steps(ignored, &mut outcome);
        outcome
    }

    fn steps(&self, ignored: &BTreeSet<(Check, Option<usize>)>, outcome: &mut Outcome) -> Result<(), Stopped> {
        let mut check = |check: Check, layer: Option<usize>, verdict: Verdict| {
            if ignored.contains(&(check, layer)) {
                return Ok(());
            }
            let fails = matches!(verdict, Verdict::Fails { .. });
            outcome.checks.push(Checked { check, layer, verdict });
            if fails { Err(Stopped) } else { Ok(()) }
        };
        let manifest = &self.served.manifest;
        check(
            Check::ManifestDigest,
            None,
            match self.asked {
                Asked::ByTag => Verdict::NotChecked,
                Asked::ByDigest => equal(&self.manifest, &Digest::sha256(manifest)),
            },
        )?;
        let (config_digest, config_size) = config_of(manifest).map_or_else(
            |sentence| {
                check(
                    Check::ManifestReadable,
                    None,
                    Verdict::Fails { expected: "an image manifest".into(), found: sentence },
                )
                .and(Err(Stopped))
            },
            Ok,
        )?;
        check(Check::ManifestReadable, None, Verdict::Holds)?;
        check(Check::ConfigPresent, None, self.present(&config_digest, Target::Config))?;
        let config = &self.served.config;
        check(Check::ConfigSize, None, equal(&config_size, &(config.len() as u64)))?;
        check(Check::ConfigDigest, None, equal(&config_digest, &Digest::sha256(config)))?;
        let record = match ImageRecord::from_documents(manifest, config, self.limits) {
            Ok(record) => record,
            Err(error) => {
                let readable = if is_about_manifest(&error) { Check::ManifestReadable } else { Check::ConfigReadable };
                let expected = "documents that belong together".into();
                check(readable, None, Verdict::Fails { expected, found: error.to_string() })?;
                return Err(Stopped);
            }
        };
        check(Check::ConfigReadable, None, Verdict::Holds)?;
        let mut readings = Vec::new();
        for (number, layer) in record.layers.iter().enumerate() {
            let at = Some(number);
            check(Check::LayerPresent, at, self.present(&layer.blob, Target::Layer(number)))?;
            let Some(Target::Layer(served)) = self.names.0.get(&layer.blob) else { return Err(Stopped) };
            let Some(bytes) = self.served.layers.get(*served) else { return Err(Stopped) };
            check(Check::LayerSize, at, equal(&layer.blob_size, &(bytes.len() as u64)))?;
            check(Check::LayerDigest, at, equal(&layer.blob, &Digest::sha256(bytes)))?;
            let Some(reading) = read(bytes, self.limits) else { return Err(Stopped) };
            check(Check::LayerUnpacks, at, unpacks(&reading))?;
            check(Check::DiffId, at, equal(&layer.diff_id.0, &reading.summary.diff_id.0))?;
            readings.push(reading);
        }
        outcome.config.clone_from(config);
        outcome.layers = readings;
        Ok(())
    }

    /// Whether the registry has a blob of this name.
    fn present(&self, digest: &Digest, expected: Target) -> Verdict {
        let found = match (self.names.0.get(digest), expected) {
            (Some(Target::Config), Target::Config) | (Some(Target::Layer(_)), Target::Layer(_)) => {
                return Verdict::Holds;
            }
            (Some(_), _) => "a blob of another kind",
            (None, _) => "404: no such blob",
        };
        Verdict::Fails { expected: digest.to_string(), found: found.into() }
    }
}

/// A check failed that is not ignored.
struct Stopped;

fn equal<T: PartialEq + ToString>(expected: &T, found: &T) -> Verdict {
    if expected == found {
        Verdict::Holds
    } else {
        Verdict::Fails { expected: expected.to_string(), found: found.to_string() }
    }
}

/// Digest and size of the config that a manifest names.
fn config_of(manifest: &[u8]) -> Result<(Digest, u64), String> {
    let value: Value = serde_json::from_slice(manifest).map_err(|error| harmless_text(&error.to_string()))?;
    let descriptor = &value["config"];
    let digest = descriptor["digest"].as_str().ok_or("no digest of a config")?;
    let digest = digest.parse().map_err(|error: crate::digest::DigestError| error.to_string())?;
    Ok((digest, descriptor["size"].as_u64().ok_or("no size of the config")?))
}

fn is_about_manifest(error: &RecordError) -> bool {
    matches!(
        error,
        RecordError::Layer { .. }
            | RecordError::Json { document: "manifest", .. }
            | RecordError::NotA { document: "manifest" }
    )
}

/// A fixed key: nobody prepares collisions against a demonstration.
const KEY: ContentKey = ContentKey([1, 2, 3, 4]);

fn read(bytes: &[u8], limits: &Limits) -> Option<LayerReading> {
    let job = LayerBlob {
        location: Location { volume: 0, offset: 0, size: bytes.len() as u64 },
        path: String::new(),
        blob_algorithm: Algorithm::Sha256,
        diff_id_algorithm: Algorithm::Sha256,
        expect_tar: true,
    };
    read_layer(&mut &bytes[..], &job, KEY, limits, &mut |_| {}).ok()
}

/// The sentence of the worst that is wrong with the stream.
fn damage(reading: &LayerReading) -> Option<&str> {
    let errors = reading.summary.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| &*finding.message).next()
}

fn unpacks(reading: &LayerReading) -> Verdict {
    match damage(reading) {
        None => Verdict::Holds,
        Some(sentence) => Verdict::Fails { expected: "a whole tar".into(), found: sentence.into() },
    }
}

fn consequences(intact: &Shelf, outcome: &Outcome, limits: &Limits) -> Vec<Consequence> {
    let mut told = Vec::new();
    let (expected, found) = (Digest::sha256(&intact.config), Digest::sha256(&outcome.config));
    if expected != found {
        told.push(Consequence::OtherImage { expected, found });
        told.extend(changed_keys(&intact.config, &outcome.config).map(|key| Consequence::OtherConfig { key }));
    }
    let readings = intact.layers.iter().map(|bytes| read(bytes, limits));
    let before: Vec<Option<LayerReading>> = readings.collect();
    let mut same = before.len() == outcome.layers.len();
    for (layer, (before, after)) in before.iter().zip(&outcome.layers).enumerate() {
        if let Some(sentence) = damage(after) {
            told.push(Consequence::Damaged { layer, sentence: sentence.into() });
        }
        let Some(before) = before else { continue };
        let paths = changed_paths(&before.changeset, &after.changeset);
        if !paths.is_empty() {
            told.push(Consequence::OtherFiles { layer, paths });
        }
        same = same && before.summary.diff_id == after.summary.diff_id;
    }
    if same && told.is_empty() {
        told.push(Consequence::SameFiles);
    }
    told
}

fn changed_keys(before: &[u8], after: &[u8]) -> impl Iterator<Item = String> {
    let object = |bytes| serde_json::from_slice::<serde_json::Map<String, Value>>(bytes).unwrap_or_default();
    let (before, after) = (object(before), object(after));
    let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let changed: Vec<String> =
        keys.into_iter().filter(|key| before.get(key) != after.get(key)).map(|key| harmless_text(&key)).collect();
    changed.into_iter()
}

/// Paths whose entry is another one, or is in one of the two only; at most a few, for people.
fn changed_paths(before: &Changeset, after: &Changeset) -> Vec<String> {
    const SHOWN: usize = 8;
    let entries = |changeset: &Changeset| -> BTreeMap<Vec<u8>, String> {
        let described = changeset.entries.iter().map(|entry| {
            let target = match entry.kind {
                crate::layer::changeset::EntryKind::Symlink { target } => harmless(changeset.target(target)),
                _ => String::new(),
            };
            let shown = format!("{:?} {:?} {} {target}", entry.kind, entry.metadata, entry.size);
            (changeset.paths.bytes(entry.path), shown)
        });
        described.collect()
    };
    let (before, after) = (entries(before), entries(after));
    let paths: BTreeSet<&Vec<u8>> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    changed.take(SHOWN).map(|path| harmless(path)).collect()
}
