//! Tables, sizes and ages as Docker's command line prints them.

/// Rows as columns three blanks apart, each at least as wide as its widest field.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| {
        let fields = rows.iter().map(|row| row[column].chars().count());
        fields.chain([head[column].chars().count()]).max().unwrap_or(0) + 3
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |fields: Vec<&str>| {
        let padded: String = fields.iter().zip(&widths).map(|(field, &width)| format!("{field:<width$}")).collect();
        padded.trim_end().to_string()
    };
    std::iter::once(line(head.to_vec()))
        .chain(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())))
        .collect()
}

/// Four significant digits at most, and units of a thousand.
pub(crate) fn size(bytes: u64, digits: usize) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let whole = if value >= 100.0 {
        3
    } else if value >= 10.0 {
        2
    } else {
        1
    };
    let mut text = format!("{value:.*}", digits.saturating_sub(whole));
    if text.contains('.') {
        text = text.trim_end_matches('0').trim_end_matches('.').to_string();
    }
    format!("{text}{}", UNITS[unit])
}

/// "2 minutes", "About an hour", "3 weeks".
pub(super) fn age(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours) = (seconds / 60, seconds.saturating_add(1800) / 3600);
    match (seconds, minutes, hours) {
        (0, ..) => "Less than a second".into(),
        (1, ..) => "1 second".into(),
        (2..60, ..) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".into(),
        (_, 2..60, _) => format!("{minutes} minutes"),
        (_, _, 1) => "About an hour".into(),
        (_, _, ..48) => format!("{hours} hours"),
        (_, _, ..336) => format!("{} days", hours / 24),
        (_, _, ..1440) => format!("{} weeks", hours / 24 / 7),
        (_, _, ..17_520) => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_dockers() {
        for (bytes, shown) in [(0, "0B"), (999, "999B"), (1_000, "1kB"), (77_812_345, "77.8MB"), (1_234_567, "1.23MB")]
        {
            assert_eq!(size(bytes, 3), shown);
        }
        for (seconds, shown) in [
            (0, "Less than a second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (7_200, "2 hours"),
            (86_400 * 3, "3 days"),
            (86_400 * 21, "3 weeks"),
        ] {
            assert_eq!(age(seconds), shown);
        }
    }
}
