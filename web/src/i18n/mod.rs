//! Words, from the catalogues in `static/messages/app`.

use std::fmt::Display;

use yew::AttrValue;

/// A language the page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    SimplifiedChinese,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::SimplifiedChinese];

    /// The BCP 47 tag, also the name of the catalogue.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::SimplifiedChinese => "zh-CN",
        }
    }

    /// In its own words.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::SimplifiedChinese => "简体中文",
        }
    }

    /// In one sign or two.
    pub fn short(self) -> &'static str {
        match self {
            Self::English => "En",
            Self::SimplifiedChinese => "中",
        }
    }

    /// The first language of `wanted` (BCP 47 tags, the best first) that is spoken here. Chinese of any script is
    /// better served by Simplified Chinese than by English.
    pub fn choose<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |tag: &str| {
            let primary = tag.split(['-', '_']).next().unwrap_or(tag);
            match primary.to_ascii_lowercase().as_str() {
                "en" => Some(Self::English),
                "zh" => Some(Self::SimplifiedChinese),
                _ => None,
            }
        };
        wanted.into_iter().find_map(known).unwrap_or(Self::English)
    }

    /// The one that is spoken now.
    pub fn spoken() -> Self {
        Self::choose([&*rust_i18n::locale()])
    }

    /// From now on everything is said in it. Components must be drawn anew: the page is keyed by its language.
    pub fn speak(self) {
        rust_i18n::set_locale(self.tag());
    }
}

/// The text of `key`.
pub fn text(key: &str) -> AttrValue {
    rust_i18n::t!(key).into_owned().into()
}

/// The text of `key` with `%{name}` filled in.
pub fn fill(key: &str, values: &[(&str, &dyn Display)]) -> AttrValue {
    filled(&rust_i18n::t!(key), values)
}

/// `text` with `%{name}` filled in.
pub fn filled(text: &str, values: &[(&str, &dyn Display)]) -> AttrValue {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = values.iter().map(|(_, value)| value.to_string()).collect();
    rust_i18n::replace_patterns(text, &names, &values).into()
}

/// The text of `key` for `n` things: `key.one` or `key.other`, with `%{n}` filled in.
pub fn plural(key: &str, n: u64) -> AttrValue {
    let form = if n == 1 { "one" } else { "other" };
    fill(&format!("{key}.{form}"), &[("n", &crate::view_model::format::count(n))])
}

/// Gives a module of the page its own catalogue, and the functions [`text`], [`fill`] and [`plural`] that read it.
/// To be called at the crate's root; the path is relative to the crate.
#[macro_export]
macro_rules! catalogue {
    ($folder:tt) => {
        rust_i18n::i18n!($folder, fallback = "en");

        /// The text of `key`.
        pub fn text(key: &str) -> ::yew::AttrValue {
            ::rust_i18n::t!(key).into_owned().into()
        }

        /// The text of `key` with `%{name}` filled in.
        pub fn fill(key: &str, values: &[(&str, &dyn ::std::fmt::Display)]) -> ::yew::AttrValue {
            $crate::i18n::filled(&::rust_i18n::t!(key), values)
        }

        /// The text of `key` for `n` things: `key.one` or `key.other`, with `%{n}` filled in.
        pub fn plural(key: &str, n: u64) -> ::yew::AttrValue {
            let form = if n == 1 { "one" } else { "other" };
            fill(&format!("{key}.{form}"), &[("n", &$crate::view_model::format::count(n))])
        }
    };
}

#[cfg(test)]
mod tests;
