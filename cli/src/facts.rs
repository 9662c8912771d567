//! `secrets`, `dockerfile` and `packages`: what an image says of itself and what is hidden in it.

use std::{collections::BTreeMap, io, path::Path};

use layerlab_core::{
    archive::{BlobId, Image, LayerBlob, source::LocationReader},
    display::harmless_text,
    error::ArchiveError,
    facts::{
        contents::Walk,
        distribution::Distribution,
        hidden::{ConfigPart, Found, Permission, Place, Secret, fate::Fate},
        image::{Hidden, ReadLayer, Stack},
        packages::{LayerPackages, Note, Package},
        scan::LayerScan,
    },
    layer::{
        changeset::ContentKey,
        read::{LayerContents, read_contents},
    },
    limits::Limits,
};
use serde_json::{Value, json};

use crate::{
    open::{self, Opened},
    progress::Progress,
    read, table,
};

/// What `secrets` prints, and whether there is a secret that is not among tests or documentation.
pub fn secrets(file: &Path, as_json: bool, show: bool) -> Result<(Vec<u8>, bool), ArchiveError> {
    let limits = Limits::default();
    let opened = open::open(file, &limits, &Progress::new())?;
    let searched = Searched::read(&opened, &limits)?;
    let found: Vec<(usize, &Image, Hidden)> =
        searched.stacks(&limits).into_iter().map(|(number, image, stack)| (number, image, stack.hidden())).collect();
    let any = found.iter().any(|(_, _, hidden)| hidden.secrets.iter().any(|found| !found.among_examples));
    let out = if as_json { json_document(&searched.opened.name, &found, show)? } else { text(&found, show) };
    Ok((out, any))
}

/// What `dockerfile` prints: of one image of the archive, counted from 1.
pub fn dockerfile(file: &Path, number: usize) -> Result<Option<Vec<u8>>, ArchiveError> {
    let limits = Limits::default();
    let opened = open::open(file, &limits, &Progress::new())?;
    let searched = Searched::read(&opened, &limits)?;
    let stacks = searched.stacks(&limits);
    let stack = stacks.into_iter().find(|(index, ..)| index + 1 == number);
    Ok(stack.map(|(_, _, stack)| stack.facts().dockerfile.text().into_bytes()))
}

/// What `packages` prints.
pub fn packages(file: &Path) -> Result<Vec<u8>, ArchiveError> {
    let limits = Limits::default();
    let opened = open::open(file, &limits, &Progress::new())?;
    let searched = Searched::read(&opened, &limits)?;
    let mut out = String::new();
    for (number, image, stack) in searched.stacks(&limits) {
        let facts = stack.facts();
        out.push_str(&title(number, image));
        out.push_str(&format!("  {}\n", distribution(facts.distribution.as_ref())));
        for (layer, packages) in facts.packages.layers.iter().enumerate() {
            out.push_str(&layer_packages(layer, packages));
        }
        out.push_str(&format!("  installed in the end: {}\n", facts.packages.installed.len()));
    }
    Ok(out.into_bytes())
}

/// An archive whose layers were read and scanned in one pass.
pub struct Searched<'o> {
    opened: &'o Opened,
    layers: BTreeMap<BlobId, (LayerContents, LayerScan)>,
}

impl<'o> Searched<'o> {
    pub fn read(opened: &'o Opened, limits: &Limits) -> Result<Self, ArchiveError> {
        let progress = Progress::new();
        progress.layers(opened.plan.blobs.iter().map(|blob| blob.location.size).sum());
        let key = read::random_key();
        let mut layers = BTreeMap::new();
        for (index, blob) in opened.plan.blobs.iter().enumerate().filter(|(_, blob)| blob.expect_tar) {
            match scan(opened, blob, key, limits, &progress) {
                Ok(read) => drop(layers.insert(BlobId(index as u32), read)),
                Err(error) => eprintln!("layerlab: {} cannot be read: {error}", blob.path),
            }
        }
        progress.finish();
        Ok(Self { opened, layers })
    }

    /// How many secrets an image of it holds that are not among tests or documentation; `None` where a layer is absent.
    pub fn count_secrets(&self, image: &Image, limits: &Limits) -> Option<u64> {
        let hidden = Stack::new(image, |blob| self.layer(blob), limits).hidden();
        let found = hidden.secrets.iter().filter(|found| !found.among_examples).count() as u64;
        hidden.searched.absent.is_empty().then(|| found.saturating_add(hidden.searched.more))
    }

    fn layer(&self, blob: BlobId) -> Option<ReadLayer<'_>> {
        let (contents, scan) = self.layers.get(&blob)?;
        Some(ReadLayer { changeset: &contents.changeset, regular_bytes: contents.regular_bytes, scan })
    }

    /// The stacks of the archive's images with their numbers; one that is listed twice comes once.
    fn stacks<'a>(&'a self, limits: &'a Limits) -> Vec<(usize, &'a Image, Stack<'a>)> {
        let images = &self.opened.plan.images;
        let same = |a: &Image, b: &Image| {
            let config = |image: &Image| image.config.as_ref().map(|config| config.digest.clone());
            config(a) == config(b) && config(a).is_some() && a.layers.len() == b.layers.len()
        };
        images
            .iter()
            .enumerate()
            .filter(|(number, image)| {
                !image.layers.is_empty() && !images[..*number].iter().any(|earlier| same(earlier, image))
            })
            .map(|(number, image)| (number, image, Stack::new(image, |blob| self.layer(blob), limits)))
            .collect()
    }
}

/// Reads a layer and looks through its files on the way; its digests are not asked for.
fn scan(
    opened: &Opened,
    blob: &LayerBlob,
    key: ContentKey,
    limits: &Limits,
    progress: &Progress,
) -> io::Result<(LayerContents, LayerScan)> {
    let mut handles = opened.handles()?;
    let mut stored = LocationReader::new(&mut handles, blob.location);
    let mut walk = Walk::new(LayerScan::new(limits), limits);
    let mut seen = 0;
    let mut report = |stored: u64| {
        progress.read(stored.saturating_sub(seen));
        seen = seen.max(stored);
    };
    let contents = read_contents(&mut stored, blob, key, limits, &mut walk, &mut report)?;
    Ok((contents, walk.into_visitor()))
}

fn title(number: usize, image: &Image) -> String {
    let tags = image.tags.iter().map(|tag| harmless_text(tag)).collect::<Vec<_>>().join(", ");
    format!("image {}  {}\n", number + 1, if tags.is_empty() { "no tag" } else { &tags })
}

fn text(found: &[(usize, &Image, Hidden)], show: bool) -> Vec<u8> {
    let mut out = String::new();
    for (number, image, hidden) in found {
        out.push_str(&title(*number, image));
        let mut rows = table::new_table(&["", "what", "where", "value"]);
        for found in &hidden.secrets {
            rows.add_row([fate(found), what(&found.secret), place(found), value(&found.secret, show)]);
        }
        if !hidden.secrets.is_empty() {
            out.push_str(&format!("{rows}\n"));
        }
        let mut rows = table::new_table(&["", "mode", "owner", "path"]);
        for permission in &hidden.permissions {
            let owner = format!("{}:{}", permission.uid, permission.gid);
            let path = layerlab_core::display::harmless(&permission.path);
            rows.add_row([reason(permission), format!("{:04o}", permission.mode), owner, path]);
        }
        if !hidden.permissions.is_empty() {
            out.push_str(&format!("\n{rows}\n"));
        }
        let searched = &hidden.searched;
        out.push_str(&format!(
            "  secrets: {}; permissions: {}; {} text files looked through ({}), {} too large\n",
            hidden.secrets.len() as u64 + searched.more,
            hidden.permissions.len(),
            searched.files,
            layerlab_core::display::size(searched.bytes),
            searched.too_large,
        ));
        for layer in &searched.absent {
            out.push_str(&format!("  layer {} is absent and was not searched\n", layer + 1));
        }
    }
    out.into_bytes()
}

fn fate(found: &Found) -> String {
    let words = match &found.place {
        Place::File { fate: Fate::Deleted { by }, .. } => format!("GONE, by layer {}", by + 1),
        Place::File { fate: Fate::Replaced { by }, .. } => format!("WRITTEN OVER, by layer {}", by + 1),
        Place::File { fate: Fate::Visible, .. } => "visible".into(),
        Place::Config(_) => "in the config".into(),
    };
    if found.among_examples { format!("{words} (test or example)") } else { words }
}

fn what(secret: &Secret) -> String {
    let words = secret.rule.key().replace('_', " ");
    secret.name.as_ref().map_or(words.clone(), |name| format!("{words} ({name})"))
}

fn place(found: &Found) -> String {
    match &found.place {
        Place::File { path, layers, .. } => {
            let layers = layers.iter().map(|layer| (layer + 1).to_string()).collect::<Vec<_>>().join(", ");
            let path = layerlab_core::display::harmless(path);
            format!("layer {layers}: {path}:{}", found.secret.line)
        }
        Place::Config(ConfigPart::Env) => "environment".into(),
        Place::Config(ConfigPart::Label) => "label".into(),
        Place::Config(ConfigPart::Command) => "command".into(),
        Place::Config(ConfigPart::History(entry)) => format!("history, entry {}", entry + 1),
    }
}

/// On one line, whatever the value has.
fn value(secret: &Secret, show: bool) -> String {
    if show { secret.value.reveal().replace('\n', "\\n") } else { secret.masked() }
}

fn reason(permission: &Permission) -> String {
    use layerlab_core::facts::hidden::Reason;
    match permission.reason {
        Reason::SetuidWritable => "setuid, and anybody may write it".into(),
        Reason::WorldWritable => "anybody may write it".into(),
        Reason::WorldWritableDirectory => "anybody may write into it".into(),
        Reason::Setuid => "setuid".into(),
        Reason::Setgid => "setgid".into(),
        Reason::Capabilities => permission.capabilities.clone().unwrap_or_default(),
    }
}

fn json_document(file: &str, found: &[(usize, &Image, Hidden)], show: bool) -> io::Result<Vec<u8>> {
    let images: Vec<Value> = found
        .iter()
        .map(|(number, image, hidden)| {
            let secrets: Vec<Value> = hidden.secrets.iter().map(|found| secret_json(found, show)).collect();
            let permissions: Vec<Value> = hidden.permissions.iter().map(permission_json).collect();
            json!({
                "image": number,
                "tags": image.tags,
                "secrets": secrets,
                "permissions": permissions,
                "searched": hidden.searched,
            })
        })
        .collect();
    let document = json!({ "schema": "layerlab.secrets/1", "file": file, "images": images });
    let mut out = serde_json::to_vec_pretty(&document)?;
    out.push(b'\n');
    Ok(out)
}

fn secret_json(found: &Found, show: bool) -> Value {
    let secret = &found.secret;
    let (path, layers, fate, by, part) = match &found.place {
        Place::File { path, layers, fate, .. } => {
            let word = match fate {
                Fate::Deleted { .. } => "deleted",
                Fate::Replaced { .. } => "replaced",
                Fate::Visible => "visible",
            };
            (Some(layerlab_core::display::harmless(path)), layers.clone(), word, fate.by(), None)
        }
        Place::Config(part) => (None, Vec::new(), "config", None, Some(part)),
    };
    json!({
        "rule": secret.rule.key(),
        "severity": secret.rule.severity(),
        "name": secret.name,
        "path": path,
        "line": secret.line,
        "layers": layers,
        "config": part,
        "fate": fate,
        "by": by,
        "among_examples": found.among_examples,
        "value": if show { secret.value.reveal() } else { secret.masked() },
    })
}

fn permission_json(permission: &Permission) -> Value {
    json!({
        "reason": permission.reason,
        "path": layerlab_core::display::harmless(&permission.path),
        "layer": permission.layer,
        "mode": format!("{:04o}", permission.mode),
        "uid": permission.uid,
        "gid": permission.gid,
        "capabilities": permission.capabilities,
    })
}

fn distribution(distribution: Option<&Distribution>) -> String {
    match distribution.and_then(|found| Some((found.title()?, found))) {
        Some((title, found)) => format!("{title} (layer {}: {})", found.layer + 1, found.path),
        None => "no os-release".into(),
    }
}

fn layer_packages(layer: usize, packages: &LayerPackages) -> String {
    let named = |sign: &str, package: &Package| format!("    {sign} {} {}\n", package.name, package.version);
    let mut out = String::new();
    out.extend(packages.added.iter().map(|package| named("+", package)));
    out.extend(packages.removed.iter().map(|package| named("-", package)));
    out.extend(packages.changed.iter().map(|change| {
        let sign = if change.up { "^" } else { "v" };
        format!("    {sign} {} {} -> {}\n", change.to.name, change.from, change.to.version)
    }));
    out.extend(packages.notes.iter().map(|note| match note {
        Note::Deleted { path } => format!("    {path} is deleted: what is installed is no longer known\n"),
        Note::Truncated { path } => format!("    {path} passes the bound and was read in part\n"),
        Note::RpmNotRead { path } => format!("    {path} is an rpm database, which is not read\n"),
    }));
    if out.is_empty() { out } else { format!("  layer {}\n{out}", layer + 1) }
}
