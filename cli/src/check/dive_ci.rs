//! `.dive-ci`, as dive 0.13.1 reads it: three rules below `rules`, keys in any case, a missing rule at its default.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    bytes,
    rules::{Limits, Rules},
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    rules: Option<BTreeMap<String, String>>,
}

const LOWEST_EFFICIENCY: (&str, &str) = ("lowestEfficiency", "0.9");
const HIGHEST_WASTED_BYTES: (&str, &str) = ("highestWastedBytes", DISABLED);
const HIGHEST_USER_WASTED_PERCENT: (&str, &str) = ("highestUserWastedPercent", "0.1");
/// In these letters alone: dive refuses `off` and `Disabled`.
const DISABLED: &str = "disabled";

/// The rules, in dive's own measure; or why dive would call them misconfigured.
pub fn parse(text: &str) -> Result<Rules, String> {
    let document: Option<Document> = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let given: BTreeMap<String, String> = document
        .and_then(|document| document.rules)
        .unwrap_or_default()
        .into_iter()
        .map(|(key, value)| (key.to_ascii_lowercase(), value))
        .collect();
    let value = |(key, default): (&str, &str)| {
        let value = given.get(&key.to_ascii_lowercase()).map_or(default, String::as_str);
        (value != DISABLED).then(|| value.to_owned())
    };
    let ratio = |rule: (&str, &str)| value(rule).map(|value| ratio(rule.0, &value)).transpose();
    let wasted_bytes = value(HIGHEST_WASTED_BYTES)
        .map(|value| bytes::parse(&value).ok_or_else(|| format!("{}: {value:?} is no size", HIGHEST_WASTED_BYTES.0)));
    Ok(Rules {
        limits: Limits {
            dive_efficiency: ratio(LOWEST_EFFICIENCY)?,
            dive_wasted_bytes: wasted_bytes.transpose()?,
            dive_user_wasted: ratio(HIGHEST_USER_WASTED_PERCENT)?,
            ..Limits::default()
        },
        ..Rules::default()
    })
}

fn ratio(key: &str, value: &str) -> Result<f64, String> {
    let ratio: f64 = value.parse().map_err(|_| format!("{key}: {value:?} is no number"))?;
    if (0.0..=1.0).contains(&ratio) { Ok(ratio) } else { Err(format!("{key}: {value} is not between 0 and 1")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Figures = (Option<f64>, Option<u64>, Option<f64>);

    fn figures(text: &str) -> Result<Figures, String> {
        let limits = parse(text)?.limits;
        Ok((limits.dive_efficiency, limits.dive_wasted_bytes, limits.dive_user_wasted))
    }

    /// Each was given to dive 0.13.1 itself.
    #[test]
    fn rules_are_read_as_dive_reads_them() {
        let default = (Some(0.9), None, Some(0.1));
        for (text, read) in [
            ("", default),
            ("# nothing\n", default),
            ("rules:\n", default),
            (
                "rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n",
                (Some(0.95), Some(20_000_000), Some(0.1)),
            ),
            ("rules:\n  lowestefficiency: \"0.99\"\n", (Some(0.99), None, Some(0.1))),
            (
                "rules:\n  highestWastedBytes: 1KiB\n  highestUserWastedPercent: disabled\n",
                (Some(0.9), Some(1024), None),
            ),
            ("rules:\n  highestWastedBytes: 1048576\n", (Some(0.9), Some(1_048_576), Some(0.1))),
            // Keys of later versions, and keys outside `rules`, say nothing to it.
            ("rules:\n  lowest-efficiency: 0.99\n", default),
            ("lowestEfficiency: 0.99\n", default),
        ] {
            assert_eq!(figures(text), Ok(read), "{text}");
        }
    }

    #[test]
    fn what_dive_calls_misconfigured_is_refused_with_the_key() {
        for (text, problem) in [
            ("rules:\n  lowestEfficiency: abc\n", "lowestEfficiency: \"abc\" is no number"),
            ("rules:\n  lowestEfficiency: off\n", "lowestEfficiency: \"off\" is no number"),
            ("rules:\n  highestUserWastedPercent: 1.1\n", "highestUserWastedPercent: 1.1 is not between 0 and 1"),
            ("rules:\n  highestUserWastedPercent: false\n", "highestUserWastedPercent: \"false\" is no number"),
            ("rules:\n  highestWastedBytes: many\n", "highestWastedBytes: \"many\" is no size"),
        ] {
            assert_eq!(figures(text), Err(problem.into()), "{text}");
        }
        assert!(figures("rules: [1, 2").is_err());
    }
}
