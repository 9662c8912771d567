//! The line to type where the browser's probes end: curl is told the truth.

use super::{Cause, Examination};
use crate::registry::{accept::Accept, reference::Reference};

/// The line that decides whether `cause` is the one, and `None` where nothing is left to decide.
pub fn curl(cause: Cause, examination: &Examination) -> Option<String> {
    let manifest = quoted(&examination.manifest);
    let accept = quoted(&format!("Accept: {}", Accept::Index.header()));
    let origin = quoted(&format!("Origin: {}", examination.page.origin));
    let headers = |address: &str| format!("curl -sS -o /dev/null -D - -H {origin} {address}");
    let blob = examination.blob.as_deref().map_or_else(|| manifest.clone(), quoted);
    match cause {
        Cause::Readable | Cause::MixedContent | Cause::LocalNetwork => None,
        Cause::Unreachable | Cause::Certificate => Some(format!("curl -sS -o /dev/null -D - {manifest}")),
        Cause::NoCors => Some(format!("curl -sS -o /dev/null -D - -H {origin} -H {accept} {manifest}")),
        Cause::NoCorsOnBlobs => Some(headers(&blob)),
        Cause::NoCorsOnRedirect => Some(format!("curl -sSL -o /dev/null -D - -H {origin} {blob}")),
        Cause::PreflightRefused => Some(format!(
            "curl -sS -o /dev/null -D - -X OPTIONS -H {origin} -H 'Access-Control-Request-Method: GET' \
             -H 'Access-Control-Request-Headers: authorization' {manifest}"
        )),
        Cause::ChallengeHidden | Cause::NoCorsOnToken | Cause::Authorisation => Some(headers(&manifest)),
        Cause::NotFound | Cause::RateLimited | Cause::ServerError => {
            Some(format!("curl -sS -D - -H {accept} {manifest}"))
        }
    }
}

/// For a POSIX shell. What stands in quotes is inert, whatever a reference or an address holds.
pub(super) fn quoted(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/@=+,%".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The file that `skopeo` and `docker save` are told to write.
pub(super) fn archive_name(reference: &Reference) -> String {
    let last = reference.path().rsplit('/').next().unwrap_or("image");
    let tag = reference.tag().map(|tag| format!("-{tag}")).unwrap_or_default();
    format!("{last}{tag}.tar")
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    #[test]
    fn the_line_asks_as_the_page_would() {
        let examination = Examination {
            page: Page { origin: "https://page.example".into(), secure: true },
            manifest: "https://registry.example/v2/x/manifests/1".into(),
            blob: Some("https://registry.example/v2/x/blobs/a?b&c".into()),
            network: Network::Public,
            probes: Vec::new(),
        };
        let line = |cause| curl(cause, &examination).unwrap();
        assert_eq!(
            line(Cause::PreflightRefused),
            "curl -sS -o /dev/null -D - -X OPTIONS -H 'Origin: https://page.example' \
             -H 'Access-Control-Request-Method: GET' -H 'Access-Control-Request-Headers: authorization' \
             https://registry.example/v2/x/manifests/1"
        );
        assert_eq!(
            line(Cause::NoCorsOnBlobs),
            "curl -sS -o /dev/null -D - -H 'Origin: https://page.example' 'https://registry.example/v2/x/blobs/a?b&c'"
        );
        assert_eq!(curl(Cause::MixedContent, &examination), None);
        assert_eq!(quoted("a'; rm -rf ~"), r"'a'\''; rm -rf ~'");
    }
}
