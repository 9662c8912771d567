//! Which rows a scrolled window shows.

/// Height of a row in CSS pixels; the style sheet knows the same number.
pub const ROW: f64 = 30.0;
/// No browser draws an element of 30 million pixels. A longer list is scrolled faster than its rows are high.
const TALLEST: f64 = 8_000_000.0;
/// Rows beyond the edges, so that scrolling shows no hole.
const MARGIN: u32 = 30;

/// A list of rows in a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scroll {
    pub rows: u32,
    /// Height of the window.
    pub view: f64,
    pub top: f64,
}

impl Scroll {
    /// Height of what is scrolled.
    pub fn height(self) -> f64 {
        (f64::from(self.rows) * ROW).min(TALLEST)
    }

    /// Rows that fit into the window, at least one.
    pub fn fitting(self) -> u32 {
        ((self.view / ROW).floor() as u32).max(1)
    }

    /// The first row that is seen, and how many pixels of it are not.
    pub fn first(self) -> (u32, f64) {
        let last = self.rows.saturating_sub(self.fitting());
        let range = self.height() - self.view;
        if f64::from(self.rows) * ROW <= TALLEST || range <= 0.0 {
            let first = (self.top.max(0.0) / ROW).floor();
            return (first as u32, self.top.max(0.0) - first * ROW);
        }
        (((self.top / range).clamp(0.0, 1.0) * f64::from(last)).round() as u32, 0.0)
    }

    /// The window that should be asked for: start and length.
    pub fn wanted(self) -> (u32, u32) {
        let start = self.first().0.saturating_sub(MARGIN);
        (start, self.fitting() + 2 * MARGIN + 1)
    }

    /// Whether rows from `start` on, `len` of them, fill the window.
    pub fn is_filled(self, start: u32, len: u32) -> bool {
        let (first, _) = self.first();
        let last = (first + self.fitting() + 1).min(self.rows);
        start <= first && last <= start + len
    }

    /// How far to scroll so that `row` is seen: as little as it takes.
    pub fn reveal(self, row: u32) -> f64 {
        let (first, hidden) = self.first();
        let after = first + self.fitting();
        if row > first && row < after || row == first && hidden == 0.0 {
            return self.top;
        }
        let first = if row <= first { row } else { (row + 1).saturating_sub(self.fitting()) };
        let range = (self.height() - self.view).max(0.0);
        if f64::from(self.rows) * ROW <= TALLEST {
            return (f64::from(first) * ROW).min(range);
        }
        let last = self.rows.saturating_sub(self.fitting());
        f64::from(first) / f64::from(last.max(1)) * range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_is_scrolled_by_the_pixel() {
        let scroll = Scroll { rows: 100, view: 300.0, top: 45.0 };
        assert_eq!((scroll.height(), scroll.first(), scroll.fitting()), (3_000.0, (1, 15.0), 10));
        assert_eq!(scroll.wanted(), (0, 71));
        assert!(scroll.is_filled(0, 20) && !scroll.is_filled(0, 10) && !scroll.is_filled(5, 20));
    }

    #[test]
    fn a_million_rows_are_all_reached() {
        let scroll = |top| Scroll { rows: 1_000_000, view: 600.0, top };
        assert_eq!(scroll(0.0).first().0, 0);
        assert_eq!(scroll(8_000_000.0 - 600.0).first().0, 999_980);
        let top = scroll(0.0).reveal(500_000);
        let (first, _) = scroll(top).first();
        assert!((499_980..=500_000).contains(&first), "{first}");
    }

    #[test]
    fn a_row_is_revealed_with_as_little_movement_as_it_takes() {
        let scroll = Scroll { rows: 100, view: 300.0, top: 300.0 };
        assert_eq!(scroll.reveal(12), 300.0);
        assert_eq!(scroll.reveal(5), 150.0);
        assert_eq!(scroll.reveal(20), 330.0);
        assert_eq!(scroll.reveal(99), 2_700.0);
    }
}
