//! `docker inspect`: of all that it prints, what is about layers.

use serde_json::{Value, json};

use super::{Container, Engine, EngineError, Image};
use crate::overlay::{Dialect, shell::Time};

impl Engine {
    /// A container by its name or ID, else an image.
    pub(super) fn inspect(&self, name: &str) -> Result<Vec<String>, EngineError> {
        let document = match self.container(name) {
            Ok(container) => self.inspected_container(container),
            Err(_) => self.inspected_image(self.image(name)?),
        };
        let text = serde_json::to_string_pretty(&json!([document])).unwrap_or_default();
        // Four blanks a level, as Docker's own.
        let widened = text.lines().map(|line| {
            let bare = line.trim_start();
            format!("{}{bare}", " ".repeat((line.len() - bare.len()) * 2))
        });
        Ok(widened.collect())
    }

    fn inspected_container(&self, container: &Container) -> Value {
        let mount = container.shell.mount();
        let data = match self.dialect {
            Dialect::Overlay => json!({
                "LowerDir": mount.lowerdirs.join(":"),
                "MergedDir": mount.merged,
                "UpperDir": mount.upperdir,
                "WorkDir": mount.workdir,
            }),
            Dialect::Aufs => Value::Null,
        };
        json!({
            "Id": container.id,
            "Created": Time::rfc3339(container.created),
            "Name": format!("/{}", container.name),
            "Image": container.image.to_string(),
            "State": { "Running": container.is_running(), "Status": if container.is_running() { "running" } else { "exited" } },
            "GraphDriver": { "Name": self.driver(), "Data": data },
        })
    }

    fn inspected_image(&self, image: &Image) -> Value {
        let tags: Vec<&String> = self.tags.iter().filter(|(_, id)| **id == image.id).map(|(name, _)| name).collect();
        let layers: Vec<String> = image.layers.iter().map(|layer| layer.diff_id.0.to_string()).collect();
        let env: Vec<String> = image.run_config.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        json!({
            "Id": image.id.to_string(),
            "RepoTags": tags,
            "Created": Time::rfc3339(image.created),
            "Config": {
                "Env": env,
                "Cmd": image.run_config.cmd.as_ref().map(|cmd| ["/bin/sh", "-c", cmd]),
                "WorkingDir": image.run_config.workdir,
            },
            "Architecture": "amd64",
            "Os": "linux",
            "Size": image.size(),
            "GraphDriver": { "Name": self.driver() },
            "RootFS": { "Type": "layers", "Layers": layers },
        })
    }

    fn driver(&self) -> &'static str {
        match self.dialect {
            Dialect::Overlay => "overlay2",
            Dialect::Aufs => "aufs",
        }
    }
}
