//! Readings as addresses say them, and steps from one to the next.

use layerlab_core::explore::Reading;

use crate::address::Address;

/// `layer=3` (from 1, the base), `reading=own|merged|range`, `from=1` (0 for no layer at all). Without a layer the
/// top one is read.
pub fn of_address(address: &Address, layers: u32) -> Reading {
    let top = layers.saturating_sub(1);
    let layer = address.number("layer").and_then(|number| number.checked_sub(1)).map_or(top, |layer| layer.min(top));
    match address.word("reading") {
        Some("own") => Reading::Own { layer },
        Some("range") => {
            let from = address.number("from").unwrap_or(0).checked_sub(1).map(|from| from.min(top));
            Reading::Range { from, to: layer }
        }
        _ => Reading::Merged { layer },
    }
}

pub fn into_address(address: Address, reading: Reading) -> Address {
    let number = |layer: u32| Some((layer + 1).to_string().into_bytes());
    let (word, from, layer) = match reading {
        Reading::Own { layer } => ("own", None, layer),
        Reading::Merged { layer } => ("merged", None, layer),
        Reading::Range { from, to } => ("range", Some(from.map_or(0, |from| from + 1)), to),
    };
    address
        .with("layer", number(layer))
        .with("reading", Some(word.into()))
        .with("from", from.map(|from| from.to_string().into_bytes()))
}

/// The layer whose state is shown.
pub fn layer(reading: Reading) -> u32 {
    match reading {
        Reading::Own { layer } | Reading::Merged { layer } => layer,
        Reading::Range { to, .. } => to,
    }
}

/// The same way to read, of another layer.
pub fn at(reading: Reading, layer: u32) -> Reading {
    match reading {
        Reading::Own { .. } => Reading::Own { layer },
        Reading::Merged { .. } => Reading::Merged { layer },
        Reading::Range { from, .. } => Reading::Range { from, to: layer },
    }
}

/// Its own changes, or the merged tree.
pub fn toggled(reading: Reading) -> Reading {
    match reading {
        Reading::Own { layer } => Reading::Merged { layer },
        other => Reading::Own { layer: layer(other) },
    }
}

/// One layer up or down, as far as there are layers.
pub fn stepped(reading: Reading, step: i64, height: u32) -> Reading {
    let top = i64::from(height.saturating_sub(1));
    at(reading, (i64::from(layer(reading)) + step).clamp(0, top.max(0)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_has_an_address_that_leads_back_to_it() {
        let address = Address::parse("/a/k/image/0/files?path=etc").unwrap();
        assert_eq!(of_address(&address, 5), Reading::Merged { layer: 4 });
        for reading in [
            Reading::Own { layer: 2 },
            Reading::Merged { layer: 0 },
            Reading::Range { from: None, to: 3 },
            Reading::Range { from: Some(1), to: 4 },
        ] {
            let written = into_address(address.clone(), reading);
            assert_eq!(of_address(&written, 5), reading);
            assert_eq!(written.word("path"), Some("etc"));
        }
    }

    #[test]
    fn steps_stay_within_the_stack() {
        assert_eq!(stepped(Reading::Own { layer: 0 }, -1, 3), Reading::Own { layer: 0 });
        assert_eq!(stepped(Reading::Merged { layer: 1 }, 1, 3), Reading::Merged { layer: 2 });
        assert_eq!(stepped(Reading::Merged { layer: 2 }, 1, 3), Reading::Merged { layer: 2 });
        assert_eq!(toggled(Reading::Own { layer: 1 }), Reading::Merged { layer: 1 });
        assert_eq!(toggled(Reading::Range { from: None, to: 1 }), Reading::Own { layer: 1 });
    }
}
