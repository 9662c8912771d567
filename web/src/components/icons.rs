//! The small signs of the picture language. Each stands beside words, so none has a name of its own.

use yew::prelude::*;

/// A read-only layer carries a lock.
pub fn lock() -> Html {
    html! {
        <svg class="icon icon--lock" viewBox="0 0 14 18" width="10" height="13" aria-hidden="true">
            <rect y="7" width="14" height="11" rx="2" />
            <path d="M3 7V4a4 4 0 0 1 8 0v3" />
        </svg>
    }
}

/// A compressed blob is a strapped box.
pub fn strapped_box() -> Html {
    html! {
        <svg class="icon icon--box" viewBox="0 0 18 14" width="18" height="14" aria-hidden="true">
            <rect x=".7" y=".7" width="16.6" height="12.6" rx="2" />
            <path d="M5.5 .7v12.6M12.5 .7v12.6M.7 7h16.6" />
        </svg>
    }
}

/// A new path.
pub fn tile() -> Html {
    html! { <svg class="icon icon--tile" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><rect x="1" y="1" width="12" height="12" rx="2.5" /></svg> }
}

/// A changed path: a tile with a notched corner.
pub fn notched_tile() -> Html {
    html! {
        <svg class="icon icon--tile" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
            <rect x="1" y="1" width="12" height="12" rx="2.5" />
            <path class="icon__notch" d="M7.5 1H10.5A2.5 2.5 0 0 1 13 3.5V6.5Z" />
        </svg>
    }
}

/// A whiteout: a hatched lid with a cross.
pub fn lid() -> Html {
    html! {
        <svg class="icon icon--lid" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
            <rect x="1" y="1" width="12" height="12" rx="2.5" />
            <path d="M4.5 4.5l5 5m0-5l-5 5" />
        </svg>
    }
}

/// An opaque directory: one hatched lid over many columns.
pub fn wide_lid() -> Html {
    html! {
        <svg class="icon icon--lid" viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">
            <rect x="1" y="1" width="22" height="12" rx="2.5" />
            <path d="M4 12L10 2M10 12L16 2M16 12L22 2" />
        </svg>
    }
}

/// A tick, a cross, or nothing: the word beside it says the same.
pub fn verdict(matches: Option<bool>) -> Html {
    let path = match matches {
        Some(true) => "M-5 0l4 4 7-8",
        Some(false) => "M-4.5 -4.5l9 9m0-9l-9 9",
        None => "M-4 0h8",
    };
    html! { <svg class="icon icon--verdict" viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true"><path d={path} /></svg> }
}
