use layerlab_web::{
    i18n::Language,
    lazy::{Host, OpenArchive, OpenPhase},
};
use yew::prelude::*;

use super::{exports, head::head, ledger::Ledger, map::StrataMap, seen::seen};
use crate::{
    ask::{use_client, use_report},
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct CostPaneProps {
    pub host: Host,
    pub archive: OpenArchive,
    pub image: usize,
    pub language: Language,
}

/// What the image costs: where its bytes are, which are not seen and why, and what would save them.
#[component(CostPane)]
pub fn cost_pane(props: &CostPaneProps) -> Html {
    let CostPaneProps { host, archive, image, language } = props;
    let done = archive.phase == OpenPhase::Done;
    let client = use_client(host, done.then_some(archive.id));
    let report = use_report(host, archive);
    let Some(report) = report else {
        return html! { <p class="empty" role="status">{ text(if done { "cost.gone" } else { "cost.wait" }) }</p> };
    };
    let Some(of_image) = report.images.get(*image) else { return Html::default() };
    let Some(efficiency) = &of_image.efficiency else {
        return html! { <p class="empty">{ text("cost.absent") }</p> };
    };
    html! {
        <div class="cost" data-testid="cost">
            { head(of_image, efficiency) }
            { exports(&report, *image, client.as_ref()) }
            if let Some(client) = client {
                <StrataMap key={*image} {client} report={report.clone()} image={*image} language={*language} />
            }
            <Ledger key={format!("ledger-{image}")} report={report.clone()} image={*image} language={*language} />
            { seen(of_image, efficiency) }
        </div>
    }
}
