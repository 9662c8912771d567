//! The glyph of a digest: equal digests look equal, different ones almost surely do not.

/// Cells a side. The middle column is the axis: the glyph is its own mirror image, which eyes compare well.
pub const SIDE: usize = 5;

/// A glyph: which cells are filled (row by row), and a hue in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    pub cells: [[bool; SIDE]; SIDE],
    pub hue: u16,
}

/// The glyph of the encoded part of a digest. Fifteen bits for the cells and nine for the hue come from the first
/// characters, which are also the ones that are printed: who reads the short form and who looks at the glyph
/// compare the same thing. `None` where the text is too short to say anything.
pub fn glyph(encoded: &str) -> Option<Glyph> {
    let nibble = |i: usize| encoded.as_bytes().get(i).and_then(|b| (*b as char).to_digit(36)).map(|d| d & 15);
    let mut bits = 0u32;
    for i in 0..8 {
        bits = bits << 4 | nibble(i)?;
    }
    // Neighbouring digests must not look alike: every bit of the input stirs every bit of the picture.
    let stirred = (bits ^ bits >> 16).wrapping_mul(0x7feb_352d);
    let stirred = (stirred ^ stirred >> 15).wrapping_mul(0x846c_a68b);
    let stirred = stirred ^ stirred >> 16;
    let mut cells = [[false; SIDE]; SIDE];
    for (y, row) in cells.iter_mut().enumerate() {
        for x in 0..=SIDE / 2 {
            let on = stirred >> (y * (SIDE / 2 + 1) + x) & 1 == 1;
            row[x] = on;
            row[SIDE - 1 - x] = on;
        }
    }
    // A blank glyph reads as "no glyph".
    if cells.iter().flatten().filter(|on| **on).count() < 3 {
        cells[SIDE / 2] = [true; SIDE];
    }
    Some(Glyph { cells, hue: (stirred >> 20) as u16 % 360 })
}

/// One SVG path over all filled cells, each `size` wide, centred on the origin.
pub fn path(glyph: &Glyph, size: f32) -> String {
    let corner = -(SIDE as f32) * size / 2.0;
    let mut path = String::new();
    for (y, row) in glyph.cells.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, on)| **on) {
            let (left, top) = (corner + x as f32 * size, corner + y as f32 * size);
            path.push_str(&format!("M{left:.1} {top:.1}h{size}v{size}h-{size}z"));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn equal_digests_look_equal_and_one_digit_changes_the_picture() {
        assert_eq!(glyph(A), glyph(A));
        let other = A.replacen('3', "4", 1);
        assert_ne!(glyph(A).unwrap().cells, glyph(&other).unwrap().cells);
    }

    #[test]
    fn a_glyph_is_its_mirror_image_and_never_blank() {
        for i in 0..500u32 {
            let glyph = glyph(&format!("{:08x}", i.wrapping_mul(2_654_435_761))).unwrap();
            for row in glyph.cells {
                assert!((0..SIDE).all(|x| row[x] == row[SIDE - 1 - x]));
            }
            assert!(glyph.cells.iter().flatten().filter(|on| **on).count() >= 3);
            assert!(glyph.hue < 360);
        }
    }

    #[test]
    fn what_is_no_hex_has_no_glyph() {
        assert_eq!(glyph("abc"), None);
        assert_eq!(glyph("../../etc/passwd"), None);
    }

    #[test]
    fn the_path_stays_inside_its_square() {
        let mut cells = [[false; SIDE]; SIDE];
        cells[0][0] = true;
        cells[4][4] = true;
        assert_eq!(path(&Glyph { cells, hue: 0 }, 2.0), "M-5.0 -5.0h2v2h-2zM3.0 3.0h2v2h-2z");
    }
}
