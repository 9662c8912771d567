//! The pages, and the addresses that lead to them.

mod app;
mod archive;
mod home;
mod image;
mod missing;

pub use app::App;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use yew_router::prelude::*;

/// Every view has an address. `key` names an archive by its content, so that a link works tomorrow.
#[derive(Clone, Debug, PartialEq, Routable)]
pub enum Route {
    #[at("/")]
    Home,
    #[at("/a/:key")]
    Archive { key: String },
    #[at("/a/:key/image/:image/:pane")]
    Image { key: String, image: usize, pane: Pane },
    /// The lessons, drawn by the module `learn`, which reads the rest of the address.
    #[at("/learn")]
    Learn,
    #[at("/learn/*rest")]
    Lesson { rest: String },
    /// The pull, drawn by the module `pull`.
    #[at("/pull")]
    Pull,
    #[at("/pull/*rest")]
    Pulled { rest: String },
    /// All opened images as trees that share their trunks, drawn by the module `explore`.
    #[at("/forest")]
    Forest,
    #[not_found]
    #[at("/nowhere")]
    Nowhere,
}

/// Sides of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Layers,
    Table,
    Chain,
    Findings,
    Documents,
    Files,
    Cost,
    Facts,
    Hidden,
    Compare,
}

impl Pane {
    pub const ALL: [Self; 10] = [
        Self::Layers,
        Self::Table,
        Self::Files,
        Self::Cost,
        Self::Facts,
        Self::Hidden,
        Self::Compare,
        Self::Chain,
        Self::Findings,
        Self::Documents,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Layers => "layers",
            Self::Table => "table",
            Self::Chain => "chain",
            Self::Findings => "findings",
            Self::Documents => "documents",
            Self::Files => "files",
            Self::Cost => "cost",
            Self::Facts => "facts",
            Self::Hidden => "hidden",
            Self::Compare => "compare",
        }
    }
}

impl fmt::Display for Pane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Pane {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|pane| pane.word() == text).ok_or(())
    }
}

/// What follows the question mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The chosen layer as it is numbered in the picture: 1 is the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
}

impl Route {
    /// Whether a module of the page draws this address by itself.
    pub fn is_module(&self) -> bool {
        matches!(self, Self::Learn | Self::Lesson { .. } | Self::Pull | Self::Pulled { .. } | Self::Forest)
    }

    /// The archive that the address needs.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Archive { key } | Self::Image { key, .. } => Some(key),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_has_an_address_that_leads_back_to_it() {
        let key = "0a1b2c3d4e5f".to_owned();
        let mut routes =
            vec![Route::Home, Route::Archive { key: key.clone() }, Route::Learn, Route::Pull, Route::Forest];
        routes.push(Route::Lesson { rest: "union-mount".into() });
        routes.push(Route::Pulled { rest: "store/layout".into() });
        routes.extend(Pane::ALL.map(|pane| Route::Image { key: key.clone(), image: 3, pane }));
        for route in routes {
            assert_eq!(Route::recognize(&route.to_path()), Some(route.clone()), "{}", route.to_path());
        }
    }

    #[test]
    fn an_address_of_nothing_is_nowhere() {
        assert_eq!(Route::recognize("/a/x/image/many/layers"), Some(Route::Nowhere));
        assert_eq!(Route::recognize("/lessons"), Some(Route::Nowhere));
    }
}
