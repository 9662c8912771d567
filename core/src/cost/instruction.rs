//! What kind of instruction made a layer: as much as a fix hangs on, and no more.

/// The kind of a history entry's `created_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// `RUN`, or a shell command of the classic builder.
    Run,
    /// `COPY` or `ADD` of an image's own build.
    Copy,
    /// The root file system of a base image: the lowest layer, and an `ADD` from nowhere or a tool's own words.
    Base,
    /// `WORKDIR` and the like, or no history.
    Unknown,
}

impl Made {
    /// `layer` is the place in the stack, 0 for the lowest.
    ///
    /// Where the layers of `FROM` end is written nowhere: only the lowest can be known as a base image's.
    pub fn by(created_by: Option<&str>, layer: u64) -> Self {
        let text = created_by.unwrap_or_default().trim_start();
        // The classic builder runs `/bin/sh -c #(nop) COPY …` and, with build arguments, `|1 A=b /bin/sh -c …`.
        let nop = text.split_once("#(nop)").map(|(_, instruction)| instruction.trim_start());
        let word = nop.unwrap_or(text).split_whitespace().next().unwrap_or_default();
        match word {
            "COPY" | "ADD" if layer == 0 && is_root_file_system(nop.unwrap_or(text)) => Self::Base,
            "COPY" | "ADD" => Self::Copy,
            "RUN" => Self::Run,
            _ if layer == 0 && text.starts_with('#') => Self::Base,
            _ if nop.is_none() && text.contains("/bin/sh -c") => Self::Run,
            _ if nop.is_none() && text.starts_with('|') => Self::Run,
            _ => Self::Unknown,
        }
    }
}

/// `ADD file:<sum> in /` or `ADD rootfs.tar.xz /`: what a base image is made of. (`COPY file:… in /etc/x` is not.)
fn is_root_file_system(instruction: &str) -> bool {
    let mut words = instruction.split_whitespace();
    let (instruction, source) = (words.next(), words.next().unwrap_or_default());
    let to_root = instruction == Some("ADD") && words.find(|word| word.starts_with('/')) == Some("/");
    to_root && (source.starts_with("file:") || source.contains(".tar"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classic_and_buildkit_wording_are_read_alike() {
        for (text, layer, made) in [
            ("/bin/sh -c #(nop) ADD file:a144ccdf in / ", 0, Made::Base),
            ("ADD rootfs.tar.xz / # buildkit", 0, Made::Base),
            ("ADD alpine-minirootfs-3.20.0-x86_64.tar.gz / # buildkit", 0, Made::Base),
            ("# debian.sh --arch 'amd64' out/ 'bookworm'", 0, Made::Base),
            ("/bin/sh -c #(nop) ADD file:a144ccdf in / ", 3, Made::Copy),
            ("/bin/sh -c #(nop) COPY file:1 in /etc/x", 0, Made::Copy),
            ("COPY --chmod=755 a /b # buildkit", 2, Made::Copy),
            ("RUN /bin/sh -c apt-get update # buildkit", 1, Made::Run),
            ("/bin/sh -c apt-get update", 1, Made::Run),
            ("|1 VERSION=2 /bin/sh -c make", 1, Made::Run),
            ("|1 V=2 /bin/bash -o pipefail -c make", 1, Made::Run),
            ("/bin/sh -c #(nop) WORKDIR /app", 1, Made::Unknown),
            ("WORKDIR /app", 1, Made::Unknown),
            ("", 0, Made::Unknown),
        ] {
            assert_eq!(Made::by(Some(text), layer), made, "{text}");
        }
        assert_eq!(Made::by(None, 0), Made::Unknown);
    }
}
