//! Where the slabs of a stack are drawn, and the core sample beside them.
//!
//! The picture is a geologist's section: every slab has the same height, so that it can be read, and a drill core
//! beside it shows the layers in their true proportions, each joined to its slab.

use std::ops::Range;

/// Height of a slab and the gap above the next one, in CSS pixels. The style sheet knows the same numbers.
pub const SLAB: f32 = 76.0;
pub const GAP: f32 = 8.0;
/// Stacks up to this many layers are drawn whole, with joints between core and slabs.
pub const WHOLE: usize = 120;

/// Height of a stack of `n` slabs.
pub fn height(n: usize) -> f32 {
    if n == 0 { 0.0 } else { n as f32 * (SLAB + GAP) - GAP }
}

/// Top edge of layer `index` (0 is the base, which lies at the bottom) in a stack of `n`.
pub fn top(n: usize, index: usize) -> f32 {
    n.saturating_sub(index + 1) as f32 * (SLAB + GAP)
}

/// The layers that touch a window of `view` pixels, `scroll` pixels below the top of the stack, with some more on
/// each side so that scrolling shows no hole.
pub fn window(n: usize, scroll: f32, view: f32) -> Range<usize> {
    const MARGIN: usize = 12;
    let row = SLAB + GAP;
    let from_top = (scroll.max(0.0) / row) as usize;
    let rows = (view.max(0.0) / row) as usize + 1;
    let upper = n.saturating_sub(from_top.saturating_sub(MARGIN));
    let lower = n.saturating_sub(from_top + rows + MARGIN);
    lower..upper
}

/// A piece of the drill core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// The layer, or the lowest of those that were joined because they are too thin to be seen.
    pub layer: usize,
    pub top: f32,
    pub height: f32,
}

/// A drill core of `height` pixels: base at the bottom, thickness in proportion to `sizes` (base first). With so few
/// layers that each can have it, none is thinner than a hair; with more, thin neighbours are joined.
pub fn core(sizes: &[u64], height: f32) -> Vec<Segment> {
    const HAIR: f32 = 2.0;
    let hair = if sizes.len() <= WHOLE { HAIR } else { 0.0 };
    let free = height - hair * sizes.len() as f32;
    let total = sizes.iter().map(|s| *s as f64).sum::<f64>().max(1.0);
    let mut segments: Vec<Segment> = Vec::new();
    let mut bottom = height;
    let mut thin = 0.0;
    let mut first = 0;
    for (layer, size) in sizes.iter().enumerate() {
        let thick = hair + (*size as f64 / total) as f32 * free;
        if thin == 0.0 {
            first = layer;
        }
        thin += thick;
        if thin >= 1.0 || layer + 1 == sizes.len() {
            segments.push(Segment { layer: first, top: bottom - thin, height: thin });
            bottom -= thin;
            thin = 0.0;
        }
    }
    segments
}

/// The joint between a piece of the core and its slab: a band that narrows towards the core, `width` wide.
pub fn joint(segment: &Segment, slab_top: f32, width: f32) -> String {
    let (a, b) = (segment.top, segment.top + segment.height);
    let (c, d) = (slab_top, slab_top + SLAB);
    let m = width / 2.0;
    format!("M0 {a:.1}C{m} {a:.1} {m} {c:.1} {width} {c:.1}V{d:.1}C{m} {d:.1} {m} {b:.1} 0 {b:.1}Z")
}

/// A bar from a zero line: `start` and `length` as shares of the whole width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    pub start: f32,
    pub length: f32,
}

/// The bars of contributions that may be negative: one scale for all, the zero line where the most negative one
/// needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    negative: f64,
    span: f64,
}

impl Scale {
    pub fn new(values: impl IntoIterator<Item = i64>) -> Self {
        let (low, high) = values.into_iter().fold((0i64, 0i64), |(low, high), v| (low.min(v), high.max(v)));
        let negative = -(low as f64);
        Self { negative, span: (high as f64 + negative).max(1.0) }
    }

    pub fn zero(&self) -> f32 {
        (self.negative / self.span) as f32
    }

    pub fn bar(&self, value: i64) -> Bar {
        let length = ((value as f64).abs() / self.span) as f32;
        Bar { start: if value < 0 { self.zero() - length } else { self.zero() }, length }
    }
}

/// Hue of a layer in degrees. Neighbours differ along blue and yellow, which is what nearly all eyes can tell; all
/// have the same lightness and chroma (the style sheet gives those), and the number is always beside the hue.
pub fn hue(layer: usize) -> u16 {
    const HUES: [u16; 8] = [255, 70, 195, 20, 295, 110, 230, 345];
    HUES[layer % HUES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_lies_at_the_bottom() {
        assert_eq!(top(3, 2), 0.0);
        assert_eq!(top(3, 0) + SLAB, height(3));
        assert_eq!(height(0), 0.0);
    }

    #[test]
    fn a_window_of_ten_thousand_layers_is_a_few_dozen() {
        let n = 10_000;
        assert_eq!(window(n, 0.0, 800.0), 9_978..10_000);
        let middle = window(n, height(n) / 2.0, 800.0);
        assert!(middle.len() < 40 && middle.contains(&5_000), "{middle:?}");
        assert_eq!(window(n, height(n), 800.0).start, 0);
        assert_eq!(window(2, 0.0, 800.0), 0..2);
        assert_eq!(window(0, 0.0, 800.0), 0..0);
    }

    #[test]
    fn the_core_is_filled_exactly_and_in_proportion() {
        let core = core(&[600, 300, 0], 306.0);
        assert_eq!(core.len(), 3);
        assert_eq!(core[0], Segment { layer: 0, top: 104.0, height: 202.0 });
        assert_eq!(core[2], Segment { layer: 2, top: 0.0, height: 2.0 });
    }

    #[test]
    fn ten_thousand_layers_make_no_more_segments_than_pixels() {
        let core = core(&[1; 10_000], 500.0);
        assert!(core.len() <= 501, "{}", core.len());
        let sum: f32 = core.iter().map(|s| s.height).sum();
        assert!((sum - 500.0).abs() < 0.5);
    }

    #[test]
    fn nothing_stored_draws_no_nonsense() {
        assert!(core(&[0, 0], 100.0).iter().all(|s| s.height.is_finite()));
        assert_eq!(core(&[], 100.0), []);
        assert_eq!(Scale::new([]).bar(0), Bar { start: 0.0, length: 0.0 });
    }

    #[test]
    fn a_negative_contribution_hangs_left_of_zero() {
        let scale = Scale::new([300, -100]);
        assert_eq!(scale.zero(), 0.25);
        assert_eq!(scale.bar(-100), Bar { start: 0.0, length: 0.25 });
        assert_eq!(scale.bar(300), Bar { start: 0.25, length: 0.75 });
    }

    #[test]
    fn a_joint_runs_from_the_core_to_its_slab() {
        let segment = Segment { layer: 0, top: 10.0, height: 4.0 };
        assert_eq!(joint(&segment, 0.0, 20.0), "M0 10.0C10 10.0 10 0.0 20 0.0V76.0C10 76.0 10 14.0 0 14.0Z");
    }

    #[test]
    fn neighbours_never_share_a_hue() {
        assert!((0..100).all(|n| hue(n) != hue(n + 1)));
    }
}
