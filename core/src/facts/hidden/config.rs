//! Secrets in the config document: it is pulled before any layer, and `docker history` prints it.

use super::{
    ConfigPart, Found, Place, Rule, Secret,
    assignment::{is_secret_name, is_secret_value},
    files::urls,
    text::anywhere,
};
use crate::spec::config::ImageConfig;

/// The secrets of a config, in the order of its parts.
pub fn in_config(config: &ImageConfig) -> Vec<Found> {
    let execution = &config.execution;
    let mut found = Vec::new();
    let mut add = |part, secrets: Vec<Secret>| {
        found.extend(secrets.into_iter().map(|secret| Found {
            secret,
            place: Place::Config(part),
            among_examples: false,
        }));
    };
    for pair in &execution.env {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(ConfigPart::Env, assigned(name, value));
    }
    for (name, value) in &execution.labels {
        add(ConfigPart::Label, in_text(value).into_iter().map(|secret| secret.named(name.as_bytes())).collect());
    }
    let commands = [&execution.entrypoint, &execution.cmd, &execution.on_build];
    let check = execution.healthcheck.iter().flat_map(|check| &check.test);
    for word in commands.into_iter().flatten().chain(check) {
        add(ConfigPart::Command, in_text(word));
    }
    for (entry, history) in config.history.iter().enumerate() {
        let said = history.created_by.as_deref().unwrap_or_default();
        let known: Vec<&str> = execution.env.iter().map(String::as_str).collect();
        add(ConfigPart::History(entry as u32), in_history(said, &known));
    }
    found
}

/// One secret for a variable: by its value's shape, else by its name.
fn assigned(name: &str, value: &str) -> Vec<Secret> {
    let mut secrets = in_text(value);
    if secrets.is_empty() && is_secret_name(name) && is_secret_value(value) {
        secrets.push(Secret::new(Rule::EnvVariable, value.as_bytes(), 0, value.len()));
    }
    secrets.into_iter().map(|secret| secret.named(name.as_bytes())).collect()
}

fn in_text(text: &str) -> Vec<Secret> {
    let mut secrets = anywhere(text.as_bytes());
    secrets.extend(urls(text.as_bytes(), Rule::UrlPassword));
    secrets
}

/// Build arguments and assignments of an instruction. What the environment holds too is told there.
fn in_history(said: &str, env: &[&str]) -> Vec<Secret> {
    let mut secrets = in_text(said);
    for word in said.split_whitespace() {
        let Some((name, value)) = word.trim_matches(|c| c == '"' || c == '\'' || c == ';').split_once('=') else {
            continue;
        };
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name || !is_secret_name(name) || !is_secret_value(value) || env.contains(&&*format!("{name}={value}")) {
            continue;
        }
        let offset = value.as_ptr() as usize - said.as_ptr() as usize;
        if secrets.iter().all(|other| other.offset != offset as u64) {
            secrets.push(Secret::new(Rule::EnvVariable, said.as_bytes(), offset, value.len()).named(name.as_bytes()));
        }
    }
    secrets.retain(|secret| {
        !env.iter().any(|pair| pair.split_once('=').is_some_and(|(_, v)| v.as_bytes() == secret.value.0))
    });
    secrets
}
