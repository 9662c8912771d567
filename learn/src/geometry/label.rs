//! Labels that fit.

/// The text, or its beginning with an ellipsis; empty where not even two letters fit. `letter` is the width of one
/// letter of a monospaced face in pixels; a wide sign (Chinese, say) takes nearly two.
pub fn shorten_end(text: &str, room: f64, letter: f64) -> String {
    if width(text, letter) <= room {
        return text.into();
    }
    let mut out = String::new();
    let mut used = letter;
    for c in text.chars() {
        used += char_width(c, letter);
        if used > room {
            break;
        }
        out.push(c);
    }
    if out.is_empty() {
        return out;
    }
    out.push('…');
    out
}

/// The text, or its end behind an ellipsis: what matters in a path is at its end.
pub fn shorten_start(text: &str, room: f64, letter: f64) -> String {
    if width(text, letter) <= room {
        return text.into();
    }
    let reversed: String = text.chars().rev().collect();
    shorten_end(&reversed, room, letter).chars().rev().collect()
}

pub(super) fn width(text: &str, letter: f64) -> f64 {
    text.chars().map(|c| char_width(c, letter)).sum()
}

fn char_width(c: char, letter: f64) -> f64 {
    let is_wide = matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    if is_wide { letter * 1.75 } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_whole_or_shortened_and_always_fits() {
        for (text, room, expected) in [
            ("hosts", 50.0, "hosts"),
            ("hosts", 49.0, "hos…"),
            ("hosts", 25.0, "h…"),
            ("hosts", 15.0, ""),
            ("数据库", 52.5, "数据库"),
            ("数据库", 50.0, "数据…"),
            ("", 0.0, ""),
        ] {
            let short = shorten_end(text, room, 10.0);
            assert_eq!(short, expected, "{text} in {room}");
            assert!(width(&short, 10.0) <= room);
        }
        assert_eq!(shorten_start("/usr/share/mysql", 80.0, 10.0), "…e/mysql");
    }
}
