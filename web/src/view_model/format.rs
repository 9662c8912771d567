//! Numbers for people. Sizes are decimal (1 MB = 1,000,000 B), as docker and registries print them.

/// `1.02 kB`; three figures.
pub use layerlab_core::display::size as bytes;

/// With its sign, a true minus, so that columns of figures line up.
pub fn signed_bytes(n: i64) -> String {
    let sign = match n {
        0 => "±",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}", bytes(n.unsigned_abs()))
}

/// `12,345`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `0:07`, `12:30`, `1:02:03`.
pub fn clock(seconds: f64) -> String {
    let s = seconds.clamp(0.0, 359_999.0).ceil() as u64;
    let (hours, minutes, s) = (s / 3_600, s / 60 % 60, s % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{s:02}") } else { format!("{minutes}:{s:02}") }
}

/// `87.5 %` of a share between 0 and 1; a hundred only when it is whole.
pub fn percent(share: f64) -> String {
    let tenths = (share.clamp(0.0, 1.0) * 1_000.0).floor() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0} %") } else { format!("{tenths:.1} %") }
}

/// The date of an RFC 3339 time, where the text is one.
pub fn date(created: &str) -> Option<&str> {
    let date = created.get(..10)?;
    let shape = |(i, b): (usize, u8)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
    date.bytes().enumerate().all(shape).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_three_figures() {
        for (n, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.00 kB"),
            (10_240, "10.2 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (1_563_000_000, "1.56 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(n), text);
        }
        assert_eq!(signed_bytes(-2_048), "−2.05 kB");
        assert_eq!(signed_bytes(0), "±0 B");
    }

    #[test]
    fn counts_times_and_shares() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(clock(6.2), "0:07");
        assert_eq!(clock(3_723.0), "1:02:03");
        assert_eq!(percent(0.9999), "99.9 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[test]
    fn a_date_is_taken_only_from_what_looks_like_one() {
        assert_eq!(date("2024-05-01T10:00:00Z"), Some("2024-05-01"));
        assert_eq!(date("yesterday afternoon"), None);
        assert_eq!(date("2024"), None);
    }
}
