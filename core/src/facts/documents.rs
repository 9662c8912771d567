//! The raw documents of an archive, each with the commands that print the same.
//!
//! Sources: skopeo-inspect(1), crane(1), `docker image inspect --help`, tar(1).

use serde::{Deserialize, Serialize};

use crate::archive::{ArchiveKind, Document, DocumentRole, Image};

/// One command line, ready to be pasted into a shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub line: String,
    pub prints: Prints,
}

/// What a command prints, beside the document shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prints {
    /// These bytes, out of this file (jq lays them out anew).
    Same,
    /// The same document, from a registry where the image is there under that name.
    FromRegistry,
    /// The same facts in Docker's own form, after `docker load`.
    DockerForm,
}

/// The commands for one document of the archive `file`. `image` is the one it belongs to, where it belongs to one.
pub fn commands(document: &Document, file: &str, kind: ArchiveKind, image: Option<&Image>) -> Vec<Command> {
    let (quoted, path) = (quoted(file), quoted(&document.path));
    let same = |line| Command { line, prints: Prints::Same };
    let folder = matches!(kind, ArchiveKind::OciLayout | ArchiveKind::DockerDir);
    let mut commands = vec![same(match folder {
        true => format!("jq . {quoted}/{path}"),
        false => format!("tar -xOf {quoted} {path} | jq ."),
    })];
    let tag = image.and_then(|image| image.tags.first()).map(String::as_str).filter(|tag| is_reference(tag));
    let transport = match kind {
        ArchiveKind::OciArchive => Some("oci-archive"),
        ArchiveKind::OciLayout => Some("oci"),
        ArchiveKind::DockerDir => Some("dir"),
        ArchiveKind::DockerArchive => Some("docker-archive"),
        ArchiveKind::DockerV1 | ArchiveKind::Layer | ArchiveKind::Rootfs => None,
    };
    let place = transport.map(|transport| match (tag, transport) {
        (Some(tag), "oci-archive" | "oci" | "docker-archive") => format!("{transport}:{quoted}:{tag}"),
        _ => format!("{transport}:{quoted}"),
    });
    match document.role {
        DocumentRole::Config => {
            commands.extend(place.map(|place| same(format!("skopeo inspect --raw --config {place} | jq ."))));
            if let Some(tag) = tag {
                let line = format!("crane config {tag} | jq .");
                commands.push(Command { line, prints: Prints::FromRegistry });
                commands.push(Command { line: format!("docker image inspect {tag}"), prints: Prints::DockerForm });
            }
        }
        DocumentRole::Manifest | DocumentRole::Index => {
            // skopeo makes up a manifest for a docker-archive, which has none of its own.
            if document.role == DocumentRole::Manifest && kind != ArchiveKind::DockerArchive {
                commands.extend(place.map(|place| same(format!("skopeo inspect --raw {place} | jq ."))));
            }
            if let Some(tag) = tag {
                let line = format!("crane manifest {tag} | jq .");
                commands.push(Command { line, prints: Prints::FromRegistry });
            }
        }
        _ => {}
    }
    commands
}

/// Only a name that a shell and a registry take as it is goes into a command unquoted.
fn is_reference(tag: &str) -> bool {
    !tag.is_empty() && !tag.starts_with('-') && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"/:@._-".contains(&b))
}

fn quoted(text: &str) -> String {
    // A name that begins with a dash would be taken for an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text.to_owned() };
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/:@._-+".contains(&b)) && !text.is_empty() {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{archive::Location, digest::Digest, report::testing};

    fn lines(role: DocumentRole, kind: ArchiveKind, file: &str, tag: &str) -> Vec<String> {
        let document = Document {
            path: "blobs/sha256/00".into(),
            location: Location { volume: 0, offset: 0, size: 2 },
            role,
            digest: Digest::sha256(b"{}"),
        };
        let mut image = testing::image(Vec::new());
        image.tags = vec![tag.into()];
        commands(&document, file, kind, Some(&image)).into_iter().map(|command| command.line).collect()
    }

    #[test]
    fn each_document_has_the_commands_that_print_it() {
        assert_eq!(
            lines(DocumentRole::Config, ArchiveKind::OciArchive, "a.tar", "shop:1"),
            [
                "tar -xOf a.tar blobs/sha256/00 | jq .",
                "skopeo inspect --raw --config oci-archive:a.tar:shop:1 | jq .",
                "crane config shop:1 | jq .",
                "docker image inspect shop:1",
            ]
        );
        assert_eq!(
            lines(DocumentRole::Manifest, ArchiveKind::OciLayout, "dir", "1"),
            ["jq . dir/blobs/sha256/00", "skopeo inspect --raw oci:dir:1 | jq .", "crane manifest 1 | jq ."]
        );
    }

    #[test]
    fn hostile_names_stay_words() {
        assert_eq!(
            lines(DocumentRole::Repositories, ArchiveKind::DockerArchive, "-x; rm 'y'", "$(evil)"),
            [r"tar -xOf './-x; rm '\''y'\''' blobs/sha256/00 | jq ."]
        );
    }
}
