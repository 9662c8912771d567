use layerlab_core::{
    archive::ImageNature,
    forest::{Forest, Listed, forest},
    report::Report,
};
use layerlab_web::{
    i18n::Language,
    lazy::{Host, OpenPhase},
    protocol::ArchiveId,
    state::Shared,
    view_model::format,
};
use yew::prelude::*;

use super::{
    geometry,
    picture::{details, name, trees},
};
use crate::{fill, plural, text};

#[derive(Debug, PartialEq, Properties)]
pub struct ForestPageProps {
    pub host: Host,
    pub language: Language,
    /// Grows with every change of what is open.
    pub turn: u32,
}

/// Every image that is open, as trees that share their trunks, and what sharing saves.
#[component(ForestPage)]
pub fn forest_page(props: &ForestPageProps) -> Html {
    let chosen = use_state_eq(|| None::<usize>);
    let known = use_mut_ref(Vec::<(ArchiveId, Shared<Report>)>::new);
    let (forest, reading) = {
        let archives = props.host.archives();
        let done = archives.iter().filter(|archive| archive.phase == OpenPhase::Done);
        let mut known = known.borrow_mut();
        known.retain(|(id, _)| archives.iter().any(|archive| archive.id == *id));
        for archive in done {
            if !known.iter().any(|(id, _)| *id == archive.id)
                && let Some(report) = props.host.report(archive.id)
            {
                known.push((archive.id, Shared::new(report)));
            }
        }
        let reading = archives.iter().filter(|archive| archive.phase == OpenPhase::Reading).count();
        (planted(&known), reading)
    };
    let picture = geometry::picture(&forest);
    let on_block = {
        let (set, current) = (chosen.setter(), *chosen);
        Callback::from(move |block: usize| set.set((current != Some(block)).then_some(block)))
    };
    html! {
        <div class="forest" data-testid="forest">
            <h1>{ text("forest.title") }</h1>
            <p class="map__about">{ text("forest.about") }</p>
            if reading > 0 { <p class="empty" role="status">{ plural("forest.reading", reading as u64) }</p> }
            if forest.images.is_empty() {
                <p class="empty">{ text("forest.empty") }</p>
            } else {
                { savings(&forest) }
                { trees(&forest, &picture, *chosen, &on_block) }
                if let Some(block) = chosen.and_then(|block| picture.blocks.get(block)) { { details(&forest, block) } }
                { table(&forest) }
            }
        </div>
    }
}

/// The file systems of all archives; a layer that no image stands on is none of theirs.
fn planted(known: &[(ArchiveId, Shared<Report>)]) -> Forest {
    forest(known.iter().enumerate().flat_map(|(archive, (_, report))| {
        let images = report.images.iter().enumerate().filter(|(_, image)| image.nature == ImageNature::Filesystem);
        images.map(move |(image, report)| (Listed { archive, image }, report))
    }))
}

fn savings(forest: &Forest) -> Html {
    let savings = forest.savings;
    let figure = |key: &str, bytes: u64, note: AttrValue| {
        html! { <div class="figure"><dt>{ text(key) }</dt><dd>{ format::bytes(bytes) }</dd><dd class="figure__note">{ note }</dd></div> }
    };
    let note = |bytes: u64| fill("forest.stored", &[("bytes", &format::bytes(bytes))]);
    html! {
        <dl class="figures" data-testid="savings">
            { figure("forest.logical", savings.logical.unpacked, note(savings.logical.stored)) }
            { figure("forest.physical", savings.physical.unpacked, note(savings.physical.stored)) }
            { figure("forest.saved", savings.saved.unpacked, note(savings.saved.stored)) }
        </dl>
    }
}

/// The same for reading: each image, and what it adds to the others.
fn table(forest: &Forest) -> Html {
    html! {
        <details class="equal">
            <summary>{ text("cost.as-table") }</summary>
            <div class="sheet"><table>
                <thead><tr>
                    <th scope="col">{ text("forest.image") }</th>
                    <th scope="col" class="num">{ text("forest.count") }</th>
                    <th scope="col" class="num">{ text("forest.all") }</th>
                    <th scope="col" class="num">{ text("forest.own-column") }</th>
                    <th scope="col">{ text("forest.trunk-with") }</th>
                </tr></thead>
                <tbody>{ for forest.images.iter().enumerate().map(|(index, image)| {
                    let chain: Vec<usize> = std::iter::successors(image.top, |&node| forest.nodes[node].parent).collect();
                    let others: Vec<String> = chain
                        .last()
                        .map(|&base| forest.nodes[base].images.as_slice())
                        .unwrap_or_default()
                        .iter()
                        .filter(|&&other| other != index)
                        .filter_map(|&other| forest.images.get(other))
                        .map(name)
                        .collect();
                    html! {
                        <tr>
                            <th scope="row"><code>{ name(image) }</code></th>
                            <td class="num">{ chain.len() }</td>
                            <td class="num">{ format::bytes(image.all.unpacked) }</td>
                            <td class="num">{ format::bytes(image.own.unpacked) }</td>
                            <td>{ others.join(", ") }</td>
                        </tr>
                    }
                }) }</tbody>
            </table></div>
        </details>
    }
}
