use layerlab_core::{
    compare::{ConfigChange, Field},
    display::harmless_text,
};
use yew::prelude::*;

use crate::text;

/// What the configs say differently.
pub fn config(changes: &[ConfigChange]) -> Html {
    if changes.is_empty() {
        return Html::default();
    }
    html! {
        <section aria-labelledby="config-title" data-testid="config-changes">
            <h2 id="config-title">{ text("compare.config") }</h2>
            <div class="sheet"><table>
                <thead><tr><th scope="col">{ text("compare.field") }</th><th scope="col">{ "A" }</th><th scope="col">{ "B" }</th></tr></thead>
                <tbody>{ for changes.iter().map(row) }</tbody>
            </table></div>
        </section>
    }
}

fn row(change: &ConfigChange) -> Html {
    let value = |value: &Option<String>| match value {
        Some(value) => {
            html! { <code>{ for value.lines().map(|line| html! { <span class="config__line">{ harmless_text(line) }</span> }) }</code> }
        }
        None => html! { <span class="config__none">{ text("compare.unsaid") }</span> },
    };
    html! {
        <tr>
            <th scope="row">{ text(field(change.field)) }{ change.key.as_deref().map(|key| html! { <>{ " " }<code>{ harmless_text(key) }</code></> }) }</th>
            <td>{ value(&change.a) }</td>
            <td>{ value(&change.b) }</td>
        </tr>
    }
}

fn field(field: Field) -> &'static str {
    match field {
        Field::Os => "field.os",
        Field::Architecture => "field.architecture",
        Field::Variant => "field.variant",
        Field::User => "field.user",
        Field::Env => "field.env",
        Field::Entrypoint => "field.entrypoint",
        Field::Cmd => "field.cmd",
        Field::WorkingDir => "field.working-dir",
        Field::Port => "field.port",
        Field::Volume => "field.volume",
        Field::Label => "field.label",
        Field::StopSignal => "field.stop-signal",
        Field::StopTimeout => "field.stop-timeout",
        Field::Healthcheck => "field.healthcheck",
        Field::Shell => "field.shell",
        Field::OnBuild => "field.on-build",
        Field::Created => "field.created",
        Field::Author => "field.author",
        Field::History => "field.history",
    }
}

#[cfg(test)]
mod tests {
    use layerlab_core::compare::Aspect;
    use layerlab_tests::catalogue::Catalogues;

    use super::*;
    use crate::compare::Show;

    #[test]
    fn every_field_and_every_aspect_has_words() {
        let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/explore"));
        catalogues.assert_has(Field::ALL.iter().map(|&one| field(one).to_owned()));
        catalogues.assert_has(Aspect::ALL.iter().map(|aspect| format!("aspect.{}", aspect.as_str())));
        catalogues.assert_has(Show::ALL.iter().map(|show| format!("change.{}", show.word())));
    }
}
