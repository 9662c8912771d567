//! Direct manipulation: what a drag over a tile means.

/// What a hand did with a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// Touched: it is chosen.
    Choose,
    /// Pulled up, towards the writable layer: it is to be changed.
    Raise,
    /// Struck out by a stroke across it.
    Strike,
    /// Something between.
    Nothing,
}

/// The gesture of a drag by (`dx`, `dy`) pixels.
pub fn gesture(dx: f64, dy: f64) -> Gesture {
    const STILL: f64 = 6.0;
    const RAISED: f64 = 24.0;
    const STRUCK: f64 = 30.0;
    if dx.hypot(dy) <= STILL {
        Gesture::Choose
    } else if dy < -RAISED && dx.abs() < dy.abs() {
        Gesture::Raise
    } else if dx.abs() > STRUCK && dy.abs() < dx.abs() / 2.0 {
        Gesture::Strike
    } else {
        Gesture::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_upwards_raises_and_a_stroke_across_strikes_out() {
        for (dx, dy, expected) in [
            (0.0, 0.0, Gesture::Choose),
            (3.0, -4.0, Gesture::Choose),
            (5.0, -60.0, Gesture::Raise),
            (40.0, 6.0, Gesture::Strike),
            (-40.0, -6.0, Gesture::Strike),
            (0.0, 60.0, Gesture::Nothing),
            (30.0, -30.0, Gesture::Nothing),
            (12.0, 0.0, Gesture::Nothing),
        ] {
            assert_eq!(gesture(dx, dy), expected, "{dx}, {dy}");
        }
    }
}
