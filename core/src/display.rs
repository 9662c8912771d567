//! Names from archives, made harmless for display.

/// Longest text that [`harmless`] returns, in characters.
pub const DISPLAY_CHARS: usize = 512;

/// Decodes `bytes` for people: UTF-8 where it is, `\xNN` where it is not; control, bidirectional and invisible
/// formatting characters as `\u{…}`; the middle of a very long text left out.
///
/// A backslash is doubled, so that two names that differ never display alike.
pub fn harmless(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().min(DISPLAY_CHARS * 2));
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_harmless(&mut out, c);
        }
        for b in chunk.invalid() {
            out.push_str(&format!("\\x{b:02x}"));
        }
        if out.len() > DISPLAY_CHARS * 64 {
            break;
        }
    }
    shorten(out)
}

/// The same for text that is known to be UTF-8 (a tag, an instruction, a label).
pub fn harmless_text(text: &str) -> String {
    harmless(text.as_bytes())
}

/// A text of several lines, made harmless and still usable as what it is: line ends, tabs and backslashes stay, what
/// could deceive is made visible, and after `limit` bytes the rest is cut off with a mark.
pub fn harmless_block(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for c in text.chars() {
        if out.len() >= limit {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\t' => out.push(c),
            c if is_deceptive(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Bytes for people: decimal units with three figures, as Docker prints them (`999 B`, `1.02 kB`, `113 MB`).
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // 999.5 would print as "1000": it belongs to the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.decimals$} {}", UNITS[unit])
}

fn push_harmless(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        c if is_deceptive(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

/// Controls, bidirectional marks, invisible formatting characters, line separators, variation selectors and tags.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

fn shorten(text: String) -> String {
    if text.chars().count() <= DISPLAY_CHARS {
        return text;
    }
    let half = DISPLAY_CHARS / 2;
    let chars: Vec<char> = text.chars().collect();
    let head: String = chars[..half].iter().collect();
    let tail: String = chars[chars.len() - half..].iter().collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_deceive_is_made_visible() {
        for (name, shown) in [
            (&b"etc/passwd"[..], "etc/passwd"),
            ("caf\u{e9}/\u{4e2d}".as_bytes(), "caf\u{e9}/\u{4e2d}"),
            (b"a\x1b[31mred", "a\\u{1b}[31mred"),
            ("photo\u{202e}gpj.exe".as_bytes(), "photo\\u{202e}gpj.exe"),
            (b"\xff\xfe", "\\xff\\xfe"),
            (b"back\\slash\n", "back\\\\slash\\n"),
            ("zero\u{200b}width".as_bytes(), "zero\\u{200b}width"),
        ] {
            assert_eq!(harmless(name), shown);
        }
    }

    #[test]
    fn a_block_keeps_its_lines_and_is_cut_with_a_mark() {
        assert_eq!(harmless_block("RUN a \\\n\tb\u{1b}[2J\r", 99), "RUN a \\\n\tb\\u{1b}[2J\\u{d}");
        assert_eq!(harmless_block("abcdef", 3), "abc…");
    }

    #[test]
    fn sizes_have_three_figures() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.00 kB"),
            (1_024, "1.02 kB"),
            (9_996, "10.0 kB"),
            (113_400_000, "113 MB"),
            (999_600, "1.00 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn a_megabyte_is_shown_by_its_ends() {
        let shown = harmless(&b"x".repeat(1 << 20));
        assert_eq!(shown.chars().count(), DISPLAY_CHARS + 1);
        assert!(shown.contains('…'));
    }
}
