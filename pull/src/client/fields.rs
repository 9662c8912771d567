//! The form that names an image and where it is to come from.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::order::{Form, FormError, From, PLATFORMS};
use crate::{fill, text};

/// The fields that name an image and its source.
pub fn order_fields(form: &UseStateHandle<Form>) -> Html {
    let edit = |change: fn(&mut Form, String)| {
        let form = form.clone();
        Callback::from(move |value: String| {
            let mut next = (*form).clone();
            change(&mut next, value);
            form.set(next);
        })
    };
    let typed = |on: Callback<String>| {
        Callback::from(move |event: InputEvent| on.emit(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let chosen = |on: Callback<String>| {
        Callback::from(move |event: Event| on.emit(event.target_unchecked_into::<HtmlSelectElement>().value()))
    };
    html! {
        <>
            <label class="field field--wide">
                <span>{ text("registry.reference") }</span>
                <input name="reference" autocomplete="off" autocapitalize="off" spellcheck="false" value={form.reference.clone()}
                    placeholder="redis:6.2" oninput={typed(edit(|form, value| form.reference = value))} />
            </label>
            <label class="field">
                <span>{ text("registry.from") }</span>
                <select name="from" onchange={chosen(edit(|form, value| form.from = From::of(&value)))}>
                    { for From::ALL.map(|from| html! {
                        <option value={from.word()} selected={from == form.from}>
                            { text(&format!("registry.from_{}", from.word())) }
                        </option>
                    }) }
                </select>
            </label>
            if form.from.has_address() {
                <label class="field field--wide">
                    <span>{ text("registry.address") }</span>
                    <input name="address" type="text" inputmode="url" autocomplete="off" spellcheck="false" value={form.address.clone()}
                        placeholder="https://" oninput={typed(edit(|form, value| form.address = value))} />
                </label>
            }
            <label class="field">
                <span>{ text("registry.platform") }</span>
                <select name="platform" onchange={chosen(edit(|form, value| form.platform = value))}>
                    { for PLATFORMS.map(|platform| html! {
                        // Where nothing was chosen it is the first.
                        <option value={platform} selected={platform == form.platform || (form.platform.is_empty() && platform == PLATFORMS[0])}>{ platform }</option>
                    }) }
                </select>
            </label>
        </>
    }
}

/// What is wrong with what was typed.
pub fn form_error(error: &FormError) -> Html {
    let sentence = match error {
        FormError::Reference(error) => {
            fill(&format!("registry.reference_error.{}", error.key()), &[("detail", &error.detail())])
        }
        FormError::Address(found) => fill("registry.address_error", &[("found", found)]),
        FormError::Platform(found) => fill("registry.platform_error", &[("found", found)]),
    };
    html! { <p class="registry__error" role="alert" data-testid="form-error">{ sentence }</p> }
}

/// The address that relative ones are read against.
pub fn base() -> String {
    let base = web_sys::window().and_then(|window| window.document()).and_then(|document| document.base_uri().ok()?);
    base.map(|base| base.split(['#', '?']).next().unwrap_or_default().to_owned()).unwrap_or_default()
}
