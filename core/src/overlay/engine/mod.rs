//! Images and containers on the overlay model: what a container engine keeps, as far as layers go.
//!
//! Digests are real: diff_ids are those of the tars, image IDs those of the config documents. Container IDs are random
//! in reality; here they are invented, and the same in every session.

use std::{collections::BTreeMap, sync::Arc};

pub use self::{
    build::{Build, BuildError, BuildStep, Builder, Cached, Context},
    dockerfile::DockerfileProblem,
    effect::Effect,
    host::HostSystem,
    image::{Blob, History, Image, ImageLayer, RunConfig},
    registry::NewLayer,
};
use super::{
    Change, CommitError, CommittedLayer, Dialect, Layer, Mode, Overlay, OverlayMount, Upper,
    shell::{BindMount, Reply, Shell},
};
use crate::{
    digest::{ChainId, Digest, ImageId},
    store::{
        Policy,
        layout::{cache_id, mount_id, short_name},
    },
};

mod build;
mod docker;
mod dockerfile;
mod effect;
mod host;
mod image;
mod init;
mod registry;
mod storage;
pub(crate) mod table;

/// Bytes that all commits of one engine may hash: some seconds of work in a browser.
const COMMITTED_BYTES: u64 = 512 << 20;

/// All images and containers of one machine. A clone is a snapshot.
#[derive(Clone, Debug)]
pub struct Engine {
    mode: Mode,
    dialect: Dialect,
    builder: Builder,
    policy: Policy,
    host: HostSystem,
    now: i64,
    images: Vec<Image>,
    tags: BTreeMap<String, ImageId>,
    containers: Vec<Container>,
    /// Results of build steps by their keys.
    build_cache: build::BuildCache,
    /// Images that can be pulled, by their full references.
    registry: BTreeMap<String, Image>,
    /// The files of the host's working directory.
    context: Layer,
    volumes: BTreeMap<String, Overlay>,
    /// Bytes that were written into tars and hashed so far.
    spent: u64,
    /// Containers made so far, for their invented names and IDs.
    made: u64,
}

#[derive(Clone, Debug)]
pub struct Container {
    /// 64 hex characters, invented.
    pub id: String,
    pub name: String,
    /// The reference it was run from, as it was written.
    pub image_name: String,
    pub image: ImageId,
    pub created: i64,
    /// When it was stopped; `None` while it runs.
    pub stopped: Option<i64>,
    pub overlay: Overlay,
    pub shell: Shell,
    /// What lies over the union: the files that the engine writes, and volumes.
    pub mounts: Vec<BindMount>,
    /// Not a container of Docker's but a union mount on an image's layers alone, for looking at one.
    pub is_plain: bool,
}

/// Why the engine refused. `docker` prints these in the daemon's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineError {
    InvalidReference(String),
    NoSuchImage(String),
    NotInRegistry(String),
    NoSuchContainer(String),
    NameInUse {
        name: String,
        by: String,
    },
    ContainerIsRunning(String),
    ContainerIsNotRunning(String),
    /// The image is the root file system of this container.
    ImageInUse {
        image: String,
        container: String,
        running: bool,
    },
    Commit(CommitError),
    /// All commits together have hashed as much as one engine may: a file of zeros takes no memory until then.
    NoSpace,
}

/// What removing an image did: a tag went, and perhaps the image with the layers nobody else needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemovedImage {
    pub untagged: Vec<String>,
    pub image: Option<ImageId>,
    /// Top first. The others stay because another image needs them.
    pub layers: Vec<ChainId>,
}

impl Engine {
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            dialect: Dialect::default(),
            builder: Builder::default(),
            policy: Policy::Classic,
            host: HostSystem::default(),
            now: 0,
            images: Vec::new(),
            tags: BTreeMap::new(),
            containers: Vec::new(),
            build_cache: build::BuildCache::default(),
            registry: BTreeMap::new(),
            context: Layer::new(),
            volumes: BTreeMap::new(),
            spent: 0,
            made: 0,
        }
    }

    /// The time of what happens from now on, in seconds since the epoch; the same for all containers.
    pub fn set_time(&mut self, now: i64) {
        self.now = now;
        for container in &mut self.containers {
            container.overlay.set_time(now);
        }
    }

    pub fn time(&self) -> i64 {
        self.now
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    pub fn builder(&self) -> Builder {
        self.builder
    }

    /// Who runs `docker build` where the line does not say.
    pub fn set_builder(&mut self, builder: Builder) {
        self.builder = builder;
    }

    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// Full references (`name:tag`) and what they stand for.
    pub fn tags(&self) -> &BTreeMap<String, ImageId> {
        &self.tags
    }

    /// In the order in which they were made.
    pub fn containers(&self) -> &[Container] {
        &self.containers
    }

    /// Makes an image of layers in OverlayFS's form, base first, each with the instruction that made it, as a pull would
    /// have brought them.
    pub fn add_image(&mut self, reference: &str, layers: Vec<(Layer, String)>) -> Result<ImageId, EngineError> {
        let new = |(layer, created_by): (Layer, String)| NewLayer {
            layer: layer.into(),
            created_by,
            size: None,
            download: None,
        };
        self.add_image_of(reference, layers.into_iter().map(new).collect(), RunConfig::default())
    }

    /// Starts a container: an empty upperdir on the layers of an image and on the init layer, and the engine's own files
    /// mounted over it.
    pub fn run(&mut self, reference: &str, name: Option<&str>) -> Result<&mut Container, EngineError> {
        let name = name.map_or_else(|| invented_name(self.made + 1), str::to_string);
        let at = self.start_new(reference, name, false)?;
        self.containers[at].mount_own_files();
        Ok(&mut self.containers[at])
    }

    /// Mounts the layers of an image under an empty upperdir, and nothing else.
    pub fn mount_plain(&mut self, reference: &str, name: &str) -> Result<&mut Container, EngineError> {
        let at = self.start_new(reference, name.into(), true)?;
        Ok(&mut self.containers[at])
    }

    fn start_new(&mut self, reference: &str, name: String, is_plain: bool) -> Result<usize, EngineError> {
        let image = self.image(reference)?;
        let (image_id, mut lowers) = (image.id.clone(), image.lowers());
        if let Some(other) = self.containers.iter().find(|container| container.name == name) {
            return Err(EngineError::NameInUse { name, by: other.id.clone() });
        }
        self.made += 1;
        let id = Digest::sha256(format!("container {} {name}", self.made).as_bytes()).encoded().to_string();
        if !is_plain {
            lowers.push(Arc::new(init::init_layer(&lowers)));
        }
        let mut overlay = Overlay::new(lowers, self.mode);
        overlay.set_time(self.now);
        let shell =
            Shell::new(self.mount_of(&image_id, &id, is_plain)?).on_kernel(&self.host.kernel).in_dialect(self.dialect);
        self.containers.push(Container {
            id,
            name,
            image_name: reference.to_string(),
            image: image_id,
            created: self.now,
            stopped: None,
            overlay,
            shell,
            mounts: Vec::new(),
            is_plain,
        });
        Ok(self.containers.len() - 1)
    }

    /// By name, by ID, or by the beginning of an ID.
    pub fn container(&self, name: &str) -> Result<&Container, EngineError> {
        let at = self.container_at(name)?;
        Ok(&self.containers[at])
    }

    pub fn container_mut(&mut self, name: &str) -> Result<&mut Container, EngineError> {
        let at = self.container_at(name)?;
        Ok(&mut self.containers[at])
    }

    /// By reference (`:latest` if no tag is given), by ID, or by the beginning of an ID.
    pub fn image(&self, reference: &str) -> Result<&Image, EngineError> {
        let hex = reference.strip_prefix("sha256:").unwrap_or(reference);
        let tagged = full_reference(reference).ok().and_then(|reference| self.tags.get(&reference));
        self.images
            .iter()
            .find(|image| match tagged {
                Some(id) => image.id == *id,
                None => hex.len() >= 4 && image.id.0.encoded().starts_with(hex),
            })
            .ok_or_else(|| EngineError::NoSuchImage(reference.into()))
    }

    /// Runs a line in the shell of a running container.
    pub fn run_in(&mut self, name: &str, line: &str) -> Result<Reply, EngineError> {
        let at = self.container_at(name)?;
        let container = &self.containers[at];
        if !container.is_running() {
            return Err(EngineError::ContainerIsNotRunning(container.id.clone()));
        }
        let (containers, volumes) = (&mut self.containers, &mut self.volumes);
        let container = &mut containers[at];
        // A volume may be mounted in several containers: each finds what the others wrote.
        for mount in &mut container.mounts {
            if let Some(tree) = mount.volume.as_ref().and_then(|name| volumes.get(name)) {
                mount.tree = tree.clone();
            }
        }
        let reply = container.shell.run_under(&mut container.overlay, &mut container.mounts, line);
        for mount in &container.mounts {
            if let Some(name) = &mount.volume {
                volumes.insert(name.clone(), mount.tree.clone());
            }
        }
        Ok(reply)
    }

    pub fn stop(&mut self, name: &str) -> Result<(), EngineError> {
        let now = self.now;
        let container = self.container_mut(name)?;
        container.stopped.get_or_insert(now);
        Ok(())
    }

    pub fn start(&mut self, name: &str) -> Result<(), EngineError> {
        self.container_mut(name)?.stopped = None;
        Ok(())
    }

    /// Removes a stopped container, and its upperdir with it. The image stays.
    pub fn remove_container(&mut self, name: &str, force: bool) -> Result<Container, EngineError> {
        let at = self.container_at(name)?;
        if self.containers[at].stopped.is_none() && !force {
            return Err(EngineError::ContainerIsRunning(self.containers[at].id.clone()));
        }
        Ok(self.containers.remove(at))
    }

    /// Keeps the upperdir of a container as a new image: one more layer on those of its own.
    pub fn commit(&mut self, name: &str, reference: Option<&str>, by: &str) -> Result<ImageId, EngineError> {
        let reference = reference.map(full_reference).transpose()?;
        let container = self.container(name)?;
        let bytes = container.size();
        let overlay = container.overlay.clone();
        let image_id = container.image.0.to_string();
        let committed = self.committed(&overlay, bytes)?;
        let Image { mut layers, mut history, run_config, .. } = self.image(&image_id)?.clone();
        layers.push(ImageLayer::from(committed));
        history.push(History { created_by: by.into(), created: self.now, has_layer: true });
        let id = self.keep(layers, history, run_config);
        if let Some(reference) = reference {
            self.tags.insert(reference, id.clone());
        }
        Ok(id)
    }

    /// Commits, as long as the engine may hash so many bytes more.
    fn committed(&mut self, overlay: &Overlay, bytes: u64) -> Result<CommittedLayer, EngineError> {
        let spent = self.spent.saturating_add(bytes);
        if spent > COMMITTED_BYTES {
            return Err(EngineError::NoSpace);
        }
        self.spent = spent;
        overlay.commit().map_err(EngineError::Commit)
    }

    /// Gives an image one more name. A name that stood for another image stands for this one now.
    pub fn tag(&mut self, from: &str, to: &str) -> Result<(), EngineError> {
        let id = self.image(from)?.id.clone();
        self.tags.insert(full_reference(to)?, id);
        Ok(())
    }

    /// Takes a name from an image; with its last name the image goes, and those of its layers that no other image has.
    pub fn remove_image(&mut self, reference: &str, force: bool) -> Result<RemovedImage, EngineError> {
        let id = self.image(reference)?.id.clone();
        let by_tag = full_reference(reference).ok().filter(|full| self.tags.contains_key(full));
        let mut names: Vec<String> =
            self.tags.iter().filter(|(_, tagged)| **tagged == id).map(|(name, _)| name.clone()).collect();
        let last = by_tag.is_none() || names.len() == 1;
        if last {
            let user = self.containers.iter().find(|container| container.image == id);
            if let Some(user) = user.filter(|user| !force || user.stopped.is_none()) {
                return Err(EngineError::ImageInUse {
                    image: reference.into(),
                    container: user.id.clone(),
                    running: user.stopped.is_none(),
                });
            }
        } else {
            names = by_tag.into_iter().collect();
        }
        for name in &names {
            self.tags.remove(name);
        }
        let mut removed = RemovedImage { untagged: names, ..RemovedImage::default() };
        if let (true, Some(at)) = (last, self.images.iter().position(|image| image.id == id)) {
            let image = self.images.remove(at);
            let chains = |image: &Image| image.chain_ids();
            let kept: Vec<ChainId> = self.images.iter().flat_map(chains).collect();
            removed.layers = image.chain_ids().into_iter().rev().filter(|chain| !kept.contains(chain)).collect();
            removed.image = Some(id);
        }
        Ok(removed)
    }

    /// What a container changed against its image.
    pub fn diff(&self, name: &str) -> Result<Vec<Change>, EngineError> {
        Ok(self.container(name)?.overlay.changes())
    }

    /// With the names that [`crate::store::layout`] invents.
    fn mount_of(&self, image: &ImageId, container: &str, is_plain: bool) -> Result<OverlayMount, EngineError> {
        let chain_ids = self.image(&image.0.to_string())?.chain_ids();
        let folder = mount_id(container);
        let init = (!is_plain).then(|| format!("{folder}-init"));
        let lowers = init.into_iter().chain(chain_ids.iter().rev().map(cache_id));
        let directory = format!("/var/lib/docker/overlay2/{folder}");
        Ok(OverlayMount {
            lowerdirs: lowers.map(|folder| format!("/var/lib/docker/overlay2/l/{}", short_name(&folder))).collect(),
            upperdir: format!("{directory}/diff"),
            workdir: format!("{directory}/work"),
            merged: format!("{directory}/merged"),
            mode: self.mode,
        })
    }

    fn container_at(&self, name: &str) -> Result<usize, EngineError> {
        let named = self.containers.iter().position(|container| container.name == name);
        let by_id = || {
            let mut found = self.containers.iter().enumerate().filter(|(_, container)| container.id.starts_with(name));
            found.next().filter(|_| !name.is_empty()).map(|(at, _)| at)
        };
        named.or_else(by_id).ok_or_else(|| EngineError::NoSuchContainer(name.into()))
    }
}

impl Container {
    pub fn is_running(&self) -> bool {
        self.stopped.is_none()
    }

    /// Bytes in its own writable layer.
    pub fn size(&self) -> u64 {
        let upper: &Upper = self.overlay.upper();
        upper.layer().file_bytes()
    }
}

/// `name` → `name:latest`.
fn full_reference(text: &str) -> Result<String, EngineError> {
    let (name, tag) = match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (text, "latest"),
    };
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/:".contains(c);
    let is_tag = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let good = !name.is_empty()
        && name.len() <= 255
        && name.chars().all(is_name)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !tag.is_empty()
        && tag.len() <= 128
        && tag.chars().all(is_tag);
    if good { Ok(format!("{name}:{tag}")) } else { Err(EngineError::InvalidReference(text.into())) }
}

/// Like the names that Docker makes up, an adjective and a scientist.
fn invented_name(number: u64) -> String {
    const ADJECTIVES: [&str; 5] = ["calm", "eager", "keen", "quiet", "witty"];
    const PEOPLE: [&str; 7] = ["curie", "hopper", "lamarr", "noether", "ritchie", "turing", "wu"];
    let [first, second] = [ADJECTIVES[number as usize % 5], PEOPLE[number as usize % 7]];
    let round = number / 35;
    if round == 0 { format!("{first}_{second}") } else { format!("{first}_{second}{round}") }
}
