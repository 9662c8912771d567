//! `.layerlab.toml`.
//!
//! ```toml
//! [limits]
//! efficiency = 0.95        # at least; seen over stored bytes
//! wasted_bytes = "20MB"    # at most; stored and not seen
//! wasted_percent = 5       # at most; the same, of the stored bytes
//! leftovers = "1MB"        # at most; package lists, caches, logs that are still seen
//! size = "200MB"           # at most; what the merged tree holds
//! stored = "90MB"          # at most; the layers as stored
//! layers = 20              # at most
//! secrets = 0              # at most
//! growth = "5%"            # at most, of `size`, against the other archive; or a size ("3MB")
//!
//! [paths]                  # globs: * within a name, ** across directories
//! must_exist = ["/usr/local/bin/app"]
//! must_not_exist = ["/root/.ssh/**", "**/.git"]
//! ```

use serde::{Deserialize, de};

use super::{
    bytes,
    rules::{Globs, Growth, Limits, Rules},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    limits: LimitsTable,
    #[serde(default)]
    paths: PathsTable,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    efficiency: Option<f64>,
    wasted_bytes: Option<Size>,
    wasted_percent: Option<f64>,
    leftovers: Option<Size>,
    size: Option<Size>,
    stored: Option<Size>,
    layers: Option<u64>,
    secrets: Option<u64>,
    growth: Option<Growth>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathsTable {
    #[serde(default)]
    must_exist: Vec<String>,
    #[serde(default)]
    must_not_exist: Vec<String>,
}

pub fn parse(text: &str) -> Result<Rules, String> {
    let Document { limits, paths } = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    let size = |size: Option<Size>| size.map(|size| size.0);
    let within = |key: &str, value: Option<f64>, most: f64| match value {
        Some(value) if !(0.0..=most).contains(&value) => Err(format!("{key} = {value} is not between 0 and {most}")),
        value => Ok(value),
    };
    let rules = Rules {
        limits: Limits {
            efficiency: within("efficiency", limits.efficiency, 1.0)?,
            wasted_bytes: size(limits.wasted_bytes),
            wasted_percent: within("wasted_percent", limits.wasted_percent, 100.0)?,
            leftovers: size(limits.leftovers),
            size: size(limits.size),
            stored: size(limits.stored),
            layers: limits.layers,
            secrets: limits.secrets,
            growth: limits.growth,
            ..Limits::default()
        },
        must_exist: Globs::new(paths.must_exist)?,
        must_not_exist: Globs::new(paths.must_not_exist)?,
    };
    // A file without rules would hold of every image.
    if rules.is_empty() { Err("it holds no rule".into()) } else { Ok(rules) }
}

/// A number of bytes, or a text with a unit.
#[derive(Clone, Copy)]
struct Size(u64);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a size: a number of bytes, or a text such as \"20MB\"")]
enum Written {
    Number(u64),
    Text(String),
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => {
                bytes::parse(&text).map(Self).ok_or_else(|| de::Error::custom(format!("{text:?} is no size")))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Growth {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Written::deserialize(deserializer)? {
            Written::Number(bytes) => return Ok(Self::Bytes(bytes)),
            Written::Text(text) => text,
        };
        let percent = text.strip_suffix('%').and_then(|number| number.trim().parse().ok());
        let percent = percent.filter(|percent: &f64| percent.is_finite() && *percent >= 0.0).map(Self::Percent);
        percent
            .or_else(|| bytes::parse(&text).map(Self::Bytes))
            .ok_or_else(|| de::Error::custom(format!("{text:?} is neither a size nor a percentage")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_read() {
        let rules = parse(
            "[limits]\nefficiency = 0.95\nwasted_bytes = \"20MB\"\nwasted_percent = 5\nleftovers = 0\nsize = \"1GiB\"\n\
             stored = 12\nlayers = 20\nsecrets = 0\ngrowth = \"5%\"\n\
             [paths]\nmust_exist = [\"/bin/sh\"]\nmust_not_exist = [\"**/.git\"]\n",
        )
        .unwrap();
        let limits = Limits {
            efficiency: Some(0.95),
            wasted_bytes: Some(20_000_000),
            wasted_percent: Some(5.0),
            leftovers: Some(0),
            size: Some(1 << 30),
            stored: Some(12),
            layers: Some(20),
            secrets: Some(0),
            growth: Some(Growth::Percent(5.0)),
            ..Limits::default()
        };
        assert_eq!(rules.limits, limits);
    }

    #[test]
    fn a_mistake_is_named() {
        for (text, part) in [
            ("[limits]\neficiency = 1", "unknown field `eficiency`"),
            ("[limits]\nefficiency = 95", "efficiency = 95 is not between 0 and 1"),
            ("[limits]\nsize = \"big\"", "\"big\" is no size"),
            ("[limits]\nsize = true", "expected a size"),
            ("[limits]\ngrowth = \"x%\"", "neither a size nor a percentage"),
            ("[paths]\nmust_exist = [\"[\"]", "\"[\" is no glob"),
            ("[limits", "unclosed"),
            ("[limits]\n", "it holds no rule"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}
