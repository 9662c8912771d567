//! How long each step is looked at, and how long the line would take.

use layerlab_core::store::PullEvent;

/// A line that is simulated: miniatures would be here before anybody saw them come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Slow,
    Middling,
    Fast,
}

impl Line {
    pub const ALL: [Self; 3] = [Self::Slow, Self::Middling, Self::Fast];

    /// Bytes a second.
    pub fn rate(self) -> u64 {
        match self {
            Self::Slow => 4_000,
            Self::Middling => 16_000,
            Self::Fast => 64_000,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Middling => "middling",
            Self::Fast => "fast",
        }
    }

    /// Seconds that these bytes take.
    pub fn seconds(self, bytes: u64) -> f64 {
        bytes as f64 / self.rate() as f64
    }
}

/// Milliseconds from this event to the next one, at single speed. Only a fetch takes as long as its bytes do, within
/// what can be watched.
pub fn pause(event: &PullEvent, line: Line) -> u32 {
    match event {
        PullEvent::Fetch { size, .. } => ((line.seconds(*size) * 1_000.0) as u32).clamp(500, 8_000),
        PullEvent::Ask { .. } | PullEvent::Index { .. } | PullEvent::Manifest { .. } | PullEvent::Config { .. } => 900,
        PullEvent::ImageLookUp { .. } | PullEvent::LookUpStopped { .. } | PullEvent::Refused { .. } => 1_100,
        PullEvent::Exists { .. } | PullEvent::Register { .. } => 700,
        PullEvent::DocumentLookUp { .. } | PullEvent::LayerLookUp { .. } => 500,
        PullEvent::BlobVerified { .. } | PullEvent::Decompress { .. } | PullEvent::DiffIdVerified { .. } => 550,
        PullEvent::ImageRegistered { .. } | PullEvent::Tagged { .. } => 700,
    }
}

#[cfg(test)]
mod tests {
    use layerlab_core::digest::Digest;

    use super::*;

    #[test]
    fn a_fetch_takes_as_long_as_its_bytes_and_can_still_be_watched() {
        let fetch = |size| PullEvent::Fetch { layer: 0, blob: Digest::sha256(b""), size };
        assert_eq!(pause(&fetch(16_000), Line::Middling), 1_000);
        assert_eq!(pause(&fetch(1), Line::Middling), 500);
        assert_eq!(pause(&fetch(10_000_000), Line::Slow), 8_000);
        assert_eq!(Line::Slow.seconds(8_000), 2.0);
    }
}
