//! What two configs say differently.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{How, Side};
use crate::spec::config::{Execution, ImageConfig};

/// One thing that the configs say differently. Values are hostile text, as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigChange {
    pub field: Field,
    /// Which variable or label; none for a field that is there once.
    pub key: Option<String>,
    /// `None` where the config does not say it.
    pub a: Option<String>,
    pub b: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Os,
    Architecture,
    Variant,
    User,
    Env,
    Entrypoint,
    Cmd,
    WorkingDir,
    Port,
    Volume,
    Label,
    StopSignal,
    StopTimeout,
    Healthcheck,
    Shell,
    OnBuild,
    Created,
    Author,
    /// The instructions, one a line.
    History,
}

impl Field {
    pub const ALL: &'static [Self] = &[
        Self::Os,
        Self::Architecture,
        Self::Variant,
        Self::User,
        Self::Env,
        Self::Entrypoint,
        Self::Cmd,
        Self::WorkingDir,
        Self::Port,
        Self::Volume,
        Self::Label,
        Self::StopSignal,
        Self::StopTimeout,
        Self::Healthcheck,
        Self::Shell,
        Self::OnBuild,
        Self::Created,
        Self::Author,
        Self::History,
    ];

    /// No container can tell it.
    fn is_of_the_build(self) -> bool {
        matches!(self, Self::Created | Self::Author | Self::History)
    }
}

pub fn compare(a: &Side<'_>, b: &Side<'_>, how: How) -> Vec<ConfigChange> {
    if a.report.config_digest.is_some() && a.report.config_digest == b.report.config_digest {
        return Vec::new();
    }
    let [a, b] = [a, b].map(|side| side.config.map(sayings).unwrap_or_default());
    let keys: BTreeSet<&Key> = a.keys().chain(b.keys()).collect();
    let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    let counting = differing.filter(|key| how == How::Strict || !key.0.is_of_the_build());
    counting
        .map(|key| ConfigChange { field: key.0, key: key.1.clone(), a: a.get(key).cloned(), b: b.get(key).cloned() })
        .collect()
}

type Key = (Field, Option<String>);

/// All that a config says, a value for each key.
fn sayings(config: &ImageConfig) -> BTreeMap<Key, String> {
    let Execution {
        user,
        env,
        entrypoint,
        cmd,
        working_dir,
        exposed_ports,
        volumes,
        labels,
        stop_signal,
        stop_timeout,
        healthcheck,
        shell,
        on_build,
    } = &config.execution;
    let history: Vec<&str> =
        config.history.iter().map(|entry| entry.created_by.as_deref().unwrap_or_default()).collect();
    let once = [
        (Field::Os, config.os.clone()),
        (Field::Architecture, config.architecture.clone()),
        (Field::Variant, config.variant.clone()),
        (Field::User, user.clone()),
        (Field::Entrypoint, words(entrypoint)),
        (Field::Cmd, words(cmd)),
        (Field::WorkingDir, working_dir.clone()),
        (Field::StopSignal, stop_signal.clone()),
        (Field::StopTimeout, stop_timeout.map(|seconds| seconds.to_string())),
        (Field::Healthcheck, healthcheck.as_ref().and_then(|check| serde_json::to_string(check).ok())),
        (Field::Shell, words(shell)),
        (Field::OnBuild, words(on_build)),
        (Field::Created, config.created.clone()),
        (Field::Author, config.author.clone()),
        (Field::History, (!history.is_empty()).then(|| history.join("\n"))),
    ];
    let once = once.into_iter().filter_map(|(field, value)| Some(((field, None), value?)));
    let keyed = |field: Field, key: &str, value: &str| ((field, Some(key.to_owned())), value.to_owned());
    let env = env.iter().map(|variable| {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        keyed(Field::Env, name, value)
    });
    let labels = labels.iter().map(|(key, value)| keyed(Field::Label, key, value));
    let ports = exposed_ports.iter().map(|port| keyed(Field::Port, port, port));
    let volumes = volumes.iter().map(|volume| keyed(Field::Volume, volume, volume));
    // An empty text says as little as none: Docker writes one, podman leaves it out.
    let said = |(key, value): &(Key, String)| key.1.is_some() || !value.is_empty();
    once.chain(env).chain(labels).chain(ports).chain(volumes).filter(said).collect()
}

/// A command as JSON, so that `["a b"]` and `["a", "b"]` differ.
fn words(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| serde_json::to_string(words).unwrap_or_default())
}
