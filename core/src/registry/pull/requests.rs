//! Requests on their way: redirects, tokens, and trying again.

use super::{
    super::{
        accept::Accept,
        address,
        challenge::{Bearer, Challenge, Token},
        http::{ByteRange, Head, Now, Request, RequestId},
        known,
    },
    Pull,
    documents::Wanted,
    error::{Problem, PullError, What, said},
    event::{Action, Event, Why},
};

/// Something to be brought, however many requests that takes.
#[derive(Clone, Debug)]
pub(super) struct Errand {
    pub aim: Aim,
    pub address: String,
    pub accept: Option<Accept>,
    pub range: Option<ByteRange>,
    pub redirects: u32,
    pub attempts: u32,
    /// Whether any request of it was answered at all.
    pub answered: bool,
    pub challenges: u32,
    /// The grant that the last request carried.
    pub grant: Option<u32>,
}

#[derive(Clone, Debug)]
pub(super) enum Aim {
    Document(Wanted),
    Token,
    Blob(usize),
}

/// A request that was sent.
#[derive(Debug)]
pub(super) struct Flight {
    pub errand: Errand,
    pub receiving: Receiving,
    pub head: Head,
}

#[derive(Debug)]
pub(super) enum Receiving {
    Head,
    Document {
        body: Vec<u8>,
        limit: u64,
    },
    Blob(usize),
    /// A status that ends the errand; its body may say why.
    Error {
        status: u16,
        body: Vec<u8>,
    },
}

/// A token that was granted.
#[derive(Debug)]
pub(super) struct Grant {
    /// Counts the grants of this pull.
    serial: u32,
    header: String,
    until: u64,
}

impl Errand {
    pub fn new(aim: Aim, address: String) -> Self {
        Self {
            aim,
            address,
            accept: None,
            range: None,
            redirects: 0,
            attempts: 0,
            answered: false,
            challenges: 0,
            grant: None,
        }
    }

    pub fn what(&self) -> What {
        self.aim.what()
    }
}

impl Pull {
    /// Sends a request for an errand. What was granted for the registry goes to its own origin only: the storage that
    /// a redirect leads to must not learn it, and refuses requests that carry it.
    pub(super) fn send(&mut self, mut errand: Errand, now: Now) {
        let is_token = matches!(errand.aim, Aim::Token);
        let own = !is_token && self.options.source.same_origin(&errand.address);
        let grant = self.grant.as_ref().filter(|grant| own && now.millis < grant.until);
        errand.grant = grant.map(|grant| grant.serial);
        let request = Request {
            address: errand.address.clone(),
            accept: errand.accept,
            range: errand.range,
            authorization: grant.map(|grant| grant.header.clone()),
        };
        let id = RequestId(self.next_id);
        self.next_id += 1;
        self.flights.insert(id, Flight { errand, receiving: Receiving::Head, head: Head::default() });
        self.actions.push_back(Action::Send { id, request });
    }

    pub(super) fn receive_head(&mut self, id: RequestId, head: Head, now: Now) {
        let Some(flight) = self.flights.get_mut(&id) else { return };
        flight.errand.answered = true;
        let status = head.status;
        let receiving = match (&flight.errand.aim, status) {
            (Aim::Document(wanted), 200) => {
                let limit = wanted.limit(&self.options.limits);
                Some(Receiving::Document { body: Vec::new(), limit })
            }
            (Aim::Token, 200) => Some(Receiving::Document { body: Vec::new(), limit: self.options.limits.small_bytes }),
            (Aim::Blob(blob), 200 | 206) => {
                let blob = *blob;
                self.align(blob, &head);
                Some(Receiving::Blob(blob))
            }
            (_, 301 | 302 | 303 | 307 | 308 | 401 | 408 | 425 | 429 | 500 | 502..=504) => None,
            (Aim::Document(wanted), 404 | 406) if wanted.has_other_pair(flight.errand.accept) => None,
            (Aim::Blob(_), 416) => None,
            _ => Some(Receiving::Error { status, body: Vec::new() }),
        };
        if let Some(receiving) = receiving {
            if let Some(flight) = self.flights.get_mut(&id) {
                flight.receiving = receiving;
                flight.head = head;
            }
            return;
        }
        // The body of these is not wanted.
        let Some(Flight { errand, .. }) = self.flights.remove(&id) else { return };
        self.actions.push_back(Action::Abort { id });
        match status {
            301..=308 => self.redirect(errand, &head, now),
            401 => self.challenged(errand, &head, now),
            404 | 406 => self.send(Errand { accept: Some(Accept::Manifest), ..errand }, now),
            416 => self.begin_anew(errand, now),
            _ => self.busy(errand, &head, now),
        }
    }

    fn redirect(&mut self, errand: Errand, head: &Head, now: Now) {
        let location = head.headers.first("Location").unwrap_or_default();
        let limit = self.options.limits.redirects;
        if errand.redirects >= limit {
            return self.give_up(errand, Problem::Redirects { limit });
        }
        match address::resolve(&errand.address, location) {
            None => {
                let location = location.to_owned();
                self.give_up(errand, Problem::RedirectTarget { location });
            }
            Some(address) => {
                self.say(Event::Redirected { what: errand.what(), address: address.clone() });
                self.send(Errand { address, redirects: errand.redirects + 1, ..errand }, now);
            }
        }
    }

    fn challenged(&mut self, errand: Errand, head: &Head, now: Now) {
        if matches!(errand.aim, Aim::Token) {
            return self.give_up(errand, Problem::Denied { said: None });
        }
        // A redirect ended at a server that asks for something: it is not the registry, and gets nothing.
        if !self.options.source.same_origin(&errand.address) {
            return self.give_up(errand, Problem::Denied { said: None });
        }
        if errand.challenges >= self.options.limits.challenges {
            return self.give_up(errand, Problem::Denied { said: None });
        }
        let errand = Errand { challenges: errand.challenges + 1, ..errand };
        let newer = |serial: u32| errand.grant.is_none_or(|used| used < serial);
        if self.grant.as_ref().is_some_and(|grant| newer(grant.serial) && now.millis < grant.until) {
            return self.send(errand, now);
        }
        let challenge = Challenge::best(head.headers.all("WWW-Authenticate"))
            .or_else(|| known::challenge_of(self.options.reference.domain()).map(Challenge::Bearer));
        match challenge {
            None => self.give_up(errand, Problem::ChallengeHidden),
            Some(Challenge::Basic) => self.give_up(errand, Problem::Scheme { scheme: "Basic".into() }),
            Some(Challenge::Other(scheme)) => self.give_up(errand, Problem::Scheme { scheme }),
            Some(Challenge::Bearer(bearer)) => self.ask_for_token(errand, bearer, now),
        }
    }

    /// One request for a token serves all that wait for one.
    fn ask_for_token(&mut self, errand: Errand, bearer: Bearer, now: Now) {
        let asked = !self.parked.is_empty();
        let address = errand.address.clone();
        self.parked.push(errand);
        if asked {
            return;
        }
        // A proxy may name its realm relative to itself.
        let Some(realm) = address::resolve(&address, &bearer.realm) else {
            let problem = Problem::RedirectTarget { location: bearer.realm };
            return self.fail(PullError { what: What::Token, address, problem });
        };
        self.say(Event::TokenAsked { realm: realm.clone() });
        let address = Bearer { realm: realm.clone(), ..bearer }.token_address(&self.options.reference);
        self.send(Errand::new(Aim::Token, address), now);
    }

    pub(super) fn granted(&mut self, errand: Errand, body: &[u8], now: Now) {
        let Some(Token { token, seconds }) = Token::from_document(body) else {
            return self.give_up(errand, Problem::NoToken);
        };
        let serial = self.grant.as_ref().map_or(0, |grant| grant.serial + 1);
        let until = now.millis.saturating_add(seconds.saturating_mul(1000));
        self.grant = Some(Grant { serial, header: format!("Bearer {token}"), until });
        self.say(Event::TokenGranted);
        for errand in std::mem::take(&mut self.parked) {
            self.send(errand, now);
        }
    }

    fn busy(&mut self, errand: Errand, head: &Head, now: Now) {
        let status = head.status;
        // Its other form, a date, would need the server's clock: the back-off stands in.
        let seconds = head.headers.number("Retry-After");
        let why = if status == 429 { Why::TooMany } else { Why::Busy };
        let problem = match why {
            Why::TooMany => Problem::RateLimited { seconds },
            _ => Problem::Status { status, said: None },
        };
        let limit = self.options.limits.attempts;
        self.again(errand, why, seconds.map(|seconds| seconds.saturating_mul(1000)), limit, problem, now);
    }

    /// The connection ended, before a response or inside of one.
    pub(super) fn dropped(&mut self, errand: Errand, now: Now) {
        let problem = if errand.answered { self.cut_short(&errand) } else { Problem::Opaque };
        let errand = match errand.aim {
            Aim::Blob(blob) => self.aligned(errand, blob),
            _ => errand,
        };
        let limits = &self.options.limits;
        let limit = if errand.answered { limits.attempts } else { limits.opaque_attempts };
        self.again(errand, Why::Dropped, None, limit, problem, now);
    }

    /// Waits and tries again; after the last attempt it is `problem`.
    pub(super) fn again(
        &mut self,
        errand: Errand,
        why: Why,
        wait: Option<u64>,
        limit: u32,
        problem: Problem,
        now: Now,
    ) {
        let attempts = errand.attempts + 1;
        let limits = &self.options.limits;
        if attempts >= limit || wait.is_some_and(|wait| wait > limits.patience_millis) {
            return self.give_up(errand, problem);
        }
        // Between one half and one and a half of it, so that tabs which failed together do not return together.
        let spread = |millis: u64| (millis as f64 * (0.5 + now.chance.clamp(0.0, 1.0))) as u64;
        let backed_off = limits.back_off_millis.saturating_mul(1 << errand.attempts.min(10));
        let millis = wait.unwrap_or_else(|| spread(backed_off));
        self.say(Event::Waiting { what: errand.what(), millis, why });
        let at = now.millis.saturating_add(millis);
        let address = self.address_again(&errand);
        self.waiting.push((at, Errand { attempts, address, redirects: 0, ..errand }));
        self.actions.push_back(Action::Wake { millis: at });
    }

    /// A redirect's target may be good for a minute only: the next attempt begins where the errand began.
    fn address_again(&self, errand: &Errand) -> String {
        match &errand.aim {
            Aim::Document(wanted) => wanted.address(&self.options),
            Aim::Token => errand.address.clone(),
            Aim::Blob(blob) => self.blob_address(*blob),
        }
    }

    pub(super) fn refused(&mut self, errand: Errand, status: u16, body: &[u8]) {
        let said = said(body);
        let problem = match status {
            404 | 410 => Problem::NotFound { said },
            403 => Problem::Denied { said },
            status => Problem::Status { status, said },
        };
        self.give_up(errand, problem);
    }

    pub(super) fn give_up(&mut self, errand: Errand, problem: Problem) {
        self.fail(PullError { what: errand.what(), address: errand.address, problem });
    }
}
