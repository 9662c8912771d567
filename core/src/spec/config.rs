//! The image config document.
//!
//! Source: OCI image-spec, config.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json::Fields;
use crate::{
    digest::DiffId,
    display::harmless_text,
    finding::{Code, Finding},
};

/// What is read of a config. It is made by the archive reader, leniently, from hostile JSON; this form is plain, so
/// that it can travel between workers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageConfig {
    pub os: Option<String>,
    pub architecture: Option<String>,
    pub variant: Option<String>,
    pub created: Option<String>,
    pub author: Option<String>,
    /// Base first; `None` keeps the place of one that is no digest.
    pub diff_ids: Vec<Option<DiffId>>,
    pub history: Vec<History>,
    pub execution: Execution,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub created: Option<String>,
    pub created_by: Option<String>,
    pub comment: Option<String>,
    pub author: Option<String>,
    /// The instruction made no layer.
    pub empty_layer: bool,
}

/// The `config` object: how a container of the image is run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    pub user: Option<String>,
    pub env: Vec<String>,
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    pub working_dir: Option<String>,
    pub exposed_ports: Vec<String>,
    pub volumes: Vec<String>,
    pub labels: BTreeMap<String, String>,
    pub stop_signal: Option<String>,
    /// Seconds between the stop signal and the kill; Docker's extension.
    pub stop_timeout: Option<i64>,
    /// Docker's extension, which OCI reserves.
    pub healthcheck: Option<Healthcheck>,
    /// The shell of the shell forms; Docker's extension.
    pub shell: Vec<String>,
    /// Instructions that a build on top of the image runs first; Docker's extension.
    pub on_build: Vec<String>,
}

/// How Docker asks a container whether it is well. Durations are nanoseconds; 0 and absent stand for the default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Healthcheck {
    /// Empty: as in the base image; `NONE`; `CMD` and its words; `CMD-SHELL` and one line.
    pub test: Vec<String>,
    pub interval: Option<i64>,
    pub timeout: Option<i64>,
    pub start_period: Option<i64>,
    pub start_interval: Option<i64>,
    pub retries: Option<i64>,
}

impl ImageConfig {
    pub fn from_json(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Self {
        let rootfs = fields.object(object, "rootfs");
        Self {
            os: fields.string(object, "os"),
            architecture: fields.string(object, "architecture"),
            variant: fields.string(object, "variant"),
            created: fields.string(object, "created"),
            author: fields.string(object, "author"),
            diff_ids: rootfs.map(|rootfs| diff_ids(rootfs, fields)).unwrap_or_default(),
            history: history(object, fields),
            execution: fields.object(object, "config").map(|config| execution(config, fields)).unwrap_or_default(),
        }
    }

    /// The history entries that made a layer, base first: what the layers are paired with.
    pub fn layer_history(&self) -> impl Iterator<Item = &History> {
        self.history.iter().filter(|entry| !entry.empty_layer)
    }
}

fn diff_ids(rootfs: &Map<String, Value>, fields: &mut Fields<'_>) -> Vec<Option<DiffId>> {
    let list = fields.list(rootfs, "diff_ids");
    list.iter()
        .enumerate()
        .map(|(index, value)| {
            let text = value.as_str().unwrap_or_default();
            text.parse().map(DiffId).map_err(|error| not_a_diff_id(fields, index, text, error)).ok()
        })
        .collect()
}

fn not_a_diff_id(fields: &mut Fields<'_>, index: usize, text: &str, error: crate::digest::DigestError) {
    let document = fields.document();
    let message = format!("In {document}, diff_ids[{index}] is \"{}\": {error}.", harmless_text(text));
    fields.finding(Finding::error(Code::DocumentUnreadable, message));
}

/// An element that is no object stays, empty, because the layers are paired by position.
fn history(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Vec<History> {
    let none = Map::new();
    let list = fields.list(object, "history");
    let entries = list.iter().map(|entry| entry.as_object().unwrap_or(&none));
    entries
        .map(|entry| History {
            created: fields.string(entry, "created"),
            created_by: fields.string(entry, "created_by"),
            comment: fields.string(entry, "comment"),
            author: fields.string(entry, "author"),
            empty_layer: fields.bool(entry, "empty_layer").unwrap_or_default(),
        })
        .collect()
}

fn execution(config: &Map<String, Value>, fields: &mut Fields<'_>) -> Execution {
    let labels = fields.object(config, "Labels");
    Execution {
        user: fields.string(config, "User"),
        env: fields.strings(config, "Env"),
        entrypoint: fields.words(config, "Entrypoint"),
        cmd: fields.words(config, "Cmd"),
        working_dir: fields.string(config, "WorkingDir"),
        exposed_ports: fields.names(config, "ExposedPorts"),
        volumes: fields.names(config, "Volumes"),
        labels: labels
            .into_iter()
            .flat_map(|labels| labels.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))))
            .collect(),
        stop_signal: fields.string(config, "StopSignal"),
        stop_timeout: fields.integer(config, "StopTimeout"),
        healthcheck: fields.object(config, "Healthcheck").map(|check| healthcheck(check, fields)),
        shell: fields.words(config, "Shell"),
        on_build: fields.strings(config, "OnBuild"),
    }
}

fn healthcheck(check: &Map<String, Value>, fields: &mut Fields<'_>) -> Healthcheck {
    Healthcheck {
        test: fields.words(check, "Test"),
        interval: fields.integer(check, "Interval"),
        timeout: fields.integer(check, "Timeout"),
        start_period: fields.integer(check, "StartPeriod"),
        start_interval: fields.integer(check, "StartInterval"),
        retries: fields.integer(check, "Retries"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Findings;

    fn read(text: &str) -> (ImageConfig, Vec<String>) {
        let value: Value = serde_json::from_str(text).unwrap();
        let mut findings = Findings::new(100);
        let config = ImageConfig::from_json(value.as_object().unwrap(), &mut Fields::new(b"c.json", &mut findings));
        (config, findings.into_vec().into_iter().map(|finding| finding.message).collect())
    }

    #[test]
    fn positions_survive_what_is_no_diff_id_and_no_history_entry() {
        let good = format!("sha256:{}", "0a".repeat(32));
        let (config, findings) = read(&format!(
            r#"{{"rootfs":{{"diff_ids":["{good}","nonsense",null]}},
                "history":[{{"created_by":"a"}},7,{{"empty_layer":true,"created_by":"env"}},{{"created_by":"b"}}]}}"#
        ));
        assert_eq!(config.diff_ids, [Some(DiffId(good.parse().unwrap())), None, None]);
        let made: Vec<_> = config.layer_history().map(|entry| entry.created_by.as_deref()).collect();
        assert_eq!(made, [Some("a"), None, Some("b")]);
        assert_eq!(
            findings,
            [
                "In c.json, diff_ids[1] is \"nonsense\": not a digest: no colon between algorithm and value.",
                "In c.json, diff_ids[2] is \"\": not a digest: no colon between algorithm and value.",
            ]
        );
    }

    #[test]
    fn the_run_configuration_is_read_leniently() {
        let (config, findings) = read(
            r#"{"config":{"Env":["A=1"],"Cmd":"sh","Entrypoint":null,"ExposedPorts":{"80/tcp":{}},
                "Labels":{"k":"v","n":1},"User":0}}"#,
        );
        let execution = config.execution;
        assert_eq!(
            (execution.env, execution.cmd, execution.entrypoint),
            (vec!["A=1".into()], vec!["sh".into()], vec![])
        );
        assert_eq!(execution.exposed_ports, ["80/tcp"]);
        assert_eq!(execution.labels.into_iter().collect::<Vec<_>>(), [("k".into(), "v".into())]);
        assert_eq!(findings, ["In c.json, User is a number where a text is expected; it counts as absent."]);
    }
}
