//! Which images there are to compare with.

use layerlab_core::{archive::ImageNature, display::harmless_text, report::Report};
use layerlab_web::{lazy::OpenArchive, state::Shared};

/// An image of one of the open archives.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub archive: OpenArchive,
    pub report: Shared<Report>,
    pub image: usize,
    /// Tag and archive, made harmless.
    pub name: String,
}

impl Choice {
    /// How an address names it: the archive's key and the image's place.
    pub fn address(&self) -> String {
        format!("{}.{}", self.archive.key, self.image)
    }
}

/// Every file system that can be chosen, except the one that is shown; a stack that an archive lists twice is one.
pub fn choices(open: &[(OpenArchive, Shared<Report>)], key: &str, image: usize) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for (archive, report) in open {
        for (index, listed) in report.images.iter().enumerate() {
            let same_archive = archive.key == key;
            let shown = same_archive
                && report.images.get(image).is_some_and(|shown| index == image || shown.same_stack(listed));
            let known = choices
                .iter()
                .any(|choice| choice.archive.id == archive.id && choice.report.images[choice.image].same_stack(listed));
            if listed.nature != ImageNature::Filesystem || shown || known {
                continue;
            }
            let file = harmless_text(&archive.source.name);
            let platform = listed.platform.as_ref().map(|platform| harmless_text(&platform.to_string()));
            let tag = listed.tags.first().map(|tag| harmless_text(tag));
            let short = listed.config_digest.as_ref().map(|id| id.0.short().to_owned());
            let name = tag.or(short).unwrap_or_else(|| (index + 1).to_string());
            let name = [Some(name), platform, Some(file)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            choices.push(Choice { archive: archive.clone(), report: report.clone(), image: index, name });
        }
    }
    choices
}

/// The one that the address names, else the one that shares most layers with what is shown.
pub fn chosen<'a>(
    choices: &'a [Choice],
    with: Option<&str>,
    shown: Option<&Report>,
    image: usize,
) -> Option<&'a Choice> {
    let named = with.and_then(|with| choices.iter().find(|choice| choice.address() == with));
    named.or_else(|| {
        let own = shown.and_then(|report| report.images.get(image));
        let trunk = |choice: &Choice| {
            let other = choice.report.images.get(choice.image);
            let layers =
                own.into_iter().flat_map(|own| &own.layers).zip(other.into_iter().flat_map(|other| &other.layers));
            layers.take_while(|(a, b)| a.diff_id.is_some() && a.diff_id == b.diff_id).count()
        };
        // The first of the best: `max_by_key` would take the last.
        choices.iter().rev().max_by_key(|choice| trunk(choice))
    })
}
