//! The history of an image, paired with its layers.
//!
//! Source: OCI image-spec, config.md ("history", "empty_layer").

use serde::{Deserialize, Serialize};

use crate::spec::config::ImageConfig;

/// The history entries with their layers, base first, and how well the two fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    pub steps: Vec<Step>,
    pub fit: Fit,
}

/// One entry of the history, or one layer that the history says nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Index into [`ImageConfig::history`]; `None` for a layer that is left over.
    pub entry: Option<usize>,
    /// The layer that the entry made, 0 for the base; `None` for one that made none.
    pub layer: Option<usize>,
}

/// Whether the history tells of as many layers as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fit {
    Fits,
    /// There is no history.
    Absent,
    /// It tells of `made` layers and the image has `layers`. The pairs are by position from the base, which is a guess:
    /// an entry may be missing anywhere.
    Differs {
        made: usize,
        layers: usize,
    },
}

/// Pairs by position: the n-th entry that is not `empty_layer` made the n-th layer.
pub fn pair(config: &ImageConfig, layers: usize) -> Pairing {
    let mut next = 0;
    let mut steps: Vec<Step> = Vec::with_capacity(config.history.len().max(layers));
    for (index, entry) in config.history.iter().enumerate() {
        let made = !entry.empty_layer;
        let layer = (made && next < layers).then_some(next);
        next += usize::from(made);
        steps.push(Step { entry: Some(index), layer });
    }
    steps.extend((next.min(layers)..layers).map(|layer| Step { entry: None, layer: Some(layer) }));
    let fit = match next {
        _ if config.history.is_empty() && layers > 0 => Fit::Absent,
        made if made == layers => Fit::Fits,
        made => Fit::Differs { made, layers },
    };
    Pairing { steps, fit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::config::History;

    /// `*` made a layer, `-` did not.
    fn paired(history: &str, layers: usize) -> (Vec<Option<usize>>, Fit) {
        let history = history.chars().map(|c| History { empty_layer: c == '-', ..History::default() }).collect();
        let pairing = pair(&ImageConfig { history, ..ImageConfig::default() }, layers);
        (pairing.steps.iter().map(|step| step.layer).collect(), pairing.fit)
    }

    #[test]
    fn entries_that_made_a_layer_take_the_next_one() {
        assert_eq!(paired("*-*-", 2), (vec![Some(0), None, Some(1), None], Fit::Fits));
    }

    #[test]
    fn counts_that_do_not_fit_are_told_and_nothing_is_lost() {
        assert_eq!(paired("*-**", 2), (vec![Some(0), None, Some(1), None], Fit::Differs { made: 3, layers: 2 }));
        assert_eq!(paired("-*", 3), (vec![None, Some(0), Some(1), Some(2)], Fit::Differs { made: 1, layers: 3 }));
        assert_eq!(paired("", 2), (vec![Some(0), Some(1)], Fit::Absent));
        assert_eq!(paired("", 0), (vec![], Fit::Fits));
    }
}
