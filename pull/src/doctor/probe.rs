//! The same address asked in several ways, each of which a browser answers for another reason.

use std::time::Duration;

use js_sys::Array;
use layerlab_core::registry::{
    accept::Accept,
    address::origin,
    challenge::{Bearer, Challenge, Token},
    doctor::{Examination, Outcome, Page, Probe, network_of},
    known,
    pull::{Found, limits::PullLimits},
    reference::Reference,
    source::Source,
};
use layerlab_core::{
    finding::Findings,
    spec::{index::ImageIndex, json::Fields, manifest::ImageManifest},
};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, RequestMode, RequestRedirect, Response, ResponseType};

const PATIENCE: Duration = Duration::from_secs(8);

/// Examines a source, a probe after the other: those that follow depend on those before.
pub async fn examine(reference: &Reference, source: &Source, found: Option<&Found>) -> Examination {
    let window = web_sys::window();
    let page = Page {
        origin: window.as_ref().and_then(|window| window.location().origin().ok()).unwrap_or_default(),
        secure: window.as_ref().is_some_and(web_sys::Window::is_secure_context),
    };
    let manifest = source.target(reference);
    let network = network_of(&manifest, &page.origin);
    let mut examination = Examination { page, manifest: manifest.clone(), blob: None, network, probes: Vec::new() };
    let plain = ask(&manifest, How::default()).await;
    let status = plain.status();
    examination.probes.push((Probe::Plain, plain.outcome.clone()));
    match status {
        None => {
            for (probe, how) in
                [(Probe::Blind, How { blind: true, ..How::default() }), (Probe::PlainManual, How::manual())]
            {
                examination.probes.push((probe, ask(&manifest, how).await.outcome));
            }
        }
        Some(401) => challenged(&mut examination, reference, &plain).await,
        Some(200..=299) => {
            let blob = match found.and_then(|found| found.layers.first()) {
                Some(layer) => Some(source.blob(reference, &layer.digest)),
                None => blob_of(reference, source, &plain.body).await,
            };
            if let Some(blob) = blob {
                examination.blob = Some(blob.clone());
                blobs(&mut examination, &blob).await;
            }
        }
        Some(_) => {}
    }
    examination
}

async fn blobs(examination: &mut Examination, blob: &str) {
    let first = How { first_byte: true, ..How::default() };
    let plain = ask(blob, first).await.outcome;
    let failed = !matches!(plain, Outcome::Answered { .. });
    examination.probes.push((Probe::Blob, plain));
    if failed {
        for (probe, how) in
            [(Probe::BlobManual, How::manual()), (Probe::BlobBlind, How { blind: true, ..How::default() })]
        {
            examination.probes.push((probe, ask(blob, how).await.outcome));
        }
    }
}

/// The token server, and whether the registry lets a token through.
async fn challenged(examination: &mut Examination, reference: &Reference, plain: &Asked) {
    let said = plain.challenge.clone().or_else(|| known::challenge_of(reference.domain()).map(Challenge::Bearer));
    let Some(Challenge::Bearer(bearer)) = said else { return };
    let address = examination.manifest.clone();
    let realm = layerlab_core::registry::address::resolve(&address, &bearer.realm).unwrap_or_default();
    let asked = ask(&Bearer { realm, ..bearer }.token_address(reference), How::default()).await;
    let token = Token::from_document(&asked.body).map(|token| token.token);
    examination.probes.push((Probe::Token, asked.outcome));
    let token = token.unwrap_or_else(|| "none".into());
    let preflighted = ask(&address, How { token: Some(token), ..How::default() }).await;
    examination.probes.push((Probe::Preflighted, preflighted.outcome));
}

/// A blob that a manifest names: the first layer of the manifest itself, or of the first that an index lists.
async fn blob_of(reference: &Reference, source: &Source, body: &[u8]) -> Option<String> {
    let mut findings = Findings::new(1);
    let mut text = body.to_vec();
    for _ in 0..PullLimits::default().nesting {
        let value: Value = serde_json::from_slice(&text).ok()?;
        let object = value.as_object()?;
        let mut fields = Fields::new(b"", &mut findings);
        if let Some(index) = ImageIndex::from_json(object, &mut fields) {
            let listed = index.manifests.into_iter().find(|manifest| !manifest.is_attestation())?;
            let address = source.manifest(reference, &listed.digest?);
            text = ask(&address, How { accept: Accept::Manifest, ..How::default() }).await.body;
            continue;
        }
        let manifest = ImageManifest::from_json(object, &mut fields)?;
        return Some(source.blob(reference, manifest.layers.into_iter().next()?.digest.as_ref()?));
    }
    None
}

struct How {
    accept: Accept,
    blind: bool,
    manual: bool,
    first_byte: bool,
    token: Option<String>,
}

impl Default for How {
    fn default() -> Self {
        Self { accept: Accept::Index, blind: false, manual: false, first_byte: false, token: None }
    }
}

impl How {
    fn manual() -> Self {
        Self { manual: true, ..Self::default() }
    }
}

/// What came of one probe.
struct Asked {
    outcome: Outcome,
    challenge: Option<Challenge>,
    body: Vec<u8>,
}

impl Asked {
    fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered { status, .. } => Some(status),
            _ => None,
        }
    }
}

async fn ask(address: &str, how: How) -> Asked {
    let nothing = |outcome| Asked { outcome, challenge: None, body: Vec::new() };
    let Ok(abort) = AbortController::new() else { return nothing(Outcome::Failed) };
    let timeout = {
        let abort = abort.clone();
        gloo_timers::callback::Timeout::new(PATIENCE.as_millis() as u32, move || abort.abort())
    };
    let answer = fetch(address, &how, &abort).await;
    let silent = abort.signal().aborted();
    drop(timeout);
    match answer {
        Err(_) => nothing(if silent { Outcome::Silent } else { Outcome::Failed }),
        Ok(response) => match response.type_() {
            ResponseType::Opaque => nothing(Outcome::Opaque),
            ResponseType::Opaqueredirect => nothing(Outcome::Redirect),
            _ => answered(response, &how).await,
        },
    }
}

async fn fetch(address: &str, how: &How, abort: &AbortController) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    init.set_mode(if how.blind { RequestMode::NoCors } else { RequestMode::Cors });
    init.set_redirect(if how.manual { RequestRedirect::Manual } else { RequestRedirect::Follow });
    let headers = web_sys::Headers::new()?;
    headers.append("Accept", how.accept.header())?;
    if how.first_byte {
        headers.append("Range", "bytes=0-0")?;
    }
    if let Some(token) = &how.token {
        headers.append("Authorization", &format!("Bearer {token}"))?;
    }
    init.set_headers(&headers);
    let window = web_sys::window().ok_or("no window")?;
    JsFuture::from(window.fetch_with_str_and_init(address, &init)).await?.dyn_into()
}

async fn answered(response: Response, how: &How) -> Asked {
    let mut names = Vec::new();
    let entries = js_sys::try_iter(&response.headers()).ok().flatten();
    for entry in entries.into_iter().flatten().filter_map(Result::ok) {
        names.extend(entry.dyn_ref::<Array>().and_then(|pair| pair.get(0).as_string()));
    }
    let header = response.headers().get("WWW-Authenticate").ok().flatten();
    let challenge = Challenge::best(header.as_deref().into_iter());
    let scheme = challenge.as_ref().map(|challenge| match challenge {
        Challenge::Bearer(_) => "Bearer".to_owned(),
        Challenge::Basic => "Basic".to_owned(),
        Challenge::Other(scheme) => scheme.clone(),
    });
    // Of a blob that ignores ranges not everything is wanted.
    let body = match (how.first_byte, response.array_buffer()) {
        (false, Ok(buffer)) => JsFuture::from(buffer).await.map(|it| js_sys::Uint8Array::new(&it).to_vec()),
        _ => Ok(Vec::new()),
    };
    if how.first_byte
        && let Some(stream) = response.body()
    {
        let _ = stream.cancel();
    }
    let outcome = Outcome::Answered { status: response.status(), headers: names, scheme };
    Asked { outcome, challenge, body: body.unwrap_or_default() }
}

/// Whether probing it makes sense: an address of the web.
pub fn can_examine(source: &Source) -> bool {
    origin(source.base()).is_some()
}
