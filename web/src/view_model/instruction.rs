//! The instruction that made a layer, as its author wrote it.

use layerlab_core::display::harmless_text;

/// `created_by` without what builders wrap around it, made harmless: the classic builder writes
/// `/bin/sh -c #(nop) ADD …` and `/bin/sh -c apt …`, BuildKit `RUN /bin/sh -c apt … # buildkit`.
pub fn plain(created_by: &str) -> String {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
    if let Some(rest) = text.strip_prefix("/bin/sh -c #(nop)") {
        return harmless_text(rest.trim_start());
    }
    if let Some(rest) = text.strip_prefix("RUN ") {
        return harmless_text(&format!("RUN {}", strip_shell(rest)));
    }
    match strip_shell(text) {
        rest if rest.len() < text.len() => harmless_text(&format!("RUN {rest}")),
        text => harmless_text(text),
    }
}

/// Arguments are written as `|1 NAME=value /bin/sh -c …`.
fn strip_shell(text: &str) -> &str {
    const SHELL: &str = "/bin/sh -c ";
    let args = text.starts_with('|').then(|| text.find(SHELL)).flatten();
    match args {
        Some(at) => &text[at + SHELL.len()..],
        None => text.strip_prefix(SHELL).unwrap_or(text),
    }
    .trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builders_wrappers_fall_away() {
        for (created_by, shown) in [
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD [\"bash\"]"),
            ("/bin/sh -c #(nop) ADD file:ab in / ", "ADD file:ab in /"),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
            ("|1 V=2 /bin/sh -c make", "RUN make"),
            ("COPY /app /app # buildkit", "COPY /app /app"),
            ("umoci insert", "umoci insert"),
            ("", ""),
        ] {
            assert_eq!(plain(created_by), shown);
        }
    }

    #[test]
    fn an_instruction_is_hostile_text() {
        assert_eq!(plain("RUN a\u{202e}b\n<img>"), "RUN a\\u{202e}b\\n<img>");
    }
}
