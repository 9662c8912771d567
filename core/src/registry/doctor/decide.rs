//! From outcomes to causes: the questions in the order in which a request meets the answers.

use super::{Cause, Diagnosis, Examination, Network, Outcome, Probe};
use crate::registry::address::origin;

/// Names the cause where the probes decide, else the candidates.
pub fn diagnose(examination: &Examination) -> Diagnosis {
    if is_mixed_content(examination) {
        return Diagnosis::Is(Cause::MixedContent);
    }
    let outcome = |probe| examination.outcome(probe);
    match outcome(Probe::Plain) {
        Some(Outcome::Answered { status, headers, scheme }) => {
            answered(examination, *status, headers, scheme.as_deref())
        }
        _ if outcome(Probe::PlainManual) == Some(&Outcome::Redirect) => Diagnosis::Is(Cause::NoCorsOnRedirect),
        _ => match (outcome(Probe::Blind), examination.network) {
            // Same origin knows no CORS: what fails there is the network.
            (_, Network::SameOrigin) => Diagnosis::Is(Cause::Unreachable),
            (Some(Outcome::Opaque | Outcome::Answered { .. }), _) => Diagnosis::Is(Cause::NoCors),
            _ => unreachable(examination),
        },
    }
}

/// Browsers take loopback for trustworthy, whatever it speaks.
fn is_mixed_content(examination: &Examination) -> bool {
    let http = |address: &str| origin(address).is_some_and(|origin| origin.starts_with("http:"));
    !http(&examination.page.origin) && http(&examination.manifest) && examination.network != Network::Loopback
}

/// Nothing answers even to a request that reads nothing.
fn unreachable(examination: &Examination) -> Diagnosis {
    let mut causes = Vec::new();
    let tls = examination.manifest.starts_with("https:");
    let to_local = matches!(examination.network, Network::Local | Network::Loopback);
    let from_public = super::network_of(&examination.page.origin, "") == Network::Public;
    if to_local && from_public {
        causes.push(Cause::LocalNetwork);
    }
    causes.push(Cause::Unreachable);
    if tls {
        causes.push(Cause::Certificate);
    }
    match causes[..] {
        [only] => Diagnosis::Is(only),
        _ => Diagnosis::OneOf(causes),
    }
}

/// The manifest's address can be read: what does it say?
fn answered(examination: &Examination, status: u16, headers: &[String], scheme: Option<&str>) -> Diagnosis {
    let outcome = |probe| examination.outcome(probe);
    Diagnosis::Is(match status {
        200..=299 => return blob(examination),
        401 if scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case("bearer")) => Cause::Authorisation,
        401 => {
            let hidden = scheme.is_none() && !headers.iter().any(|header| header == "www-authenticate");
            match (outcome(Probe::Token), outcome(Probe::Preflighted)) {
                // Nobody knows where a token is to be had.
                (None, _) if hidden => Cause::ChallengeHidden,
                (Some(Outcome::Failed | Outcome::Silent), _) => Cause::NoCorsOnToken,
                (_, Some(Outcome::Failed | Outcome::Silent)) => Cause::PreflightRefused,
                _ => Cause::Authorisation,
            }
        }
        403 => Cause::Authorisation,
        404 => Cause::NotFound,
        429 => Cause::RateLimited,
        _ => Cause::ServerError,
    })
}

/// Manifests can be read: can blobs?
fn blob(examination: &Examination) -> Diagnosis {
    let outcome = |probe| examination.outcome(probe);
    match (outcome(Probe::Blob), outcome(Probe::BlobManual), outcome(Probe::BlobBlind)) {
        (None | Some(Outcome::Answered { status: 200..=299, .. }), ..) => Diagnosis::Is(Cause::Readable),
        (Some(Outcome::Answered { status, headers, scheme }), ..) => {
            answered_blob(examination, *status, headers, scheme.as_deref())
        }
        (_, Some(Outcome::Redirect), _) => Diagnosis::Is(Cause::NoCorsOnRedirect),
        (_, _, Some(Outcome::Opaque | Outcome::Answered { .. })) => Diagnosis::Is(Cause::NoCorsOnBlobs),
        // The storage behind a redirect may be what does not answer.
        _ => Diagnosis::OneOf(vec![Cause::NoCorsOnBlobs, Cause::NoCorsOnRedirect, Cause::Unreachable]),
    }
}

fn answered_blob(examination: &Examination, status: u16, headers: &[String], scheme: Option<&str>) -> Diagnosis {
    answered(examination, if status < 300 { 500 } else { status }, headers, scheme)
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    fn answer(status: u16) -> Outcome {
        Outcome::Answered { status, headers: Vec::new(), scheme: None }
    }

    fn challenge(scheme: &str) -> Outcome {
        Outcome::Answered { status: 401, headers: vec!["www-authenticate".into()], scheme: Some(scheme.into()) }
    }

    /// From a public page of https to a public registry.
    fn examination(probes: &[(Probe, Outcome)]) -> Examination {
        let manifest = "https://registry.example/v2/x/manifests/1".to_owned();
        let origin = "https://page.example".to_owned();
        Examination {
            network: network_of(&manifest, &origin),
            page: Page { origin, secure: true },
            blob: None,
            manifest,
            probes: probes.to_vec(),
        }
    }

    fn at(manifest: &str, page: &str, probes: &[(Probe, Outcome)]) -> Diagnosis {
        let examination = Examination {
            manifest: manifest.into(),
            network: network_of(manifest, page),
            page: Page { origin: page.into(), secure: page.starts_with("https:") },
            ..examination(probes)
        };
        diagnose(&examination)
    }

    #[test]
    fn each_pattern_of_outcomes_and_its_cause() {
        use Outcome::{Failed, Opaque, Redirect};
        use Probe::{Blind, Blob, BlobBlind, BlobManual, Plain, PlainManual, Preflighted, Token};
        for (probes, cause) in [
            (vec![(Plain, answer(200))], Cause::Readable),
            (vec![(Plain, Failed), (Blind, Opaque), (PlainManual, Failed)], Cause::NoCors),
            (vec![(Plain, Failed), (PlainManual, Redirect), (Blind, Opaque)], Cause::NoCorsOnRedirect),
            (vec![(Plain, answer(200)), (Blob, answer(200))], Cause::Readable),
            (
                vec![(Plain, answer(200)), (Blob, Failed), (BlobManual, Failed), (BlobBlind, Opaque)],
                Cause::NoCorsOnBlobs,
            ),
            (
                vec![(Plain, answer(200)), (Blob, Failed), (BlobManual, Redirect), (BlobBlind, Opaque)],
                Cause::NoCorsOnRedirect,
            ),
            (vec![(Plain, challenge("Bearer")), (Token, answer(200)), (Preflighted, Failed)], Cause::PreflightRefused),
            (vec![(Plain, challenge("Bearer")), (Token, Failed)], Cause::NoCorsOnToken),
            (
                vec![(Plain, challenge("Bearer")), (Token, answer(200)), (Preflighted, answer(401))],
                Cause::Authorisation,
            ),
            (vec![(Plain, challenge("Basic"))], Cause::Authorisation),
            (vec![(Plain, answer(401)), (Preflighted, Failed)], Cause::ChallengeHidden),
            (vec![(Plain, answer(404))], Cause::NotFound),
            (vec![(Plain, answer(429))], Cause::RateLimited),
            (vec![(Plain, answer(500))], Cause::ServerError),
        ] {
            assert_eq!(diagnose(&examination(&probes)), Diagnosis::Is(cause), "{probes:?}");
        }
    }

    #[test]
    fn where_probes_cannot_decide_the_candidates_are_named() {
        let nothing = [(Probe::Plain, Outcome::Failed), (Probe::Blind, Outcome::Failed)];
        let page = "https://page.example";
        assert_eq!(
            at("https://registry.example/v2/", page, &nothing),
            Diagnosis::OneOf(vec![Cause::Unreachable, Cause::Certificate])
        );
        assert_eq!(
            at("http://localhost:5000/v2/", page, &nothing),
            Diagnosis::OneOf(vec![Cause::LocalNetwork, Cause::Unreachable])
        );
        assert_eq!(
            at("https://192.168.0.7/v2/", page, &nothing),
            Diagnosis::OneOf(vec![Cause::LocalNetwork, Cause::Unreachable, Cause::Certificate])
        );
        let local = "http://localhost:8080";
        assert_eq!(at("http://localhost:5000/v2/", local, &nothing), Diagnosis::Is(Cause::Unreachable));
        assert_eq!(at("http://localhost:8080/v2/", local, &nothing), Diagnosis::Is(Cause::Unreachable));
    }

    #[test]
    fn a_secure_page_asks_plain_http_of_this_machine_only() {
        let failed = [(Probe::Plain, Outcome::Failed)];
        let page = "https://page.example";
        assert_eq!(at("http://registry.example/v2/", page, &failed), Diagnosis::Is(Cause::MixedContent));
        assert_eq!(at("http://192.168.0.7:5000/v2/", page, &failed), Diagnosis::Is(Cause::MixedContent));
        assert_ne!(at("http://127.0.0.1:5000/v2/", page, &failed), Diagnosis::Is(Cause::MixedContent));
        assert_ne!(at("http://registry.example/v2/", "http://page", &failed), Diagnosis::Is(Cause::MixedContent));
    }
}
