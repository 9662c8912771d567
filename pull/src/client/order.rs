//! From what a form holds to what is pulled.

use layerlab_core::{
    display::harmless_text,
    registry::{
        address::{self, origin},
        reference::{Reference, ReferenceError},
        source::Source,
    },
    spec::platform::Platform,
};

use crate::protocol::Order;

/// Where an image is to come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The registry of miniatures that comes with the page.
    #[default]
    Samples,
    /// The registry that the reference names.
    Named,
    /// A registry, or a proxy of one, at an address.
    Address,
    /// An OCI layout at an address.
    Layout,
}

impl From {
    pub const ALL: [Self; 4] = [Self::Samples, Self::Named, Self::Address, Self::Layout];

    pub fn word(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Named => "named",
            Self::Address => "address",
            Self::Layout => "layout",
        }
    }

    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|from| from.word() == word).unwrap_or_default()
    }

    pub fn has_address(self) -> bool {
        matches!(self, Self::Address | Self::Layout)
    }
}

/// The fields, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub reference: String,
    pub from: From,
    pub address: String,
    /// `linux/amd64`.
    pub platform: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormError {
    Reference(ReferenceError),
    /// The address is none of the web.
    Address(String),
    Platform(String),
}

pub const PLATFORMS: [&str; 6] =
    ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/riscv64", "linux/s390x", "windows/amd64"];

impl Default for Form {
    fn default() -> Self {
        let (reference, address) = (String::new(), String::new());
        Self { reference, from: From::default(), address, platform: PLATFORMS[0].into() }
    }
}

impl Form {
    /// `base` is the page's own address, relative to which addresses are read and the miniatures lie.
    pub fn order(&self, base: &str) -> Result<Order, FormError> {
        let reference: Reference = self.reference.parse().map_err(FormError::Reference)?;
        let wrong = || FormError::Address(harmless_text(&self.address));
        let typed = || {
            let address = address::resolve(base, self.address.trim()).ok_or_else(wrong)?;
            origin(&address).map(|_| address).ok_or_else(wrong)
        };
        let source = match self.from {
            From::Samples => Source::api(&address::resolve(base, "registry").ok_or_else(wrong)?),
            From::Named => Source::of(&reference),
            From::Address => Source::api(&typed()?),
            From::Layout => Source::layout(&typed()?),
        };
        Ok(Order { reference, source, platform: platform(&self.platform)? })
    }
}

fn platform(text: &str) -> Result<Platform, FormError> {
    let text = if text.trim().is_empty() { PLATFORMS[0] } else { text.trim() };
    let mut parts = text.split('/').map(|part| Some(part.to_owned()).filter(|part| !part.is_empty()));
    let platform =
        Platform { os: parts.next().flatten(), architecture: parts.next().flatten(), variant: parts.next().flatten() };
    let whole = platform.os.is_some() && platform.architecture.is_some() && parts.next().is_none();
    whole.then_some(platform).ok_or_else(|| FormError::Platform(harmless_text(text)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn order(reference: &str) -> Order {
        Form { reference: reference.into(), ..Form::default() }.order("https://page.example/a/").unwrap()
    }

    fn source(from: From, address: &str) -> Result<String, FormError> {
        let form = Form { reference: "ghcr.io/a/b".into(), from, address: address.into(), ..Form::default() };
        form.order("https://page.example/a/index.html").map(|order| order.source.base().to_owned())
    }

    #[test]
    fn where_an_image_comes_from() {
        assert_eq!(source(From::Samples, "").unwrap(), "https://page.example/a/registry");
        assert_eq!(source(From::Named, "").unwrap(), "https://ghcr.io");
        assert_eq!(source(From::Address, "http://localhost:5000/v2/").unwrap(), "http://localhost:5000");
        assert_eq!(source(From::Address, "/proxy").unwrap(), "https://page.example/proxy");
        assert_eq!(source(From::Layout, "https://b.example/l/index.json").unwrap(), "https://b.example/l");
        assert_eq!(source(From::Layout, "file:///etc"), Err(FormError::Address("file:///etc".into())));
    }

    #[test]
    fn a_platform_has_two_parts_or_three() {
        assert_eq!(platform("").unwrap().to_string(), "linux/amd64");
        assert_eq!(platform("linux/arm/v7").unwrap().to_string(), "linux/arm/v7");
        assert_eq!(platform("linux"), Err(FormError::Platform("linux".into())));
        assert!(platform("linux/a/b/c").is_err());
    }
}
