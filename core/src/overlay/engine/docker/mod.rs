//! `docker`, as far as images and containers without processes go.

use std::fmt;

use super::{
    Container, Effect, Engine, EngineError, Image, full_reference,
    table::{age, size, table},
};
use crate::{
    display::harmless,
    overlay::{
        ChangeKind,
        shell::{Line, Message, Reply},
    },
};

mod build;
mod inspect;

/// What `docker` knows here.
const COMMANDS: &str = "build commit diff exec history images inspect ps pull rm rmi run start stop tag volume";

/// What a command gave: lines to print, or a sentence of the catalogue.
enum Given {
    Lines(Vec<String>),
    Usage(&'static str),
}

impl Engine {
    /// Runs the words behind `docker`.
    pub fn docker(&mut self, words: &[&str]) -> Reply {
        let mut reply = match words {
            ["exec", rest @ ..] => return self.exec(rest),
            ["build" | "buildx", rest @ ..] => self.docker_build(rest),
            _ => self.docker_command(words),
        };
        reply.moves = u32::from(!reply.effects.is_empty());
        reply
    }

    fn docker_command(&mut self, words: &[&str]) -> Reply {
        let mut reply = Reply::default();
        match self.dispatch(words, &mut reply.effects) {
            Ok(Given::Lines(lines)) => {
                reply.lines = lines.into_iter().map(|line| Line::Output(harmless(line.as_bytes()))).collect();
            }
            Ok(Given::Usage(command)) => {
                reply.lines.push(Line::Message(Message::new("shell.usage", [("command", command.into())])));
                reply.failed = true;
            }
            Err(error) => {
                let sentence = format!("Error response from daemon: {error}");
                reply.lines.push(Line::Error(harmless(sentence.as_bytes())));
                reply.failed = true;
            }
        }
        reply
    }

    fn dispatch(&mut self, words: &[&str], effects: &mut Vec<Effect>) -> Result<Given, EngineError> {
        let is_plain =
            |word: &str| self.containers.iter().any(|container| container.is_plain && container.name == word);
        if let Some(name) = words.iter().find(|word| is_plain(word)) {
            return Err(EngineError::NoSuchContainer((*name).into()));
        }
        let lines = |lines: Vec<String>| Ok(Given::Lines(lines));
        match words {
            ["run", rest @ ..] => self.docker_run(rest, effects),
            ["pull", image] => {
                let (printed, effect) = self.pull(image)?;
                effects.push(effect);
                lines(printed)
            }
            ["volume", "ls"] => {
                let names: Vec<[String; 2]> =
                    self.volumes().map(|(name, _)| ["local".into(), name.to_string()]).collect();
                lines(table(["DRIVER", "VOLUME NAME"], &names))
            }
            ["inspect", name] | ["image" | "container", "inspect", name] => lines(self.inspect(name)?),
            ["ps", options @ ..] => {
                let has = |letter| options.iter().any(|option| option.starts_with('-') && option.contains(letter));
                lines(self.ps(has('a'), has('s')))
            }
            ["images"] | ["image", "ls"] => lines(self.image_table()),
            ["history", image] => {
                let image = self.image(image)?;
                lines(self.history(image))
            }
            ["diff", container] => {
                let letter = |kind| match kind {
                    ChangeKind::Added => 'A',
                    ChangeKind::Modified => 'C',
                    ChangeKind::Removed => 'D',
                };
                let changes = self.diff(container)?;
                lines(changes.iter().map(|change| format!("{} {}", letter(change.kind), change.path)).collect())
            }
            ["commit", container, rest @ ..] if rest.len() <= 1 => {
                let id = self.container(container)?.id.clone();
                let image = self.commit(container, rest.first().copied(), "")?;
                effects.push(Effect::Committed { container: id, image: image.clone() });
                lines(vec![image.to_string()])
            }
            ["tag", from, to] => {
                self.tag(from, to)?;
                let image = self.image(to)?.id.clone();
                effects.push(Effect::Tagged { name: (*to).into(), image });
                lines(Vec::new())
            }
            ["stop", names @ ..] if !names.is_empty() => {
                for name in names {
                    let container = self.container(name)?;
                    let (was_running, id) = (container.is_running(), container.id.clone());
                    self.stop(name)?;
                    effects.extend(was_running.then_some(Effect::Stopped { container: id }));
                }
                lines(names.iter().map(|name| (*name).to_string()).collect())
            }
            ["start", names @ ..] if !names.is_empty() => {
                for name in names {
                    let container = self.container(name)?;
                    let (was_stopped, id) = (!container.is_running(), container.id.clone());
                    self.start(name)?;
                    effects.extend(was_stopped.then_some(Effect::Started { container: id }));
                }
                lines(names.iter().map(|name| (*name).to_string()).collect())
            }
            ["rm", rest @ ..] if !rest.is_empty() => {
                let force = rest.contains(&"-f");
                let names: Vec<&&str> = rest.iter().filter(|word| !word.starts_with('-')).collect();
                for name in &names {
                    let removed = self.remove_container(name, force)?;
                    let bytes = removed.size();
                    effects.push(Effect::ContainerRemoved { container: removed.id, bytes });
                }
                lines(names.into_iter().map(|name| (*name).to_string()).collect())
            }
            ["rmi", "-f", images @ ..] if !images.is_empty() => self.rmi(images, true, effects),
            ["rmi", images @ ..] if !images.is_empty() => self.rmi(images, false, effects),
            ["history", ..] => Ok(Given::Usage("docker history IMAGE")),
            ["diff", ..] => Ok(Given::Usage("docker diff CONTAINER")),
            ["commit", ..] => Ok(Given::Usage("docker commit CONTAINER [IMAGE]")),
            ["pull", ..] => Ok(Given::Usage("docker pull IMAGE")),
            ["inspect", ..] => Ok(Given::Usage("docker inspect IMAGE|CONTAINER")),
            ["tag", ..] => Ok(Given::Usage("docker tag IMAGE NAME")),
            _ => Ok(Given::Usage(COMMANDS)),
        }
    }

    fn docker_run(&mut self, words: &[&str], effects: &mut Vec<Effect>) -> Result<Given, EngineError> {
        const USAGE: &str = "docker run [-d] [--name NAME] [-v VOLUME:/DIRECTORY] IMAGE";
        let mut name = None;
        let mut volumes: Vec<(&str, &str)> = Vec::new();
        let mut rest = words;
        loop {
            match rest {
                ["--name", given, after @ ..] => (name, rest) = (Some(*given), after),
                ["-v" | "--volume", given, after @ ..] => {
                    let volume = given.split_once(':').filter(|(name, at)| is_volume(name) && is_mount_point(at));
                    let Some(volume) = volume else { return Ok(Given::Usage(USAGE)) };
                    volumes.push(volume);
                    rest = after;
                }
                [option, after @ ..] if option.starts_with('-') => rest = after,
                [image, ..] => {
                    let mut lines = Vec::new();
                    if self.image(image).is_err() && self.pull_plan(image).is_ok() {
                        lines.push(format!("Unable to find image '{}' locally", full_reference(image)?));
                        let (printed, effect) = self.pull(image)?;
                        // The last line, the full name, is of `docker pull` alone.
                        lines.extend(printed.into_iter().filter(|line| !line.starts_with("docker.io/")));
                        effects.push(effect);
                    }
                    let container = self.run(image, name)?.id.clone();
                    let at = self.container_at(&container)?;
                    for (volume, directory) in volumes {
                        if self.mount_volume(at, volume, directory) {
                            effects.push(Effect::VolumeCreated { name: volume.into() });
                        }
                    }
                    effects.push(Effect::Created { container: container.clone() });
                    lines.push(container);
                    return Ok(Given::Lines(lines));
                }
                [] => return Ok(Given::Usage(USAGE)),
            }
        }
    }

    /// `docker exec CONTAINER COMMAND…`: the command runs in that container's own shell.
    fn exec(&mut self, words: &[&str]) -> Reply {
        let words: Vec<&str> = words.iter().copied().skip_while(|word| word.starts_with('-')).collect();
        let [name, command @ ..] = &words[..] else { return self.docker(&[]) };
        let quoted: Vec<String> = command.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
        match self.run_in(name, &quoted.join(" ")) {
            Ok(reply) => reply,
            Err(error) => {
                let sentence = format!("Error response from daemon: {error}");
                Reply { lines: vec![Line::Error(harmless(sentence.as_bytes()))], failed: true, ..Reply::default() }
            }
        }
    }

    fn ps(&self, all: bool, sizes: bool) -> Vec<String> {
        let rows: Vec<[String; 6]> = self
            .containers
            .iter()
            .rev()
            .filter(|container| !container.is_plain && (all || container.is_running()))
            .map(|container| {
                [
                    container.id[..12].to_string(),
                    container.image_name.clone(),
                    format!("{} ago", age(self.now.saturating_sub(container.created))),
                    self.status(container),
                    container.name.clone(),
                    self.shown_sizes(container),
                ]
            })
            .collect();
        let head = ["CONTAINER ID", "IMAGE", "CREATED", "STATUS", "NAMES", "SIZE"];
        if sizes {
            return table(head, &rows);
        }
        let rows: Vec<[String; 5]> =
            rows.into_iter().map(|[id, image, created, status, name, _]| [id, image, created, status, name]).collect();
        table([head[0], head[1], head[2], head[3], head[4]], &rows)
    }

    fn status(&self, container: &Container) -> String {
        match container.stopped {
            None => format!("Up {}", age(self.now.saturating_sub(container.created))),
            Some(stopped) => format!("Exited (0) {} ago", age(self.now.saturating_sub(stopped))),
        }
    }

    fn shown_sizes(&self, container: &Container) -> String {
        let of_image = self.images.iter().find(|image| image.id == container.image).map_or(0, Image::size);
        let own = container.size();
        format!("{} (virtual {})", size(own, 3), size(own.saturating_add(of_image), 3))
    }

    fn image_table(&self) -> Vec<String> {
        let mut rows: Vec<[String; 5]> = Vec::new();
        for image in self.images.iter().rev() {
            let mut names: Vec<(&str, &str)> = self
                .tags
                .iter()
                .filter(|(_, id)| **id == image.id)
                .filter_map(|(name, _)| name.rsplit_once(':'))
                .collect();
            if names.is_empty() {
                names.push(("<none>", "<none>"));
            }
            for (name, tag) in names {
                let created = format!("{} ago", age(self.now.saturating_sub(image.created)));
                let id = image.id.0.short().to_string();
                rows.push([name.into(), tag.into(), id, created, size(image.size(), 3)]);
            }
        }
        table(["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"], &rows)
    }

    /// Top first. Only the image itself has an ID: what lies below is layers, which have none.
    fn history(&self, image: &Image) -> Vec<String> {
        let mut layers = image.layers.iter().rev();
        let mut rows: Vec<[String; 4]> = Vec::new();
        for step in image.history.iter().rev() {
            let bytes = if step.has_layer { layers.next().map_or(0, |layer| layer.size) } else { 0 };
            let id = if rows.is_empty() { image.id.0.short().to_string() } else { "<missing>".into() };
            let created = format!("{} ago", age(self.now.saturating_sub(step.created)));
            rows.push([id, created, step.created_by.clone(), size(bytes, 3)]);
        }
        table(["IMAGE", "CREATED", "CREATED BY", "SIZE"], &rows)
    }

    fn rmi(&mut self, images: &[&str], force: bool, effects: &mut Vec<Effect>) -> Result<Given, EngineError> {
        let mut lines = Vec::new();
        for image in images {
            let removed = self.remove_image(image, force)?;
            lines.extend(removed.untagged.iter().map(|name| format!("Untagged: {name}")));
            lines.extend(removed.image.iter().map(|id| format!("Deleted: {id}")));
            lines.extend(removed.layers.iter().map(|chain| format!("Deleted: {chain}")));
            effects.push(Effect::ImageRemoved(removed));
        }
        Ok(Given::Lines(lines))
    }
}

/// The name of a volume: paths of the host are not in this model.
fn is_volume(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(rest)
}

/// A directory below the root: a mount over the whole union would hide it.
fn is_mount_point(path: &str) -> bool {
    path.starts_with('/') && path.len() > 1 && path.len() < 200 && !path.contains("//") && !path.contains("..")
}

/// The daemon's words.
impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |id: &str| id.get(..12).unwrap_or(id).to_string();
        match self {
            Self::InvalidReference(text) => write!(f, "invalid reference format: {text}"),
            Self::NoSuchImage(name) => write!(f, "No such image: {name}"),
            Self::NotInRegistry(name) => {
                write!(f, "pull access denied for {name}, repository does not exist or may require 'docker login'")
            }
            Self::NoSuchContainer(name) => write!(f, "No such container: {name}"),
            Self::NameInUse { name, by } => write!(
                f,
                "Conflict. The container name \"/{name}\" is already in use by container \"{by}\". You have to remove \
                 (or rename) that container to be able to reuse that name."
            ),
            Self::ContainerIsRunning(id) => write!(
                f,
                "cannot remove container \"{}\": container is running: stop the container before removing or force remove",
                short(id)
            ),
            Self::ContainerIsNotRunning(id) => write!(f, "container {id} is not running"),
            Self::ImageInUse { image, container, running } => write!(
                f,
                "conflict: unable to delete {image} (must be forced) - image is being used by {} container {}",
                if *running { "running" } else { "stopped" },
                short(container)
            ),
            Self::Commit(error) => error.fmt(f),
            Self::NoSpace => write!(f, "write: no space left on device"),
        }
    }
}
