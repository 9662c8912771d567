//! How fast bytes are read, smoothed.

/// A running estimate of bytes a second. Times are milliseconds of one clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    started: Option<f64>,
    last: f64,
    bytes: u64,
    rate: f64,
}

/// Weight falls to 1/e after this long: long enough that one slow slice does not shake the display.
const MEMORY_MS: f64 = 3_000.0;
/// Observations closer together are joined: a rate over a millisecond is noise.
const STEP_MS: f64 = 100.0;
/// Before this nothing is said: the first slices measure the start of the workers, not the reading.
const SETTLE_MS: f64 = 1_000.0;

impl Pace {
    /// `bytes` have been read in all at `now`.
    pub fn observe(&mut self, now: f64, bytes: u64) {
        if self.started.is_none() {
            *self = Self { started: Some(now), last: now, bytes, rate: 0.0 };
            return;
        }
        let passed = now - self.last;
        if passed < STEP_MS {
            return;
        }
        let rate = bytes.saturating_sub(self.bytes) as f64 / passed * 1_000.0;
        let weight = if self.rate == 0.0 { 1.0 } else { 1.0 - (-passed / MEMORY_MS).exp() };
        self.rate += (rate - self.rate) * weight;
        self.last = now;
        self.bytes = bytes;
    }

    /// Bytes a second; `None` until it means something.
    pub fn rate(&self) -> Option<f64> {
        let settled = self.started.is_some_and(|start| self.last - start >= SETTLE_MS);
        (settled && self.rate >= 1.0).then_some(self.rate)
    }

    /// Seconds until `total` bytes are read; `None` until it means something.
    pub fn remaining(&self, total: u64) -> Option<f64> {
        self.rate().map(|rate| total.saturating_sub(self.bytes) as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_promised_before_a_second_has_passed() {
        let mut pace = Pace::default();
        pace.observe(0.0, 0);
        pace.observe(500.0, 50_000_000);
        assert_eq!(pace.remaining(1_000_000_000), None);
    }

    #[test]
    fn a_steady_reader_is_predicted_exactly() {
        let mut pace = Pace::default();
        for tick in 0..=20 {
            pace.observe(f64::from(tick) * 100.0, tick as u64 * 10_000_000);
        }
        let left = pace.remaining(1_000_000_000).unwrap();
        assert!((left - 8.0).abs() < 1e-6, "{left}");
    }

    #[test]
    fn one_stall_does_not_double_the_estimate() {
        let mut pace = Pace::default();
        for tick in 0..=30 {
            pace.observe(f64::from(tick) * 100.0, tick as u64 * 10_000_000);
        }
        let before = pace.rate().unwrap();
        pace.observe(3_400.0, 300_000_000);
        assert!(pace.rate().unwrap() > before * 0.8);
    }

    #[test]
    fn a_reader_that_stands_still_promises_nothing() {
        let mut pace = Pace::default();
        pace.observe(0.0, 0);
        pace.observe(2_000.0, 0);
        assert_eq!(pace.remaining(10), None);
    }
}
