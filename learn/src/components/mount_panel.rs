use layerlab_core::overlay::Form;
use layerlab_web::components::Copy;
use yew::prelude::*;

use super::WorkHandle;
use crate::text;

/// The line that mounts what is drawn, and the writable layer as the host finds it on its disk.
pub fn mount_panel(work: &WorkHandle) -> Html {
    let engine = work.0.engine();
    let Some(container) = work.0.view().container.as_ref().and_then(|name| engine.container(name).ok()) else {
        return Html::default();
    };
    let dialect = engine.dialect();
    let line = dialect.mount_line(container.shell.mount());
    let names = dialect.on_disk(container.overlay.upper().layer());
    let form = |form| match form {
        Form::Plain => AttrValue::default(),
        Form::Device => text("disk.device"),
        Form::OpaqueAttribute => text("disk.opaque-attribute"),
        Form::WhiteoutFile => text("disk.whiteout-file"),
        Form::OpaqueFile => text("disk.opaque-file"),
    };
    html! {
        <details class="panel" data-testid="mount">
            <summary>{ text("disk.title") }</summary>
            <h3>{ text("disk.mount") }<Copy value={line.clone()} what={text("disk.mount")} /></h3>
            <pre class="panel__code">{ line }</pre>
            <h3>{ text("disk.upper") }</h3>
            <p class="panel__note"><code>{ container.shell.mount().upperdir.clone() }</code></p>
            if names.is_empty() {
                <p class="panel__note">{ text("disk.empty") }</p>
            } else {
                <ul class="disk">
                    { for names.iter().map(|name| html! {
                        <li><code>{ name.path.to_string() }</code><span>{ form(name.form) }</span></li>
                    }) }
                </ul>
            }
            <p class="panel__note">{ text("disk.invented") }</p>
        </details>
    }
}
