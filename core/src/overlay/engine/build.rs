//! `docker build` on the model: each instruction runs on the stack so far, and its top layer is committed.
//!
//! Two builders, two caches. The classic one, literally, keeps an image for each instruction, and asks: was this
//! instruction run on this image before? BuildKit, today's default, keeps no images in between; it keys a step by what
//! goes into it, so that ENV and CMD are no steps, a COPY does not depend on them, and a stage that nothing needs is
//! not run.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

mod copy;

use self::copy::{File, files_of, make_directories};
use super::{
    Engine, EngineError, History, Image, ImageLayer, RunConfig,
    dockerfile::{self, DockerfileProblem, Instruction, InstructionKind, Stage},
    full_reference,
};
use crate::{
    digest::{Digest, ImageId},
    overlay::{
        Layer, MergedPath, Mode, Overlay, OverlayMount,
        errno::Errno,
        shell::{Reply, Shell},
    },
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    Classic,
    #[default]
    #[serde(rename = "buildkit")]
    BuildKit,
}

/// The files that COPY takes from.
pub type Context = Layer;

/// A finished build.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    pub builder: Builder,
    pub steps: Vec<BuildStep>,
    pub image: ImageId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct BuildStep {
    /// Counted from 0 over the stages.
    pub stage: usize,
    pub instruction: String,
    pub cached: Cached,
    /// The bytes of the layer it made, or took from the cache; `None` where it makes none.
    pub layer: Option<u64>,
    /// The classic builder's image for this step. It is not in [`Engine::images`]: `docker images` hides it too.
    pub intermediate: Option<ImageId>,
    /// What RUN printed and did, when it was run.
    pub output: Option<Reply>,
}

/// Why a step was run, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cached {
    /// The same was done on the same before.
    Hit,
    /// It changes the config only, which costs nothing.
    Free,
    /// BuildKit: nothing needs this stage.
    NotNeeded,
    /// This instruction was never run on what lies below it, though a step just like it may have been elsewhere.
    MissNew,
    /// The step before it was not from the cache, so that it stands on something new.
    MissAfterMiss,
    /// The instruction is the same, but the files that it copies are not.
    MissContentChanged,
}

#[derive(Clone, Debug)]
pub enum BuildError {
    Dockerfile(DockerfileProblem),
    Engine(EngineError),
    /// A command of RUN failed; the steps up to it are kept in the cache.
    RunFailed {
        instruction: String,
        reply: Box<Reply>,
    },
    /// A source of COPY is not in the context, or not in the stage.
    NoSuchSource {
        instruction: String,
        source: String,
    },
    NoSuchStage {
        instruction: String,
        stage: String,
    },
    /// COPY could not write.
    CopyFailed {
        instruction: String,
        errno: Errno,
    },
}

#[derive(Clone, Debug, Default)]
pub(super) struct BuildCache {
    results: BTreeMap<(Builder, Digest), State>,
    /// Instructions that were run on a parent, whatever they copied: tells new files from a new instruction.
    met: BTreeSet<(Builder, Digest)>,
}

/// What an instruction stands on.
#[derive(Clone, Debug)]
struct State {
    layers: Vec<ImageLayer>,
    history: Vec<History>,
    run_config: RunConfig,
    /// What the next step's key is made from: for the classic builder the image, for BuildKit the file system.
    key: Digest,
}

impl Engine {
    /// Builds an image and gives it a name.
    pub fn build(
        &mut self,
        dockerfile: &str,
        context: &Context,
        reference: &str,
        builder: Builder,
    ) -> Result<Build, BuildError> {
        let reference = full_reference(reference).map_err(BuildError::Engine)?;
        let stages = dockerfile::parse(dockerfile).map_err(BuildError::Dockerfile)?;
        let needed = match builder {
            Builder::Classic => (0..stages.len()).collect(),
            Builder::BuildKit => needed_stages(&stages),
        };
        let mut steps = Vec::new();
        let mut done: Vec<Option<State>> = Vec::new();
        for (number, stage) in stages.iter().enumerate() {
            if !needed.contains(&number) {
                let texts = std::iter::once(&stage.text).chain(stage.instructions.iter().map(|i| &i.text));
                steps.extend(texts.map(|text| BuildStep::new(number, text, Cached::NotNeeded)));
                done.push(None);
                continue;
            }
            steps.push(BuildStep::new(number, &stage.text, Cached::Free));
            let mut state = self.base(stage, &stages[..number], &done, builder)?;
            let mut missed = false;
            for instruction in &stage.instructions {
                let files = files_of(instruction, context, &stages[..number], &done)?;
                let step;
                (state, step) = self.step(state, number, instruction, &files, builder, missed)?;
                missed |= matches!(step.cached, Cached::MissNew | Cached::MissAfterMiss | Cached::MissContentChanged);
                steps.push(step);
            }
            done.push(Some(state));
        }
        let Some(Some(State { layers, history, run_config, .. })) = done.pop() else {
            return Err(BuildError::Dockerfile(DockerfileProblem::NoFrom));
        };
        let image = self.keep(layers, history, run_config);
        self.tags.insert(reference, image.clone());
        Ok(Build { builder, steps, image })
    }

    fn base(
        &self,
        stage: &Stage,
        before: &[Stage],
        done: &[Option<State>],
        builder: Builder,
    ) -> Result<State, BuildError> {
        if let Some(at) = before.iter().position(|earlier| earlier.name.as_deref() == Some(&stage.from))
            && let Some(Some(state)) = done.get(at)
        {
            return Ok(state.clone());
        }
        if stage.from == "scratch" {
            let key = Digest::sha256(b"scratch");
            return Ok(State { layers: Vec::new(), history: Vec::new(), run_config: RunConfig::default(), key });
        }
        let image: &Image = self.image(&stage.from).map_err(BuildError::Engine)?;
        let key = match (builder, image.chain_ids().last()) {
            (Builder::BuildKit, Some(chain)) => chain.0.clone(),
            _ => image.id.0.clone(),
        };
        Ok(State {
            layers: image.layers.clone(),
            history: image.history.clone(),
            run_config: image.run_config.clone(),
            key,
        })
    }

    fn step(
        &mut self,
        state: State,
        stage: usize,
        instruction: &Instruction,
        files: &[File],
        builder: Builder,
        after_miss: bool,
    ) -> Result<(State, BuildStep), BuildError> {
        let run_config = instruction.configured(&state.run_config);
        let is_config = matches!(instruction.kind, InstructionKind::Env(_) | InstructionKind::Cmd(_));
        let mut step = BuildStep::new(stage, &instruction.text, Cached::Free);
        if is_config && builder == Builder::BuildKit {
            return Ok((state.then(instruction, run_config, None, self.now), step));
        }
        let met = instruction.key(&state, builder, &[]);
        let key = instruction.key(&state, builder, files);
        let cache_key = (builder, key.clone());
        if let Some(result) = self.build_cache.results.get(&cache_key) {
            step.cached = Cached::Hit;
            let fresh_layer = (result.layers.len() > state.layers.len()).then(|| result.layers.last()).flatten();
            step.layer = fresh_layer.map(|layer| layer.size);
            step.intermediate = (builder == Builder::Classic).then(|| ImageId(result.key.clone()));
            // BuildKit's key says nothing of the config, which may be another than when the step was run.
            let next = match builder {
                Builder::Classic => result.clone(),
                Builder::BuildKit => {
                    State { key, ..state.then(instruction, run_config, fresh_layer.cloned(), self.now) }
                }
            };
            return Ok((next, step));
        }
        step.cached = match instruction.kind {
            _ if after_miss => Cached::MissAfterMiss,
            InstructionKind::Copy { .. } if self.build_cache.met.contains(&(builder, met.clone())) => {
                Cached::MissContentChanged
            }
            _ => Cached::MissNew,
        };
        let layer = if is_config { None } else { self.executed(&state, instruction, files, &run_config, &mut step)? };
        step.layer = layer.as_ref().map(|layer| layer.size);
        let mut next = state.then(instruction, run_config, layer, self.now);
        next.key = match builder {
            Builder::BuildKit => key,
            // The classic builder keeps an image for each instruction.
            Builder::Classic => self.intermediate(&next).0,
        };
        step.intermediate = (builder == Builder::Classic).then(|| ImageId(next.key.clone()));
        self.build_cache.met.insert((builder, met));
        self.build_cache.results.insert(cache_key, next.clone());
        Ok((next, step))
    }

    /// Runs RUN, COPY or WORKDIR on a writable layer of its own and commits that.
    fn executed(
        &mut self,
        state: &State,
        instruction: &Instruction,
        files: &[File],
        run_config: &RunConfig,
        step: &mut BuildStep,
    ) -> Result<Option<ImageLayer>, BuildError> {
        let mut overlay = state.overlay();
        overlay.set_time(self.now);
        let text = || instruction.text.clone();
        let failed = |errno| BuildError::CopyFailed { instruction: instruction.text.clone(), errno };
        match &instruction.kind {
            InstructionKind::Run(line) => {
                let workdir = overlay.resolve(run_config.workdir.as_bytes()).unwrap_or_else(|_| MergedPath::root());
                let reply = Shell::new(self.build_mount()).in_directory(workdir).run(&mut overlay, line);
                if reply.failed {
                    return Err(BuildError::RunFailed { instruction: text(), reply: Box::new(reply) });
                }
                step.output = Some(reply);
            }
            InstructionKind::Workdir(_) => {
                make_directories(&mut overlay, &MergedPath::from(&run_config.workdir[..])).map_err(failed)?;
                if overlay.upper().layer().walk().is_empty() {
                    return Ok(None);
                }
            }
            InstructionKind::Copy { target, sources, .. } => {
                let target = absolute(target, &run_config.workdir);
                let at = MergedPath::from(&target[..]);
                let is_dir = at.is_root() || overlay.merged_at(&at).is_some_and(|entry| entry.inode.is_directory());
                let into = is_dir || target.ends_with('/') || sources.len() > 1;
                for file in files {
                    file.write(&mut overlay, &at, into).map_err(failed)?;
                }
            }
            InstructionKind::Env(_) | InstructionKind::Cmd(_) => {}
        }
        let bytes = overlay.upper().layer().file_bytes();
        let committed = self.committed(&overlay, bytes).map_err(BuildError::Engine)?;
        Ok(Some(committed.into()))
    }

    fn intermediate(&self, state: &State) -> ImageId {
        let State { layers, history, run_config, .. } = state.clone();
        self.image_of(layers, history, run_config).id
    }

    fn build_mount(&self) -> OverlayMount {
        let [upperdir, workdir, merged] =
            ["diff", "work", "merged"].map(|name| format!("/var/lib/docker/overlay2/build/{name}"));
        OverlayMount { lowerdirs: Vec::new(), upperdir, workdir, merged, mode: self.mode }
    }
}

impl Build {
    /// Steps that came from the cache.
    pub fn hits(&self) -> usize {
        self.steps.iter().filter(|step| step.cached == Cached::Hit).count()
    }
}

impl Cached {
    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 6] = ["hit", "free", "not-needed", "miss-new", "miss-after-miss", "miss-content-changed"];

    /// The last part of the key in the message catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Free => "free",
            Self::NotNeeded => "not-needed",
            Self::MissNew => "miss-new",
            Self::MissAfterMiss => "miss-after-miss",
            Self::MissContentChanged => "miss-content-changed",
        }
    }
}

impl BuildStep {
    fn new(stage: usize, instruction: &str, cached: Cached) -> Self {
        Self { stage, instruction: instruction.into(), cached, layer: None, intermediate: None, output: None }
    }
}

impl State {
    fn overlay(&self) -> Overlay {
        Overlay::new(self.layers.iter().map(|layer| layer.layer.clone()).collect(), Mode::Default)
    }

    fn then(mut self, instruction: &Instruction, run_config: RunConfig, layer: Option<ImageLayer>, now: i64) -> Self {
        let created_by = instruction.text.clone();
        self.history.push(History { created_by, created: now, has_layer: layer.is_some() });
        self.layers.extend(layer);
        Self { run_config, ..self }
    }
}

impl Instruction {
    fn configured(&self, before: &RunConfig) -> RunConfig {
        let mut config = before.clone();
        match &self.kind {
            InstructionKind::Env(pairs) => {
                for (name, value) in pairs {
                    config.env.retain(|(known, _)| known != name);
                    config.env.push((name.clone(), value.clone()));
                }
            }
            InstructionKind::Cmd(cmd) => config.cmd = Some(cmd.clone()),
            InstructionKind::Workdir(path) => config.workdir = absolute(path, &before.workdir),
            InstructionKind::Run(_) | InstructionKind::Copy { .. } => {}
        }
        config
    }

    /// What the cache knows this step by. Of the files their names, modes and bytes count, not their times.
    fn key(&self, state: &State, builder: Builder, files: &[File]) -> Digest {
        let mut text = format!("{}\n{}\n", state.key, self.text);
        if let (Builder::BuildKit, InstructionKind::Run(_) | InstructionKind::Workdir(_)) = (builder, &self.kind) {
            text.push_str(&format!("{:?} {}\n", state.run_config.env, state.run_config.workdir));
        }
        if let (Builder::BuildKit, InstructionKind::Copy { target, .. }) = (builder, &self.kind) {
            // Not the words of the instruction but what they come to.
            text = format!("{}\nCOPY to {}\n", state.key, absolute(target, &state.run_config.workdir));
        }
        for file in files {
            text.push_str(&format!("{:?} {:o} {}\n", file.path, file.mode, Digest::sha256(&file.bytes)));
        }
        Digest::sha256(text.as_bytes())
    }
}

/// The last stage, and all that it is built or copied from.
fn needed_stages(stages: &[Stage]) -> BTreeSet<usize> {
    let mut needed = BTreeSet::new();
    let mut pending = vec![stages.len() - 1];
    while let Some(at) = pending.pop() {
        if !needed.insert(at) {
            continue;
        }
        let copied = stages[at].instructions.iter().filter_map(|instruction| match &instruction.kind {
            InstructionKind::Copy { from, .. } => from.as_deref(),
            _ => None,
        });
        let earlier = &stages[..at];
        pending.extend(copied.chain([&stages[at].from[..]]).filter_map(|name| stage_index(earlier, name)));
    }
    needed
}

/// By name, or by number.
fn stage_index(stages: &[Stage], name: &str) -> Option<usize> {
    let named = stages.iter().position(|stage| stage.name.as_deref() == Some(name));
    named.or_else(|| name.parse().ok().filter(|&at: &usize| at < stages.len()))
}

fn absolute(path: &str, workdir: &str) -> String {
    if path.starts_with('/') { path.into() } else { format!("{}/{path}", workdir.trim_end_matches('/')) }
}
