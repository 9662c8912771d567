//! The sides of the module, by the address behind `#/pull`.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Picture,
    /// Pulls from real registries.
    Registry,
    Store,
    Forest,
    Disk,
    Tamper,
    /// An open archive held against its source.
    Source,
    /// Why a registry cannot be read from a page.
    Doctor,
}

impl Side {
    pub const ALL: [Self; 8] = [
        Self::Picture,
        Self::Registry,
        Self::Store,
        Self::Forest,
        Self::Disk,
        Self::Tamper,
        Self::Source,
        Self::Doctor,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Store => "store",
            Self::Disk => "disk",
            Self::Forest => "forest",
            Self::Tamper => "tamper",
            Self::Registry => "registry",
            Self::Source => "source",
            Self::Doctor => "doctor",
        }
    }

    pub fn address(self) -> String {
        match self {
            Self::Picture => "/pull".into(),
            side => format!("/pull/{}", side.word()),
        }
    }

    /// What is no side is the picture.
    pub fn of(address: &str) -> Self {
        let path = address.split('?').next().unwrap_or_default();
        let word = path.trim_start_matches("/pull").trim_matches('/');
        Self::ALL.into_iter().find(|side| side.word() == word).unwrap_or(Self::Picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_has_an_address_that_leads_back() {
        for side in Side::ALL {
            assert_eq!(Side::of(&side.address()), side);
        }
        assert_eq!(Side::of("/pull/nowhere?x=1"), Side::Picture);
    }
}
