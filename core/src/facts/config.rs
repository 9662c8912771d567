//! The run configuration in words: each thing it says as a key of the message catalogue and its values.
//!
//! Sources: OCI image-spec, config.md; Docker Engine API ("Healthcheck", "Shell", "OnBuild").

use serde::{Deserialize, Serialize};

use crate::{
    display::harmless_text,
    spec::config::{Execution, Healthcheck, ImageConfig},
};

/// One thing the config says. Values are harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub subject: Subject,
    /// What holds for it: one text for a user or a directory, a list for the rest.
    pub values: Vec<Value>,
}

macro_rules! subjects {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)*) => {
        /// What a statement is about: [`Subject::key`] is the key of its words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Subject { $($(#[$doc])* $name,)* }

        impl Subject {
            pub const ALL: &'static [Subject] = &[$(Subject::$name,)*];

            /// The last part of the key in the message catalogue, and the word of JSON documents.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

subjects! {
    Platform = "platform",
    Created = "created",
    Author = "author",
    /// Entrypoint and command, as the process that is started when nothing else is asked for.
    Process = "process",
    Entrypoint = "entrypoint",
    Command = "command",
    User = "user",
    WorkingDir = "working_dir",
    Env = "env",
    Ports = "ports",
    Volumes = "volumes",
    Healthcheck = "healthcheck",
    HealthcheckNone = "healthcheck_none",
    HealthcheckInterval = "healthcheck_interval",
    HealthcheckTimeout = "healthcheck_timeout",
    HealthcheckStartPeriod = "healthcheck_start_period",
    HealthcheckStartInterval = "healthcheck_start_interval",
    HealthcheckRetries = "healthcheck_retries",
    StopSignal = "stop_signal",
    StopTimeout = "stop_timeout",
    Shell = "shell",
    OnBuild = "on_build",
    Labels = "labels",
}

/// A text, or a name with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    pub name: Option<String>,
    pub text: String,
}

/// Says only what the config says: a default of a runtime is no fact of the image, but for the user, where absent
/// means root, and people should see it.
pub fn statements(config: &ImageConfig) -> Vec<Statement> {
    let execution = &config.execution;
    let mut out = Vec::new();
    let mut say = |subject, values: Vec<Value>| {
        if !values.is_empty() {
            out.push(Statement { subject, values });
        }
    };
    let platform: Vec<&str> =
        [&config.os, &config.architecture, &config.variant].into_iter().flatten().map(String::as_str).collect();
    say(Subject::Platform, if platform.is_empty() { Vec::new() } else { vec![text(&platform.join("/"))] });
    say(Subject::Created, one(&config.created));
    say(Subject::Author, one(&config.author));
    say(Subject::Process, process(execution));
    say(Subject::Entrypoint, list(&execution.entrypoint));
    say(Subject::Command, list(&execution.cmd));
    let user = execution.user.as_deref().filter(|user| !user.is_empty()).unwrap_or("root");
    say(Subject::User, vec![text(user)]);
    say(Subject::WorkingDir, one(&execution.working_dir));
    say(Subject::Env, execution.env.iter().map(|pair| named(pair)).collect());
    say(Subject::Ports, list(&execution.exposed_ports));
    say(Subject::Volumes, list(&execution.volumes));
    if let Some(check) = &execution.healthcheck {
        healthcheck(check, &mut say);
    }
    say(Subject::StopSignal, one(&execution.stop_signal));
    say(Subject::StopTimeout, execution.stop_timeout.iter().map(|s| text(&format!("{s} s"))).collect());
    say(Subject::Shell, list(&execution.shell));
    say(Subject::OnBuild, list(&execution.on_build));
    let label =
        |(name, value): (&String, &String)| Value { name: Some(harmless_text(name)), text: harmless_text(value) };
    say(Subject::Labels, execution.labels.iter().map(label).collect());
    out
}

/// A duration as Go and Dockerfiles write it: `1m30s`, `500ms`.
pub fn duration(nanoseconds: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let n = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    if n < SECOND {
        return match n {
            n if n % 1_000_000 == 0 => format!("{sign}{}ms", n / 1_000_000),
            n if n % 1_000 == 0 => format!("{sign}{}us", n / 1_000),
            n => format!("{sign}{n}ns"),
        };
    }
    let (seconds, rest) = (n / SECOND, n % SECOND);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut out = sign.to_owned();
    if hours > 0 {
        out.push_str(&format!("{hours}h"));
    }
    if minutes > 0 {
        out.push_str(&format!("{minutes}m"));
    }
    match rest {
        0 if seconds == 0 => {}
        0 => out.push_str(&format!("{seconds}s")),
        rest => out.push_str(format!("{seconds}.{rest:09}").trim_end_matches('0')),
    }
    if rest > 0 {
        out.push('s');
    }
    out
}

/// One command line, words that need it quoted as a shell would need it.
fn process(execution: &Execution) -> Vec<Value> {
    let words: Vec<String> =
        execution.entrypoint.iter().chain(&execution.cmd).map(|word| shell_word(&harmless_text(word))).collect();
    if words.is_empty() { Vec::new() } else { vec![text(&words.join(" "))] }
}

fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn healthcheck(check: &Healthcheck, say: &mut impl FnMut(Subject, Vec<Value>)) {
    match check.test.split_first() {
        Some((first, _)) if first == "NONE" => return say(Subject::HealthcheckNone, vec![text("NONE")]),
        Some((_, words)) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            say(Subject::Healthcheck, vec![text(&words.join(" "))]);
        }
        None => {}
    }
    for (subject, nanoseconds) in [
        (Subject::HealthcheckInterval, check.interval),
        (Subject::HealthcheckTimeout, check.timeout),
        (Subject::HealthcheckStartPeriod, check.start_period),
        (Subject::HealthcheckStartInterval, check.start_interval),
    ] {
        say(subject, nanoseconds.filter(|&n| n != 0).iter().map(|&n| text(&duration(n))).collect());
    }
    say(Subject::HealthcheckRetries, check.retries.filter(|&n| n != 0).iter().map(|n| text(&n.to_string())).collect());
}

fn text(text: &str) -> Value {
    Value { name: None, text: harmless_text(text) }
}

fn one(value: &Option<String>) -> Vec<Value> {
    value.iter().filter(|value| !value.is_empty()).map(|value| text(value)).collect()
}

fn list(values: &[String]) -> Vec<Value> {
    values.iter().map(|value| text(value)).collect()
}

fn named(pair: &str) -> Value {
    match pair.split_once('=') {
        Some((name, value)) => Value { name: Some(harmless_text(name)), text: harmless_text(value) },
        None => text(pair),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_said_in_one_order_and_root_is_said_always() {
        let config = ImageConfig {
            os: Some("linux".into()),
            architecture: Some("amd64".into()),
            execution: Execution {
                entrypoint: vec!["/entry".into()],
                cmd: vec!["serve".into(), "two words".into()],
                env: vec!["A=1=2".into(), "ODD".into()],
                healthcheck: Some(Healthcheck {
                    test: vec!["CMD-SHELL".into(), "curl x".into()],
                    interval: Some(90_000_000_000),
                    ..Healthcheck::default()
                }),
                ..Execution::default()
            },
            ..ImageConfig::default()
        };
        let said: Vec<String> = statements(&config)
            .into_iter()
            .map(|statement| {
                let values: Vec<String> = statement
                    .values
                    .into_iter()
                    .map(|value| value.name.map_or(value.text.clone(), |name| format!("{name}: {}", value.text)))
                    .collect();
                format!("{} {}", statement.subject.key(), values.join(", "))
            })
            .collect();
        assert_eq!(
            said,
            [
                "platform linux/amd64",
                "process /entry serve 'two words'",
                "entrypoint /entry",
                "command serve, two words",
                "user root",
                "env A: 1=2, ODD",
                "healthcheck curl x",
                "healthcheck_interval 1m30s",
            ]
        );
    }

    #[test]
    fn durations_are_go_s() {
        for (nanoseconds, text) in [
            (500_000_000, "500ms"),
            (1_500_000, "1500us"),
            (30_000_000_000, "30s"),
            (3_600_000_000_000, "1h"),
            (5_400_000_000_000, "1h30m"),
            (1_500_000_000, "1.5s"),
            (-2_000_000_000, "-2s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(duration(nanoseconds), text);
        }
    }
}
