//! What an address of the page asks of this module.

use layerlab_web::pages::{Pane, Route};
use yew_router::Routable;

/// The part that is shown, and what is chosen in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub route: Route,
    query: String,
}

impl Place {
    /// `address` is path and query, without the `#`.
    pub fn new(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self { route: Route::recognize(path).unwrap_or(Route::Nowhere), query: query.into() }
    }

    /// A value of the query. Only what this module itself writes is read: letters, digits, dots and dashes.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The address of a side of an image.
pub fn address(key: &str, image: usize, pane: Pane) -> String {
    Route::Image { key: key.into(), image, pane }.to_path()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_its_place() {
        let place = Place::new("/a/0a1b/image/2/compare?with=ff00.1&how=semantic");
        assert_eq!(place.route, Route::Image { key: "0a1b".into(), image: 2, pane: Pane::Compare });
        assert_eq!(
            (place.value("with"), place.value("how"), place.value("ow")),
            (Some("ff00.1"), Some("semantic"), None)
        );
        assert_eq!(Place::new("/forest").route, Route::Forest);
        assert_eq!(
            Place::new(&address("k", 0, Pane::Cost)).route,
            Route::Image { key: "k".into(), image: 0, pane: Pane::Cost }
        );
    }
}
