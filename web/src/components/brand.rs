use yew::prelude::*;

/// The mark: three slabs, the writable one open.
pub fn brand() -> Html {
    html! {
        <svg class="brand" viewBox="0 0 28 24" width="28" height="24" aria-hidden="true">
            <rect class="brand__open" x="2" y="1.5" width="24" height="5" rx="2" />
            <rect class="brand__slab brand__slab--top" x="1" y="9" width="26" height="6" rx="2" />
            <rect class="brand__slab" x="1" y="17" width="26" height="6" rx="2" />
        </svg>
    }
}
