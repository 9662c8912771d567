//! What hands do, as lines that could have been typed.

use layerlab_core::{
    lesson::{Command, Place},
    overlay::{MergedPath, engine::Engine},
};

use super::View;
use crate::stage::Act;

/// The line that does what a hand did; `None` where there is no container to do it in.
pub fn line_of(act: &Act, engine: &Engine, view: &View) -> Option<String> {
    let container = engine.container(view.container.as_ref()?).ok()?;
    let is_directory =
        |path: &MergedPath| container.overlay.merged_at(path).is_some_and(|entry| entry.inode.is_directory());
    Some(match act {
        Act::Read(path) if is_directory(path) => format!("ls -l {}", quoted(path)?),
        Act::Read(path) => format!("cat {}", quoted(path)?),
        Act::Change(path) if is_directory(path) => format!("touch {}", quoted(path)?),
        Act::Change(path) => format!("echo changed >> {}", quoted(path)?),
        Act::ChangeMode(path) => format!("chmod {} {}", if is_directory(path) { "700" } else { "600" }, quoted(path)?),
        Act::Delete(path) if is_directory(path) => format!("rm -r {}", quoted(path)?),
        Act::Delete(path) => format!("rm {}", quoted(path)?),
        Act::Stand(_) => return None,
    })
}

/// The container whose file system a command works on.
pub fn container_of(command: &Command) -> Option<String> {
    match command {
        Command::Line { at: Place::Container(name), .. } => Some(name.clone()),
        Command::Line { at: Place::Host, line } => {
            let mut words = line.split_whitespace();
            let is_exec = (words.next(), words.next()) == (Some("docker"), Some("exec"));
            words.find(|word| is_exec && !word.starts_with('-')).map(str::to_string)
        }
        Command::Edit { .. } => None,
    }
}

/// `docker`, its commands, and the names of images and containers.
pub fn complete_docker(engine: &Engine, line: &str) -> Vec<String> {
    const COMMANDS: [&str; 14] = [
        "build", "commit", "diff", "exec", "history", "images", "inspect", "ps", "pull", "rm", "rmi", "run", "start",
        "stop",
    ];
    let word = line.rsplit(' ').next().unwrap_or_default();
    let before: Vec<&str> = line[..line.len() - word.len()].split_whitespace().collect();
    let names: Vec<String> = match before[..] {
        [] => vec!["docker".into()],
        ["docker"] => COMMANDS.map(String::from).into(),
        _ => {
            let containers = engine.containers().iter().map(|container| container.name.clone());
            containers.chain(engine.tags().keys().cloned()).collect()
        }
    };
    names.into_iter().filter(|name| name.starts_with(word)).collect()
}

/// A path as one word of the shell; `None` for names that are no text, which nobody can type.
fn quoted(path: &MergedPath) -> Option<String> {
    let text = format!("/{}", std::str::from_utf8(path.bytes()).ok()?);
    if text.contains(char::is_control) {
        return None;
    }
    let plain = text.chars().all(|c| c.is_alphanumeric() || "._-+,:@%/=".contains(c));
    Some(if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_a_shell_would_split_them() {
        for (path, expected) in [
            ("/etc/hosts", Some("/etc/hosts")),
            ("/a b", Some("'/a b'")),
            ("/it's", Some("'/it'\\''s'")),
            ("/a;reboot", Some("'/a;reboot'")),
            ("/a\nb", None),
        ] {
            assert_eq!(quoted(&path.into()).as_deref(), expected);
        }
        assert_eq!(quoted(&MergedPath::root().join(b"\xff")), None);
    }

    #[test]
    fn the_container_of_a_line_is_the_one_it_runs_in() {
        assert_eq!(container_of(&Command::inside("web", "ls")), Some("web".into()));
        assert_eq!(container_of(&Command::host("docker exec -it web ls")), Some("web".into()));
        assert_eq!(container_of(&Command::host("docker ps")), None);
    }
}
