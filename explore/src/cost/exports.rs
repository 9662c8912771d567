use layerlab_core::{
    export::{csv, markdown, svg},
    report::{ImageReport, Report},
};
use layerlab_web::state::Shared;
use yew::prelude::*;

use super::{protocol::CostQuestion, words};
use crate::{
    client::{Client, Heard},
    protocol::Question,
    save::{Kind, save, save_buffer, save_png},
    text,
};

/// What can be taken along: tables, a summary for a review, the picture.
pub fn exports(report: &Shared<Report>, image: usize, client: Option<&Client>) -> Html {
    let name = report.images.get(image).map(|image| base_name(report, image)).unwrap_or_default();
    let of_report = |key: &'static str, write: fn(&Report, &ImageReport, &str)| {
        let (report, name) = (report.clone(), name.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            if let Some(image) = report.images.get(image) {
                write(&report, image, &name);
            }
        });
        button(key, onclick)
    };
    let tree = client.map(|client| {
        let (client, name) = (client.clone(), name.clone());
        button("export.tree", Callback::from(move |_: MouseEvent| save_tree(&client, image, &name)))
    });
    html! {
        <div class="exports" role="group" aria-label={text("export.label")}>
            <span class="exports__label" aria-hidden="true">{ text("export.label") }</span>
            { of_report("export.ledger", |_, image, name| {
                if let Some(efficiency) = &image.efficiency {
                    save(&csv::ledger(efficiency), &format!("{name}.ledger.csv"), Kind::Csv);
                }
            }) }
            { tree }
            { of_report("export.markdown", |report, image, name| {
                save(markdown::summary(&report.file, image).as_bytes(), &format!("{name}.md"), Kind::Markdown);
            }) }
            { of_report("export.svg", |report, image, name| {
                save(svg::strata(&report.file, image).as_bytes(), &format!("{name}.svg"), Kind::Svg);
            }) }
            { of_report("export.png", |report, image, name| {
                save_png(&svg::strata(&report.file, image), &format!("{name}.png"));
            }) }
        </div>
    }
}

fn button(key: &'static str, onclick: Callback<MouseEvent>) -> Html {
    html! { <button class="chipbutton" data-testid={key.replace('.', "-")} {onclick}>{ text(key) }</button> }
}

/// The merged tree is the explorer's to write: the page never holds it.
fn save_tree(client: &Client, image: usize, name: &str) {
    let name = format!("{name}.tree.csv");
    client.ask_once(
        Question::Cost(CostQuestion::Tree { image }),
        Callback::from(move |heard: Heard| {
            if let Some(buffer) = &heard.buffer {
                save_buffer(buffer, &name, Kind::Csv);
            }
        }),
    );
}

fn base_name(report: &Report, image: &ImageReport) -> String {
    words::file_name(image.tags.first().map_or(&report.file, |tag| tag))
}
