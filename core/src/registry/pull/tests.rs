//! A registry that lies, in a script: what each lie is answered with.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use serde_json::json;

use super::{
    error::{Problem, PullError, What},
    event::{Action, Event, Why},
    *,
};
use crate::registry::{
    accept::Accept,
    choose::default_platform,
    http::{Headers, Request},
};

const BASE: &str = "http://localhost:5000";
const X: &str = "localhost:5000/x:1";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What one request is answered with.
#[derive(Clone, Debug)]
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Regular,
    /// The connection drops after the body.
    Drop,
    /// No response at all.
    Nothing,
}

impl Reply {
    fn ok(body: &[u8]) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), end: End::Regular }
    }

    fn status(status: u16) -> Self {
        Self { status, ..Self::ok(b"") }
    }

    fn nothing() -> Self {
        Self { end: End::Nothing, ..Self::ok(b"") }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn dropped(self) -> Self {
        Self { end: End::Drop, ..self }
    }
}

/// An honest registry of one image `x:1` behind an index, by path.
struct Registry {
    files: BTreeMap<String, Vec<u8>>,
    layers: Vec<Vec<u8>>,
    index: Digest,
    manifest: Digest,
    config: Digest,
    /// Answers that come first, by path, in their order.
    lies: RefCell<HashMap<String, Vec<Reply>>>,
}

impl Registry {
    fn new(layers: &[&str]) -> Self {
        let layers: Vec<Vec<u8>> = layers.iter().map(|layer| layer.as_bytes().to_vec()).collect();
        let digests: Vec<Digest> = layers.iter().map(|layer| Digest::sha256(layer)).collect();
        let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": digests}});
        let config = config.to_string().into_bytes();
        let descriptors: Vec<_> = layers
            .iter()
            .map(|layer| json!({"digest": Digest::sha256(layer), "size": layer.len(), "mediaType": "x.tar"}))
            .collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": descriptors, "config": {
            "digest": Digest::sha256(&config), "size": config.len(),
            "mediaType": "application/vnd.oci.image.config.v1+json"}});
        let manifest = manifest.to_string().into_bytes();
        let index = json!({"schemaVersion": 2, "manifests": [
            {"digest": Digest::sha256(b"arm"), "size": 3, "mediaType": OCI_MANIFEST,
             "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": Digest::sha256(&manifest), "size": manifest.len(), "mediaType": OCI_MANIFEST,
             "platform": {"os": "linux", "architecture": "amd64"}}]});
        let index = index.to_string().into_bytes();
        let digest = |bytes: &[u8]| Digest::sha256(bytes);
        let mut files = BTreeMap::from([
            ("/v2/x/manifests/1".to_owned(), index.clone()),
            (format!("/v2/x/manifests/{}", digest(&index)), index.clone()),
            (format!("/v2/x/manifests/{}", digest(&manifest)), manifest.clone()),
            (format!("/v2/x/blobs/{}", digest(&config)), config.clone()),
        ]);
        files.extend(layers.iter().map(|layer| (format!("/v2/x/blobs/{}", digest(layer)), layer.clone())));
        let (index, manifest, config) = (digest(&index), digest(&manifest), digest(&config));
        Self { files, layers, index, manifest, config, lies: RefCell::default() }
    }

    fn lie(self, path: &str, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.lies.borrow_mut().entry(path.to_owned()).or_default().extend(replies);
        self
    }

    fn blob_path(&self, layer: usize) -> String {
        format!("/v2/x/blobs/{}", Digest::sha256(&self.layers[layer]))
    }

    fn answer(&self, request: &Request) -> Reply {
        let path = request.address.strip_prefix(BASE).unwrap_or(&request.address);
        let mut lies = self.lies.borrow_mut();
        if let Some(lies) = lies.get_mut(path).filter(|lies| !lies.is_empty()) {
            return lies.remove(0);
        }
        match (self.files.get(path), request.range) {
            (None, _) => Reply::status(404),
            (Some(file), None) => Reply::ok(file),
            (Some(file), Some(range)) => {
                let bytes = &file[range.first as usize..=range.last as usize];
                Reply { status: 206, ..Reply::ok(bytes) }
            }
        }
    }
}

/// What came of a pull.
#[derive(Debug, Default)]
struct Outcome {
    requests: Vec<Request>,
    events: Vec<Event>,
    waits: Vec<u64>,
    /// Blobs that were kept, by position, and what is half written.
    store: BTreeMap<usize, Vec<u8>>,
    parts: BTreeMap<usize, Vec<u8>>,
    found: Option<Found>,
    error: Option<PullError>,
}

impl Outcome {
    fn problem(&self) -> &Problem {
        &self.error.as_ref().expect("it failed").problem
    }

    fn paths(&self) -> Vec<&str> {
        self.requests.iter().map(|r| r.address.strip_prefix(BASE).unwrap_or(&r.address)).collect()
    }

    fn count(&self, path: &str) -> usize {
        self.paths().iter().filter(|one| **one == path).count()
    }

    fn ranges(&self, path: &str) -> Vec<Option<u64>> {
        let to = |request: &&Request| request.address.ends_with(path);
        self.requests.iter().filter(to).map(|request| request.range.map(|range| range.first)).collect()
    }
}

fn options(reference: &str) -> Options {
    Options {
        reference: reference.parse().unwrap(),
        source: Source::api(BASE),
        platform: default_platform(),
        layers: true,
        limits: PullLimits::default(),
    }
}

fn pull(registry: &Registry) -> Outcome {
    drive(registry, options(X), BTreeMap::new(), |bytes| Ok(Digest::sha256(bytes)))
}

/// A driver of some lines: no network, no time, bodies in pieces of three bytes.
fn drive(
    registry: &Registry,
    options: Options,
    parts: BTreeMap<usize, Vec<u8>>,
    decompress: impl Fn(&[u8]) -> Result<Digest, String>,
) -> Outcome {
    let mut now = Now { millis: 1_000, chance: 0.5 };
    let mut outcome = Outcome { parts, ..Outcome::default() };
    let mut pull = Pull::new(options, now);
    let mut wake = Vec::new();
    for _ in 0..10_000 {
        let Some(action) = pull.next_action() else {
            if wake.is_empty() {
                return outcome;
            }
            let at: u64 = wake.remove(0);
            outcome.waits.push(at - now.millis);
            now.millis = at;
            pull.wake(now);
            continue;
        };
        match action {
            Action::Send { id, request } => {
                let reply = registry.answer(&request);
                outcome.requests.push(request.clone());
                if reply.end == End::Nothing {
                    pull.failed(id, now);
                    continue;
                }
                let head =
                    Head { status: reply.status, address: request.address, headers: Headers(reply.headers.clone()) };
                pull.response(id, head, now);
                for piece in reply.body.chunks(3) {
                    // The machine may have asked to begin anew before it takes the first byte.
                    outcome.discard_first(&mut pull);
                    if let Some(Write { blob, offset }) = pull.data(id, piece) {
                        let part = outcome.parts.entry(blob).or_default();
                        part.truncate(offset as usize);
                        part.extend_from_slice(piece);
                    }
                }
                if reply.end == End::Drop { pull.failed(id, now) } else { pull.ended(id, now) }
            }
            Action::Abort { .. } => {}
            Action::Wake { millis } => {
                wake.push(millis);
                wake.sort_unstable();
            }
            Action::Choose => pull.fetch(|_| true),
            Action::Prepare { blob, .. } => {
                if let Some(part) = outcome.parts.get(&blob) {
                    pull.kept(blob, part);
                }
                pull.ready(blob, Ready::Fetch, now);
            }
            Action::Discard { blob } => drop(outcome.parts.remove(&blob)),
            Action::Keep { blob, .. } => {
                let bytes = outcome.parts.remove(&blob).unwrap_or_default();
                let opened = decompress(&bytes);
                outcome.store.insert(blob, bytes);
                pull.opened(blob, opened);
            }
            Action::Say(event) => outcome.events.push(event),
            Action::Done(found) => outcome.found = Some(*found),
            Action::Failed(error) => outcome.error = Some(error),
        }
    }
    panic!("the pull has no end: {:?}", outcome.events);
}

impl Outcome {
    fn discard_first(&mut self, pull: &mut Pull) {
        let actions: Vec<Action> = std::iter::from_fn(|| pull.next_action()).collect();
        for action in actions {
            match action {
                Action::Discard { blob } => drop(self.parts.remove(&blob)),
                other => pull.actions.push_back(other),
            }
        }
    }
}

#[test]
fn an_honest_registry_gives_index_manifest_config_and_layers_in_seven_steps() {
    let registry = Registry::new(&["base layer", "top"]);
    let outcome = pull(&registry);
    let found = outcome.found.as_ref().unwrap();
    assert_eq!(
        (found.digest(), &found.manifest.digest, &found.image_id.0),
        (&registry.index, &registry.manifest, &registry.config)
    );
    assert_eq!(outcome.store.values().collect::<Vec<_>>(), registry.layers.iter().collect::<Vec<_>>());
    let accepts: Vec<_> = outcome.requests.iter().map(|request| request.accept).collect();
    assert_eq!(accepts, [Some(Accept::Index), Some(Accept::Manifest), None, None, None]);
    assert!(outcome.requests.iter().all(|request| !request.needs_preflight()));
    let told: Vec<&str> = outcome
        .events
        .iter()
        .map(|event| match event {
            Event::Asked { .. } => "asked",
            Event::Index { .. } => "index",
            Event::Manifest { .. } => "manifest",
            Event::Config { .. } => "config",
            Event::Fetching { .. } => "fetching",
            Event::Verified { .. } => "verified",
            Event::Opened { .. } => "opened",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told[..6], ["asked", "index", "asked", "manifest", "asked", "config"]);
    assert_eq!(told.iter().filter(|word| **word == "opened").count(), 2);
}

#[test]
fn a_blob_that_several_layers_share_comes_once() {
    let registry = Registry::new(&["same", "other", "same"]);
    let outcome = pull(&registry);
    assert_eq!(outcome.found.unwrap().layers.len(), 3);
    assert_eq!(outcome.store.len(), 2);
}

#[test]
fn what_is_here_does_not_come() {
    let registry = Registry::new(&["base", "top"]);
    let now = Now { millis: 0, chance: 0.5 };
    let mut pull = Pull::new(options(X), now);
    let mut requests = Vec::new();
    while let Some(action) = pull.next_action() {
        match action {
            Action::Send { id, request } => {
                let reply = registry.answer(&request);
                requests.push(request.address);
                let head = Head { status: reply.status, ..Head::default() };
                pull.response(id, head, now);
                pull.data(id, &reply.body);
                pull.ended(id, now);
            }
            Action::Choose => pull.fetch(|_| false),
            Action::Done(found) => {
                assert_eq!((found.layers.len(), requests.len()), (2, 3));
                return;
            }
            _ => {}
        }
    }
    panic!("not done");
}

#[test]
fn a_document_of_another_digest_is_not_even_parsed() {
    let honest = Registry::new(&["base"]);
    let path = format!("/v2/x/manifests/{}", honest.manifest);
    let mut wrong = honest.files[&path].clone();
    wrong[0] = b'[';
    let (expected, found) = (honest.manifest.clone(), Digest::sha256(&wrong));
    let outcome = pull(&honest.lie(&path, [Reply::ok(&wrong)]));
    assert_eq!(*outcome.problem(), Problem::Digest { expected, found });
    assert_eq!(outcome.store.len(), 0);
}

#[test]
fn a_tag_promises_no_digest_but_the_registry_may_contradict_itself() {
    let registry = Registry::new(&["base"]);
    let index = registry.files["/v2/x/manifests/1"].clone();
    let other = Digest::sha256(b"other").to_string();
    let lie = Reply::ok(&index).header("docker-content-digest", &other);
    let found = registry.index.clone();
    let outcome = pull(&registry.lie("/v2/x/manifests/1", [lie]));
    assert_eq!(*outcome.problem(), Problem::DigestHeader { expected: other, found });
}

#[test]
fn a_wrong_blob_is_thrown_away() {
    let registry = Registry::new(&["base"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, [Reply::ok(b"evil")]));
    assert_eq!(
        *outcome.problem(),
        Problem::Digest { expected: Digest::sha256(b"base"), found: Digest::sha256(b"evil") }
    );
    assert!(outcome.store.is_empty() && outcome.parts.is_empty());
}

#[test]
fn a_blob_that_breaks_off_is_continued_by_range_where_it_broke_off() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, [Reply::ok(b"01234").dropped()]));
    assert_eq!(outcome.ranges(&path), [None, Some(5)]);
    assert_eq!(outcome.store[&0], b"0123456789");
    assert!(outcome.events.iter().any(|e| matches!(e, Event::Waiting { why: Why::Dropped, millis: 500, .. })));
}

#[test]
fn a_blob_that_always_breaks_off_after_a_few_bytes_still_ends_and_one_that_gains_nothing_gives_up() {
    let registry = Registry::new(&["0123456789abcdef"]);
    let path = registry.blob_path(0);
    let partial = |bytes: &[u8]| Reply { status: 206, ..Reply::ok(bytes) }.dropped();
    let drops = [&b"012"[..], b"345", b"678", b"9ab", b"cde"].map(partial);
    assert!(pull(&registry.lie(&path, drops)).found.is_some());

    let registry = Registry::new(&["0123456789"]);
    let empty = std::iter::repeat_n(Reply { status: 206, ..Reply::ok(b"") }, 9);
    let lie = std::iter::once(Reply::ok(b"0123").header("Content-Length", "4")).chain(empty);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, lie));
    assert_eq!(*outcome.problem(), Problem::Truncated { expected: 10, found: 4, promised: None });
    assert_eq!(outcome.waits, [500, 1000, 2000, 4000]);
    // The half is kept, as a half.
    assert_eq!((outcome.store.len(), outcome.parts[&0].as_slice()), (0, &b"0123"[..]));
}

#[test]
fn a_server_that_ignores_ranges_and_cuts_every_answer_is_given_up() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, std::iter::repeat_n(Reply::ok(b"0123"), 99)));
    assert_eq!(*outcome.problem(), Problem::Truncated { expected: 10, found: 4, promised: None });
    assert_eq!(outcome.count(&path), 5);
}

#[test]
fn a_wrong_content_length_is_named() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let lies = std::iter::repeat_n(Reply::ok(b"").header("Content-Length", "7"), 9);
    let outcome = pull(&registry.lie(&path, lies));
    assert_eq!(outcome.problem().to_string(), "0 of 10 bytes came; the response declared 7");
}

#[test]
fn a_server_that_ignores_ranges_is_taken_begin_anew() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, [Reply::ok(b"01234").dropped(), Reply::ok(b"0123456789")]));
    assert_eq!(outcome.store[&0], b"0123456789");
    assert!(outcome.events.contains(&Event::FromTheStart { blob: 0 }));
}

#[test]
fn pieces_that_do_not_fit_together_are_fetched_whole_once() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, [Reply::ok(b"XXXXX").dropped()]));
    assert_eq!(outcome.ranges(&path), [None, Some(5), None]);
    assert_eq!(outcome.store[&0], b"0123456789");

    // So is what an earlier pull left behind.
    let registry = Registry::new(&["0123456789"]);
    let parts = BTreeMap::from([(0, b"01234".to_vec())]);
    let ok = |bytes: &[u8]| Ok(Digest::sha256(bytes));
    let outcome = drive(&registry, options(X), parts, ok);
    assert_eq!(outcome.ranges(&path), [Some(5)]);
    assert_eq!(outcome.store[&0], b"0123456789");
    let parts = BTreeMap::from([(0, b"wrong".to_vec())]);
    let outcome = drive(&registry, options(X), parts, ok);
    assert_eq!(outcome.ranges(&path), [Some(5), None]);
    let parts = BTreeMap::from([(0, b"much longer than it can be".to_vec())]);
    let outcome = drive(&registry, options(X), parts, ok);
    assert_eq!((outcome.ranges(&path), outcome.store[&0].as_slice()), (vec![None], &b"0123456789"[..]));
}

#[test]
fn a_range_that_cannot_be_satisfied_begins_anew_once() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, [Reply::ok(b"01234").dropped(), Reply::status(416)]));
    assert_eq!(outcome.ranges(&path), [None, Some(5), None]);
    assert!(outcome.found.is_some());
}

#[test]
fn an_endless_body_is_cut_at_the_declared_size() {
    let registry = Registry::new(&["0123456789"]);
    let path = registry.blob_path(0);
    let outcome = pull(&registry.lie(&path, [Reply::ok(&[b'x'; 5_000])]));
    assert_eq!(*outcome.problem(), Problem::TooLong { limit: 10 });
    assert!(outcome.store.is_empty() && outcome.parts.is_empty());

    let registry = Registry::new(&["base"]);
    let mut options = options(X);
    options.limits.manifest_bytes = 1_000;
    let registry = registry.lie("/v2/x/manifests/1", [Reply::ok(&[b' '; 5_000])]);
    let outcome = drive(&registry, options, BTreeMap::new(), |_| unreachable!());
    assert_eq!(*outcome.problem(), Problem::TooLong { limit: 1_000 });
}

#[test]
fn a_redirect_loop_ends() {
    let registry = Registry::new(&["base"]);
    let path = registry.blob_path(0);
    let around = std::iter::repeat_n(Reply::status(307).header("Location", &path), 99);
    let outcome = pull(&registry.lie(&path, around));
    assert_eq!(*outcome.problem(), Problem::Redirects { limit: 5 });
    assert_eq!(outcome.count(&path), 6);

    let registry = Registry::new(&["base"]);
    let nowhere = Reply::status(302).header("Location", "javascript:alert(1)");
    let problem = pull(&registry.lie(&path, [nowhere])).error.unwrap().to_string();
    assert!(problem.ends_with("a redirect to javascript:alert(1), which is no web address"), "{problem}");
}

#[test]
fn a_busy_registry_says_when_to_come_back() {
    let registry = Registry::new(&["base"]);
    let path = registry.blob_path(0);
    let busy = [
        Reply::status(429).header("Retry-After", "7"),
        Reply::status(503).header("retry-after", "3"),
        Reply::status(502),
    ];
    let outcome = pull(&registry.lie(&path, busy));
    assert_eq!(outcome.waits, [7_000, 3_000, 2_000]);
    assert!(outcome.found.is_some());

    let registry = Registry::new(&["base"]);
    let long = Reply::status(429).header("Retry-After", "3600");
    let outcome = pull(&registry.lie("/v2/x/manifests/1", [long]));
    assert_eq!(outcome.problem().to_string(), "too many requests: ask again in 3600 s");

    let registry = Registry::new(&["base"]);
    let always = std::iter::repeat_n(Reply::status(503), 99);
    let outcome = pull(&registry.lie("/v2/x/manifests/1", always));
    assert_eq!((outcome.waits.len(), outcome.count("/v2/x/manifests/1")), (4, 5));
    assert_eq!(*outcome.problem(), Problem::Status { status: 503, said: None });
}

#[test]
fn an_opaque_failure_is_tried_once_more_and_is_then_for_the_doctor() {
    let registry = Registry::new(&["base"]);
    let outcome = pull(&registry.lie("/v2/x/manifests/1", [Reply::nothing(), Reply::nothing()]));
    assert_eq!((outcome.problem(), outcome.requests.len()), (&Problem::Opaque, 2));
    assert!(outcome.problem().is_for_the_doctor());
    let registry = Registry::new(&["base"]);
    assert!(pull(&registry.lie("/v2/x/manifests/1", [Reply::nothing()])).found.is_some());
}

#[test]
fn a_challenge_is_answered_with_a_token_for_all_that_follows() {
    let challenge = || {
        let header = r#"Bearer realm="https://auth.example/token",service="r",scope="repository:x:pull""#;
        Reply::status(401).header("WWW-Authenticate", header)
    };
    let token_address = "https://auth.example/token?service=r&scope=repository:x:pull";
    let token = || Reply::ok(br#"{"token":"secret","expires_in":60}"#);
    let registry = Registry::new(&["base"]).lie("/v2/x/manifests/1", [challenge()]).lie(token_address, [token()]);
    let outcome = pull(&registry);
    assert!(outcome.found.is_some());
    assert_eq!(outcome.paths()[..3], ["/v2/x/manifests/1", token_address, "/v2/x/manifests/1"]);
    let carried: Vec<_> = outcome.requests.iter().map(|r| r.authorization.as_deref()).collect();
    assert_eq!(carried[..2], [None, None]);
    assert!(carried[2..].iter().all(|header| *header == Some("Bearer secret")));

    // A fresh token that is refused is a refusal, and not a reason to ask for ever.
    let registry = Registry::new(&["base"])
        .lie("/v2/x/manifests/1", [challenge(), challenge(), challenge()])
        .lie(token_address, [token(), token()]);
    let outcome = pull(&registry);
    assert_eq!(*outcome.problem(), Problem::Denied { said: None });

    let registry = Registry::new(&["base"]).lie("/v2/x/manifests/1", [Reply::status(401)]);
    assert_eq!(*pull(&registry).problem(), Problem::ChallengeHidden);
    let basic = Reply::status(401).header("WWW-Authenticate", "Basic realm=x");
    let registry = Registry::new(&["base"]).lie("/v2/x/manifests/1", [basic]);
    assert_eq!(*pull(&registry).problem(), Problem::Scheme { scheme: "Basic".into() });
}

#[test]
fn a_token_that_expires_in_the_middle_is_renewed_and_never_follows_a_redirect() {
    let registry = Registry::new(&["base"]);
    let challenge = || Reply::status(401).header("WWW-Authenticate", "Bearer realm=\"/token\"");
    let token_address = format!("{BASE}/token?scope=repository:x:pull");
    let token = |token: &str| Reply::ok(format!(r#"{{"token":"{token}"}}"#).as_bytes());
    let storage = "https://storage.example/base?signed";
    let path = registry.blob_path(0);
    let registry = registry
        .lie("/v2/x/manifests/1", [challenge()])
        .lie("/token?scope=repository:x:pull", [token("one"), token("two")])
        .lie(&path, [challenge(), Reply::status(307).header("Location", storage)])
        .lie(storage, [Reply::ok(b"base")]);
    let outcome = pull(&registry);
    assert!(outcome.found.is_some(), "{:?}", outcome.error);
    assert_eq!(outcome.requests.iter().filter(|r| r.address == token_address).count(), 2);
    let last = outcome.requests.last().unwrap();
    assert_eq!((last.address.as_str(), &last.authorization), (storage, &None));
}

#[test]
fn a_registry_that_does_not_know_indexes_is_asked_for_a_manifest() {
    let registry = Registry::new(&["base"]);
    let manifest = registry.files[&format!("/v2/x/manifests/{}", registry.manifest)].clone();
    // The digest that distribution states is that of a part of the rewritten document.
    let schema_1 = Reply::ok(br#"{"schemaVersion":1,"fsLayers":[]}"#)
        .header("Docker-Content-Digest", &Digest::sha256(b"payload").to_string());
    for first in [Reply::status(404), Reply::status(406), schema_1] {
        let registry = Registry::new(&["base"]).lie("/v2/x/manifests/1", [first, Reply::ok(&manifest)]);
        let outcome = pull(&registry);
        assert_eq!(outcome.found.unwrap().digest(), &registry.manifest);
        let accepts: Vec<_> = outcome.requests.iter().take(2).map(|request| request.accept).collect();
        assert_eq!(accepts, [Some(Accept::Index), Some(Accept::Manifest)]);
    }
    let said = Reply { body: br#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#.to_vec(), ..Reply::status(404) };
    let registry = Registry::new(&["base"]).lie("/v2/x/manifests/1", [said.clone(), said]);
    assert_eq!(pull(&registry).problem().to_string(), "not found (NAME_UNKNOWN)");
}

#[test]
fn a_layer_that_decompresses_to_something_else_makes_no_image() {
    let registry = Registry::new(&["base", "top"]);
    let outcome = drive(&registry, options(X), BTreeMap::new(), |bytes| match bytes {
        b"top" => Ok(Digest::sha256(b"other")),
        bytes => Ok(Digest::sha256(bytes)),
    });
    let (expected, found) = (Digest::sha256(b"top"), Digest::sha256(b"other"));
    assert_eq!(*outcome.problem(), Problem::DiffId { layer: 1, expected, found });
    assert!(outcome.found.is_none());
}

#[test]
fn what_is_no_image_is_named() {
    let lie = |document: serde_json::Value| {
        let registry = Registry::new(&["base"]);
        let outcome = pull(&registry.lie("/v2/x/manifests/1", [Reply::ok(document.to_string().as_bytes())]));
        outcome.problem().to_string()
    };
    let digest = Digest::sha256(b"");
    let config = |media_type: &str| json!({"mediaType": media_type, "digest": digest, "size": 1});
    assert_eq!(
        lie(json!({"config": config("application/vnd.cncf.helm.config.v1+json"), "layers": []})),
        "no file system image but application/vnd.cncf.helm.config.v1+json"
    );
    assert_eq!(lie(json!([])), "it is a list where an object is expected");
    assert_eq!(lie(json!({"a": 1})), "it is neither an index nor a manifest");
    assert_eq!(lie(json!({"config": {}, "layers": []})), "a descriptor has no usable digest");
    assert_eq!(
        lie(json!({"config": config(""), "layers": [{"digest": "blake3:ab", "size": 1}]})),
        "blake3:ab cannot be computed here, so nothing would be verified"
    );
    let riscv = json!([{"digest": digest, "size": 1, "platform": {"os": "linux", "architecture": "riscv64"}}]);
    assert_eq!(lie(json!({"manifests": riscv})), "there is none for linux/amd64; there are linux/riscv64");
}

#[test]
fn a_layout_is_pulled_by_its_files() {
    let registry = Registry::new(&["base"]);
    let hex = |digest: &Digest| format!("/l/blobs/sha256/{}", digest.encoded());
    let index = registry.files["/v2/x/manifests/1"].clone();
    let entry = |name: &str| {
        json!({"digest": registry.index, "size": index.len(),
            "annotations": {"org.opencontainers.image.ref.name": name}})
    };
    let list = json!({"manifests": [entry("1.0"), entry("x:1")]});
    let mut files = BTreeMap::from([("/l/index.json".to_owned(), list.to_string().into_bytes())]);
    for (path, bytes) in &registry.files {
        if let Some((_, digest)) = path.rsplit_once("sha256:") {
            files.insert(hex(&format!("sha256:{digest}").parse().unwrap()), bytes.clone());
        }
    }
    let layout = Registry { files, ..registry };
    let options = |reference| Options { source: Source::layout(&format!("{BASE}/l/")), ..options(reference) };
    let ok = |bytes: &[u8]| Ok(Digest::sha256(bytes));
    for reference in ["x:1", "whatever:1.0"] {
        let outcome = drive(&layout, options(reference), BTreeMap::new(), ok);
        assert_eq!(outcome.found.unwrap().digest(), &layout.index);
        assert!(outcome.requests.iter().all(|request| request.accept.is_none()));
    }
    let outcome = drive(&layout, options("x:2"), BTreeMap::new(), ok);
    assert_eq!(outcome.problem().to_string(), "no such tag; there are 1.0, x:1");
}

#[test]
fn a_cancelled_pull_aborts_and_says_nothing_more() {
    let now = Now { millis: 0, chance: 0.0 };
    let mut pull = Pull::new(options(X), now);
    let sent: Vec<Action> = std::iter::from_fn(|| pull.next_action()).collect();
    let Some(Action::Send { id, .. }) = sent.last() else { panic!("{sent:?}") };
    pull.cancel();
    assert_eq!(pull.next_action(), Some(Action::Abort { id: *id }));
    pull.failed(*id, now);
    pull.wake(now);
    assert_eq!(pull.next_action(), None);
}

#[test]
fn the_error_of_a_blob_says_which() {
    let registry = Registry::new(&["base", "top"]);
    let path = registry.blob_path(1);
    let outcome = pull(&registry.lie(&path, [Reply::status(403)]));
    let error = outcome.error.unwrap();
    assert_eq!((error.what, error.address), (What::Blob(1), format!("{BASE}{path}")));
}
