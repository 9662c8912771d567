//! Bytes as hex, sixteen a line.

use std::fmt::Write;

/// Lines of offset, bytes and text. `offset` is that of the first byte in its file.
pub fn lines(bytes: &[u8], offset: u64) -> String {
    let mut out = String::with_capacity(bytes.len() * 5);
    for (number, line) in bytes.chunks(16).enumerate() {
        let _ = write!(out, "{:08x}  ", offset + number as u64 * 16);
        for at in 0..16 {
            let _ = match line.get(at) {
                Some(byte) => write!(out, "{byte:02x} "),
                None => write!(out, "   "),
            };
            if at == 7 {
                out.push(' ');
            }
        }
        let shown = |&byte: &u8| if (0x20..0x7f).contains(&byte) { byte as char } else { '·' };
        out.push(' ');
        out.extend(line.iter().map(shown));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_sixteen_bytes_twice() {
        assert_eq!(
            lines(b"\x7fELF\0abcdefghijklm", 0x40),
            "00000040  7f 45 4c 46 00 61 62 63  64 65 66 67 68 69 6a 6b  ·ELF·abcdefghijk\n\
             00000050  6c 6d                                             lm\n"
        );
    }
}
