//! Sizes as people write them (`20MB`, `1.5 GiB`), read as dive's library reads them.
//!
//! Source: dustin/go-humanize, `ParseBytes`.

/// Bytes; `None` for what is no size.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.replace(',', "").parse().ok()?;
    let bytes = number * unit_bytes(&unit.trim().to_ascii_lowercase())?;
    // 2^64 is the first that does not fit; the comparison is exact in binary.
    (bytes < 18_446_744_073_709_551_616.0).then_some(bytes as u64)
}

fn unit_bytes(unit: &str) -> Option<f64> {
    if unit.is_empty() || unit == "b" {
        return Some(1.0);
    }
    let power = "kmgtpe".find(unit.chars().next()?)? as i32 + 1;
    match unit.get(1..)? {
        "" | "b" => Some(1000_f64.powi(power)),
        "i" | "ib" => Some(1024_f64.powi(power)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn decimal_and_binary_units_are_told_apart() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("42", Some(42)),
            ("20MB", Some(20_000_000)),
            ("20m", Some(20_000_000)),
            ("1.5 KiB", Some(1536)),
            ("1Ki", Some(1024)),
            ("1,000.5", Some(1000)),
            ("1 eb", Some(1_000_000_000_000_000_000)),
            ("99EB", None),
            ("MB", None),
            ("", None),
            ("-1", None),
            ("1 mbit", None),
            ("1 ké", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }
}
