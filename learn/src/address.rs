//! Addresses of the module: `/learn`, `/learn/NAME`, `/learn/sandbox?s=…`.

/// A page of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    Overview,
    /// A lesson by its id; `teach` begins in the teacher's mode.
    Lesson {
        id: String,
        teach: bool,
    },
    /// A sandbox; with the scenario of a lesson, or as a link says.
    Sandbox {
        lesson: Option<String>,
        shared: Option<String>,
    },
    /// A lesson from a file that the learner gives.
    Open,
}

impl Page {
    /// From path and query behind the `#`.
    pub fn of(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let name = path.trim_start_matches("/learn").trim_matches('/');
        match name {
            "" => Self::Overview,
            "sandbox" => Self::Sandbox { lesson: value(query, "lesson"), shared: value(query, "s") },
            "open" => Self::Open,
            id => Self::Lesson { id: id.into(), teach: query.split('&').any(|part| part == "teach") },
        }
    }

    pub fn address(&self) -> String {
        match self {
            Self::Overview => "/learn".into(),
            Self::Open => "/learn/open".into(),
            Self::Lesson { id, teach: false } => format!("/learn/{id}"),
            Self::Lesson { id, teach: true } => format!("/learn/{id}?teach"),
            Self::Sandbox { shared: Some(shared), .. } => format!("/learn/sandbox?s={shared}"),
            Self::Sandbox { lesson: Some(lesson), shared: None } => format!("/learn/sandbox?lesson={lesson}"),
            Self::Sandbox { lesson: None, shared: None } => "/learn/sandbox".into(),
        }
    }
}

/// Names and shared states are made of characters that need no escapes; whatever else comes is kept as it is, and is
/// refused where it is read.
fn value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_an_address_that_leads_back_to_it() {
        let shared = Page::Sandbox { lesson: None, shared: Some("1abc-_".into()) };
        for page in [
            Page::Overview,
            Page::Open,
            Page::Lesson { id: "union-mount".into(), teach: false },
            Page::Lesson { id: "union-mount".into(), teach: true },
            Page::Sandbox { lesson: None, shared: None },
            Page::Sandbox { lesson: Some("run".into()), shared: None },
            shared,
        ] {
            assert_eq!(Page::of(&page.address()), page, "{}", page.address());
        }
        assert_eq!(Page::of("/learn/"), Page::Overview);
    }
}
