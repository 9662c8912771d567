//! Pure functions from facts to rows.

use layerlab_core::{
    archive::{Document, DocumentRole, ImageArchive},
    display::{harmless_block, harmless_text},
    facts::{
        dockerfile::{Certainty, Dockerfile, Guess, Line},
        hidden::in_config,
        packages::{LayerPackages, Packages},
    },
    spec::config::ImageConfig,
};

/// Lines that are drawn; a history of ten thousand is a stress test.
const LINES: usize = 1_000;
/// Bytes of a document that are drawn.
const DOCUMENT_BYTES: usize = 512 << 10;

/// How far a line can be relied on, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Known,
    Guessed(Guess),
    /// It built the base image.
    Base,
    Comment,
}

impl Mark {
    /// For the style sheet.
    pub fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Guessed(_) => "guessed",
            Self::Base => "below",
            Self::Comment => "comment",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Known => "facts.mark.known",
            Self::Guessed(_) => "facts.mark.guessed",
            Self::Base => "facts.mark.base",
            Self::Comment => "facts.mark.comment",
        }
    }

    /// The key of the sentence that says why.
    pub fn why_key(self) -> String {
        match self {
            Self::Known => "facts.why.known".into(),
            Self::Guessed(guess) => format!("facts.why.{}", guess_word(guess)),
            Self::Base => "facts.why.base".into(),
            Self::Comment => "facts.why.comment".into(),
        }
    }

    /// All keys, for the test that each has words.
    #[cfg(test)]
    pub fn keys() -> Vec<String> {
        let guesses = [
            Guess::BaseFromDistribution,
            Guess::BaseScratch,
            Guess::BaseUnknown,
            Guess::SourceName,
            Guess::Stage,
            Guess::Heredoc,
            Guess::Words,
            Guess::Layer,
        ];
        let marks = guesses.map(Self::Guessed).into_iter().chain([Self::Known, Self::Base, Self::Comment]);
        marks.flat_map(|mark| [mark.key().to_owned(), mark.why_key()]).collect()
    }
}

fn guess_word(guess: Guess) -> &'static str {
    match guess {
        Guess::BaseFromDistribution => "distribution",
        Guess::BaseScratch => "scratch",
        Guess::BaseUnknown => "unknown",
        Guess::SourceName => "source",
        Guess::Stage => "stage",
        Guess::Heredoc => "heredoc",
        Guess::Words => "words",
        Guess::Layer => "layer",
    }
}

pub fn mark(line: &Line) -> Mark {
    match line.certainty {
        _ if line.in_base => Mark::Base,
        Certainty::Known => Mark::Known,
        Certainty::Guessed(guess) => Mark::Guessed(guess),
        Certainty::Comment => Mark::Comment,
    }
}

/// The secrets of a config, taken out of what is shown until somebody asks for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Masks(Vec<String>);

impl Masks {
    pub fn of(config: &ImageConfig) -> Self {
        let values = in_config(config).into_iter().map(|found| found.secret.value.reveal());
        // The same value as each way of display writes it, the longest first, because one may hold another.
        let mut values: Vec<String> = values.flat_map(|value| [harmless_text(&value), value]).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        values.retain(|value| value.len() >= 3);
        Self(values)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn hide(&self, text: &str) -> String {
        let bullets = |value: &String| "•".repeat(value.chars().count().min(12));
        self.0.iter().fold(text.to_owned(), |text, value| text.replace(value.as_str(), &bullets(value)))
    }
}

/// The lines to draw, and how many are left out.
pub fn shown_lines(dockerfile: &Dockerfile) -> (&[Line], usize) {
    let shown = dockerfile.lines.len().min(LINES);
    (&dockerfile.lines[..shown], dockerfile.lines.len() - shown)
}

/// One package in the list of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageRow {
    pub sign: &'static str,
    /// `added`, `removed`, `up` or `down`: for words and style.
    pub key: &'static str,
    pub name: String,
    pub version: String,
    pub size: Option<u64>,
}

/// The layers that did something to packages, base first.
pub fn changed_layers(packages: &Packages) -> Vec<(usize, &LayerPackages)> {
    let touched = |packages: &LayerPackages| {
        !(packages.added.is_empty()
            && packages.removed.is_empty()
            && packages.changed.is_empty()
            && packages.notes.is_empty())
    };
    packages.layers.iter().enumerate().filter(|(_, layer)| touched(layer)).collect()
}

/// Removed, changed, added: what surprises first.
pub fn package_rows(packages: &LayerPackages) -> Vec<PackageRow> {
    let removed = packages.removed.iter().map(|package| PackageRow {
        sign: "−",
        key: "removed",
        name: package.name.clone(),
        version: package.version.clone(),
        size: package.size,
    });
    let changed = packages.changed.iter().map(|change| PackageRow {
        sign: if change.up { "↑" } else { "↓" },
        key: if change.up { "up" } else { "down" },
        name: change.to.name.clone(),
        version: format!("{} → {}", change.from, change.to.version),
        size: change.to.size,
    });
    let added = packages.added.iter().map(|package| PackageRow {
        sign: "+",
        key: "added",
        name: package.name.clone(),
        version: package.version.clone(),
        size: package.size,
    });
    removed.chain(changed).chain(added).collect()
}

/// The documents that speak of an image, with their index in the plan: its own manifest and config, and those of the
/// whole archive.
pub fn documents_of(plan: &ImageArchive, image: usize) -> Vec<(usize, &Document)> {
    let listed = plan.images.get(image);
    let manifest = listed.and_then(|image| image.manifest.as_ref()?.digest.as_ref());
    let config = listed.and_then(|image| image.config.as_ref());
    let belongs = |document: &Document| match document.role {
        DocumentRole::Manifest => manifest == Some(&document.digest),
        DocumentRole::Config => config.is_some_and(|config| config.path == document.path),
        _ => true,
    };
    let order = |document: &Document| match document.role {
        DocumentRole::Config => 0,
        DocumentRole::Manifest => 1,
        DocumentRole::Index => 2,
        DocumentRole::DockerManifest => 3,
        _ => 4,
    };
    let mut found: Vec<_> = plan.documents.iter().enumerate().filter(|(_, document)| belongs(document)).collect();
    found.sort_by_key(|(index, document)| (order(document), *index));
    found.truncate(100);
    found
}

/// JSON laid out by lines without another change: numbers, keys and their order stay as they are written.
pub fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() > DOCUMENT_BYTES {
            break;
        }
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.peek().is_some_and(|next| next.is_whitespace()) {
                    chars.next();
                }
                // Nothing stands in it: it stays on its line.
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    harmless_block(&out, DOCUMENT_BYTES)
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    // Nesting is bounded before a document is read, but here the bytes come raw.
    out.extend(std::iter::repeat_n("  ", depth.min(40)));
}

#[cfg(test)]
mod tests {
    use layerlab_core::facts::{
        history::Fit,
        packages::{Change, Manager, Package},
    };

    use super::*;

    #[test]
    fn a_document_is_laid_out_and_not_changed() {
        let text = br#"{"b":1.0e5,"a":[1,{"x":"a,{\"b"}],"e":{},"f":[ ]}"#;
        let expected = "{\n  \"b\": 1.0e5,\n  \"a\": [\n    1,\n    {\n      \"x\": \"a,{\\\"b\"\n    }\n  ],\n  \"e\": {},\n  \"f\": []\n}";
        assert_eq!(readable(text), expected);
        assert_eq!(readable("\u{202e}\u{1b}".as_bytes()), "\\u{202e}\\u{1b}");
        assert!(readable(&b"[".repeat(1 << 20)).len() < 2 * DOCUMENT_BYTES);
    }

    #[test]
    fn what_is_below_the_from_is_the_bases_whatever_else_is_known() {
        let line = |certainty, in_base| Line { text: String::new(), certainty, layer: None, entry: None, in_base };
        assert_eq!(mark(&line(Certainty::Known, true)), Mark::Base);
        assert_eq!(mark(&line(Certainty::Guessed(Guess::Stage), false)), Mark::Guessed(Guess::Stage));
        let many = Dockerfile { lines: vec![line(Certainty::Known, false); LINES + 3], fit: Fit::Fits };
        assert_eq!((shown_lines(&many).0.len(), shown_lines(&many).1), (LINES, 3));
    }

    #[test]
    fn secrets_of_the_config_are_masked_wherever_they_stand() {
        let mut config = ImageConfig::default();
        config.execution.env = vec!["DB_PASSWORD=hun\\ter2".into(), "PATH=/bin".into()];
        let masks = Masks::of(&config);
        assert_eq!(masks.hide("ENV DB_PASSWORD=hun\\ter2 PATH=/bin"), "ENV DB_PASSWORD=•••••••• PATH=/bin");
        assert_eq!(masks.hide("hun\\\\ter2"), "•••••••••");
        assert!(Masks::of(&ImageConfig::default()).is_empty());
    }

    #[test]
    fn packages_are_removed_changed_added() {
        let package = |name: &str, version: &str| Package {
            manager: Manager::Dpkg,
            name: name.into(),
            version: version.into(),
            architecture: String::new(),
            size: None,
        };
        let layer = LayerPackages {
            added: vec![package("a", "1")],
            removed: vec![package("b", "2")],
            changed: vec![Change { from: "2".into(), to: package("c", "1"), up: false }],
            ..LayerPackages::default()
        };
        let told: Vec<String> =
            package_rows(&layer).iter().map(|row| format!("{}{} {}", row.sign, row.name, row.version)).collect();
        assert_eq!(told, ["−b 2", "↓c 2 → 1", "+a 1"]);
        let packages = Packages { layers: vec![LayerPackages::default(), layer], installed: Vec::new() };
        assert_eq!(changed_layers(&packages).iter().map(|(layer, _)| *layer).collect::<Vec<_>>(), [1]);
    }
}
