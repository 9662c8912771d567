//! All findings about what is shown, the worst first.

use layerlab_core::{
    archive::LayerSource,
    finding::{Finding, Severity},
};

use super::slabs::View;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Archive,
    Image,
    /// 0 is the base.
    Layer(usize),
}

/// Findings of one severity, in the order archive, image, layers from the base.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub severity: Severity,
    pub items: Vec<(Scope, Finding)>,
}

/// `views` are the entries of the archive that list the same image: a finding that two of them share is told once.
pub fn groups(views: &[View<'_>]) -> Vec<Group> {
    let all = all(views);
    [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| {
            let these = all.iter().filter(|(_, finding)| finding.severity == severity);
            let items: Vec<(Scope, Finding)> = these.map(|(scope, finding)| (*scope, (*finding).clone())).collect();
            (!items.is_empty()).then_some(Group { severity, items })
        })
        .collect()
}

/// How many findings [`groups`] tells.
pub fn count(views: &[View<'_>]) -> usize {
    all(views).len()
}

fn all<'a>(views: &[View<'a>]) -> Vec<(Scope, &'a Finding)> {
    let layers = views.iter().map(View::layers).max().unwrap_or(0);
    let scopes = [Scope::Archive, Scope::Image].into_iter().chain((0..layers).map(Scope::Layer));
    scopes
        .flat_map(|scope| views.iter().enumerate().map(move |(i, view)| (scope, i, of(view, scope))))
        .flat_map(|(scope, i, findings)| {
            let told = move |finding: &Finding| views[..i].iter().any(|view| of(view, scope).contains(&finding));
            findings.into_iter().filter(move |finding| !told(finding)).map(move |finding| (scope, finding))
        })
        .collect()
}

fn of<'a>(view: &View<'a>, scope: Scope) -> Vec<&'a Finding> {
    match scope {
        Scope::Archive => {
            let report = view.archive.report.as_ref().map(|report| &report.findings);
            let plan = view.archive.plan.as_ref().map(|plan| &plan.findings);
            report.or(plan).into_iter().flatten().collect()
        }
        Scope::Image => view.report.map_or(&view.image.findings, |report| &report.findings).iter().collect(),
        Scope::Layer(layer) => of_layer(view, layer),
    }
}

/// The findings about one layer: from the report, and before there is one from the reading.
pub fn of_layer<'a>(view: &View<'a>, layer: usize) -> Vec<&'a Finding> {
    if let Some(report) = view.report.and_then(|report| report.layers.get(layer)) {
        return report.findings.iter().collect();
    }
    match view.image.layers.get(layer).map(|layer| &layer.source) {
        Some(LayerSource::Absent(finding)) => vec![finding],
        Some(LayerSource::Blob(id)) => {
            view.archive.summary(*id).map(|summary| summary.findings.iter().collect()).unwrap_or_default()
        }
        None => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::example;
    use layerlab_core::finding::Code;

    #[test]
    fn errors_come_first_and_each_says_what_it_is_about() {
        let mut plan = example::plan();
        plan.findings.push(Finding::note(Code::ArchiveNoEndBlocks, "no end"));
        plan.images[0].findings.push(Finding::note(Code::HistoryMismatch, "history"));
        plan.images[0].layers[1].source = LayerSource::Absent(Finding::error(Code::LayerAbsent, "gone"));
        let archive = example::archive(plan, []);
        let view = View::new(&archive, 0).unwrap();
        let told: Vec<(Severity, Vec<Scope>)> = groups(&[view, view])
            .into_iter()
            .map(|group| (group.severity, group.items.into_iter().map(|(scope, _)| scope).collect()))
            .collect();
        assert_eq!(
            told,
            [(Severity::Error, vec![Scope::Layer(1)]), (Severity::Note, vec![Scope::Archive, Scope::Image])]
        );
    }
}
