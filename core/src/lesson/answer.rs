//! How the engine answers.

use std::collections::BTreeMap;

use super::{Answer, Command, Query, QueryError, Where, session::execute};
use crate::{
    digest::ChainId,
    overlay::{
        Event, Layer, LayerNo, MergedPath, Overlay,
        engine::{Container, Effect, Engine, Image},
        shell::Reply,
    },
    store::{LayerAction, Policy, PullPlan},
};

/// Bytes of a file that is shown as an answer.
const CONTENT_BYTES: u64 = 16 << 10;

/// A state to ask, and the one before it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub before: &'a Engine,
    pub engine: &'a Engine,
}

impl Asked<'_> {
    pub fn answer(self, query: &Query) -> Result<Answer, QueryError> {
        Ok(match query {
            Query::Errno { command } => errno(&self.run(command)?),
            Query::Call { command, call } => {
                let reply = self.run(command)?;
                let made = reply.calls.iter().find(|made| made.op.name() == call);
                let missing = || QueryError::NoCall { command: command.to_string(), call: call.clone() };
                let result = made.ok_or_else(missing)?.result.as_ref();
                Answer::Text(result.err().map_or_else(|| "success".into(), ToString::to_string))
            }
            Query::Output { command } => Answer::Text(self.run(command)?.text()),
            Query::CopiedUp { command } => {
                let reply = self.run(command)?;
                let events = reply.calls.iter().flat_map(|call| &call.events);
                Answer::Bytes(events.map(Event::copied_bytes).fold(0, u64::saturating_add))
            }
            Query::CacheHits { command } => {
                let reply = self.run(command)?;
                let built = reply.effects.iter().find_map(|effect| match effect {
                    Effect::Built(build) => Some(build.hits()),
                    _ => None,
                });
                let no_build = || QueryError::NoBuild { command: command.to_string() };
                Answer::Count(built.ok_or_else(no_build)? as u64)
            }
            Query::Layer { container, path } => {
                let overlay = &self.container(container)?.overlay;
                match resolved(overlay, path).and_then(|path| overlay.merged_at(&path)) {
                    Some(entry) if entry.data_layer == overlay.upper_no() => Answer::Upper,
                    Some(entry) => Answer::Layer(entry.data_layer.0),
                    None => Answer::Nothing,
                }
            }
            Query::Exists { container, path, place } => {
                let found = self.found(container, path, *place)?;
                Answer::YesNo(found.is_some_and(|found| found != "whiteout"))
            }
            Query::Found { container, path, place } => {
                let found = self.found(container, path, *place)?;
                found.map_or(Answer::Nothing, |found| Answer::Text(found.into()))
            }
            Query::Content { container, path } => {
                let overlay = &self.container(container)?.overlay;
                let entry = resolved(overlay, path).and_then(|path| overlay.merged_at(&path));
                let bytes = entry.and_then(|entry| entry.content.and_then(|content| content.bytes(CONTENT_BYTES)));
                bytes.map_or(Answer::Nothing, |bytes| Answer::Text(String::from_utf8_lossy(&bytes).trim_end().into()))
            }
            Query::UpperBytes { container } => Answer::Bytes(self.container(container)?.size()),
            Query::UpperEntries { container } => Answer::Count(upper(self.container(container)?).walk().len() as u64),
            Query::Whiteouts { container } => Answer::Count(whiteouts(upper(self.container(container)?))),
            Query::Running { container } => {
                Answer::YesNo(self.engine.container(container).is_ok_and(Container::is_running))
            }
            Query::Containers => Answer::Count(self.engine.containers().len() as u64),
            Query::HasImage { image } => Answer::YesNo(self.engine.image(image).is_ok()),
            Query::ImageId { image } => Answer::Text(self.image(image)?.id.to_string()),
            Query::ImageSize { image } => Answer::Bytes(self.image(image)?.size()),
            Query::ImageLayers { image } => Answer::Count(self.image(image)?.layers.len() as u64),
            Query::LayerSize { image, layer } => {
                let found = self.image(image)?.layers.get(*layer as usize);
                Answer::Bytes(found.ok_or_else(|| no_layer(image, *layer))?.size)
            }
            Query::DiffId { image, layer } => {
                let found = self.image(image)?.layers.get(*layer as usize);
                Answer::Text(found.ok_or_else(|| no_layer(image, *layer))?.diff_id.0.to_string())
            }
            Query::ChainId { image, layer } => {
                let chains = self.image(image)?.chain_ids();
                Answer::Text(chains.get(*layer as usize).ok_or_else(|| no_layer(image, *layer))?.0.to_string())
            }
            Query::BlobDigest { image, layer } => {
                let found = self.image(image)?.layers.get(*layer as usize).ok_or_else(|| no_layer(image, *layer))?;
                found.blob.as_ref().map_or(Answer::Nothing, |blob| Answer::Text(blob.digest.to_string()))
            }
            Query::Lowerdirs { container } => Answer::Count(self.container(container)?.overlay.lowers().len() as u64),
            Query::BiggestLayer { image } => {
                let layers = self.image(image)?.layers.iter().enumerate();
                let biggest = layers.max_by_key(|(number, layer)| (layer.size, std::cmp::Reverse(*number)));
                biggest.map_or(Answer::Nothing, |(number, _)| Answer::Layer(number as u32))
            }
            Query::HiddenBytes { image } => Answer::Bytes(hidden_bytes(self.image(image)?)),
            Query::ImageWhiteouts { image } => {
                Answer::Count(self.image(image)?.layers.iter().map(|layer| whiteouts(&layer.layer)).sum())
            }
            Query::Images => Answer::Count(self.engine.images().len() as u64),
            Query::StoreLayers => Answer::Count(store(self.engine).len() as u64),
            Query::StoreBytes => {
                let writable = self.engine.containers().iter().map(Container::size);
                Answer::Bytes(store(self.engine).into_values().chain(writable).fold(0, u64::saturating_add))
            }
            Query::Fetched { image, store } => {
                let plan = self.plan(image, *store)?;
                Answer::Count(plan.layers.iter().filter(|layer| layer.action == LayerAction::Fetch).count() as u64)
            }
            Query::FetchedBytes { image, store } => Answer::Bytes(self.plan(image, *store)?.bytes.layers),
            Query::IsFetched { image, layer, store } => {
                let plan = self.plan(image, *store)?;
                let planned = plan.layers.get(*layer as usize).ok_or_else(|| no_layer(image, *layer))?;
                Answer::YesNo(planned.action == LayerAction::Fetch)
            }
            Query::Same(pair) => Answer::YesNo(self.answer(&pair.0)? == self.answer(&pair.1)?),
            Query::Growth(query) => {
                let before = Self { engine: self.before, ..self }.answer(query)?;
                match (before, self.answer(query)?) {
                    (Answer::Bytes(before), Answer::Bytes(after)) => Answer::Bytes(after.saturating_sub(before)),
                    (Answer::Count(before), Answer::Count(after)) => Answer::Count(after.saturating_sub(before)),
                    _ => return Err(QueryError::NoNumber),
                }
            }
        })
    }

    fn run(self, command: &Command) -> Result<Reply, QueryError> {
        execute(&mut self.engine.clone(), command).map_err(|_| QueryError::NotRun { command: command.to_string() })
    }

    fn container(&self, name: &str) -> Result<&Container, QueryError> {
        self.engine.container(name).map_err(|_| QueryError::NoContainer(name.into()))
    }

    fn image(&self, name: &str) -> Result<&Image, QueryError> {
        self.engine.image(name).map_err(|_| QueryError::NoImage(name.into()))
    }

    fn plan(&self, image: &str, policy: Option<Policy>) -> Result<PullPlan, QueryError> {
        let mut engine = self.engine.clone();
        engine.set_policy(policy.unwrap_or(engine.policy()));
        engine.pull_plan(image).map_err(|_| QueryError::NotInRegistry(image.into()))
    }

    fn found(&self, container: &str, path: &str, place: Where) -> Result<Option<&'static str>, QueryError> {
        let container_state = self.container(container)?;
        let overlay = &container_state.overlay;
        let path = MergedPath::from(path);
        let layer = match place {
            Where::Merged => {
                let entry = overlay.merged_at(&path);
                return Ok(entry.map(|entry| kind_of(entry.inode)));
            }
            Where::Upper => overlay.upper().layer(),
            Where::Layer(number) => {
                let layer = overlay.lowers().get(number as usize);
                layer.ok_or_else(|| QueryError::NoLayer { of: container.into(), layer: number })?
            }
        };
        Ok(layer.find(&path).map(|ino| kind_of(layer.inode(ino))))
    }
}

fn kind_of(inode: &crate::overlay::Inode) -> &'static str {
    use crate::overlay::FileType;
    match inode.file_type() {
        _ if inode.is_whiteout() => "whiteout",
        FileType::Directory if inode.overlay.opaque => "opaque-directory",
        FileType::Directory => "directory",
        FileType::File => "file",
        FileType::Symlink => "symlink",
        FileType::CharDevice | FileType::BlockDevice | FileType::Fifo | FileType::Socket => "node",
    }
}

fn errno(reply: &Reply) -> Answer {
    let refused = reply.calls.iter().rev().find_map(|call| call.result.as_ref().err());
    match refused.filter(|_| reply.failed) {
        Some(errno) => Answer::Text(errno.to_string()),
        None if reply.failed => Answer::Text("failure".into()),
        None => Answer::Text("success".into()),
    }
}

/// The path that a process arrives at, symbolic links followed.
fn resolved(overlay: &Overlay, path: &str) -> Option<MergedPath> {
    overlay.resolve(path.as_bytes()).ok()
}

fn upper(container: &Container) -> &Layer {
    container.overlay.upper().layer()
}

fn whiteouts(layer: &Layer) -> u64 {
    layer.walk().into_iter().filter(|(_, ino)| layer.inode(*ino).is_whiteout()).count() as u64
}

/// Each layer once, with its bytes.
fn store(engine: &Engine) -> BTreeMap<ChainId, u64> {
    let layers = engine.images().iter().flat_map(|image| {
        let sizes = image.layers.iter().map(|layer| layer.size);
        image.chain_ids().into_iter().zip(sizes)
    });
    layers.collect()
}

/// What the layers store less what the merged view shows, each file once.
fn hidden_bytes(image: &Image) -> u64 {
    let overlay = Overlay::new(image.lowers(), Default::default());
    let mut shown: BTreeMap<(LayerNo, crate::overlay::Ino), u64> = BTreeMap::new();
    for entry in overlay.merged() {
        if entry.inode.is_file() {
            shown.insert((entry.part.layer, entry.part.ino), entry.stat.size);
        }
    }
    let stored = image.layers.iter().map(|layer| layer.layer.file_bytes()).fold(0, u64::saturating_add);
    stored.saturating_sub(shown.into_values().fold(0, u64::saturating_add))
}

fn no_layer(image: &str, layer: u32) -> QueryError {
    QueryError::NoLayer { of: image.into(), layer }
}
