//! The exchanges of a log as requests: each with the redirects that it was answered by, and its purpose.

use std::collections::{HashMap, HashSet, VecDeque};

use url::Url;

use super::exchanges::{Log, LoggedExchange};
use super::places::Place;
use crate::auth::challenge::read_challenges;
use crate::oci::Origin;
use crate::text::read_json;

/// The maximum number of redirects of one request.
const MOST_HOPS: usize = 10;

/// One request of a client.
#[derive(Debug, Clone)]
pub(super) struct LoggedRequest {
    /// The positions of its exchanges: redirects, and the answer as the last.
    pub hops: Vec<usize>,
    /// The origin that it was sent to.
    pub origin: Origin,
    /// The resource that it is for.
    pub place: Place,
    /// Whether it was sent to a token service.
    pub is_for_token: bool,
}

impl LoggedRequest {
    /// The exchange that begins it.
    pub fn first<'a>(&self, log: &'a Log) -> &'a LoggedExchange {
        &log.exchanges[self.hops[0]]
    }

    /// The exchange that ends it.
    pub fn last<'a>(&self, log: &'a Log) -> &'a LoggedExchange {
        &log.exchanges[self.hops[self.hops.len() - 1]]
    }

    /// Whether credentials or a token were sent with it.
    pub fn is_authorized(&self, log: &Log) -> bool {
        self.first(log).headers.get("authorization").is_some()
    }

    /// Whether the registry itself requires authentication.
    pub fn is_refused(&self, log: &Log) -> bool {
        self.hops.len() == 1 && self.last(log).response.as_ref().is_some_and(|response| response.status == 401)
    }

    /// The repositories in the scopes of a token request (distribution token specification, "Token Scope Documentation").
    pub fn scopes(&self, log: &Log) -> Vec<String> {
        let exchange = self.first(log);
        let form = url::form_urlencoded::parse(exchange.sent.as_bytes());
        let pairs = exchange.url.query_pairs().chain(form).filter(|(name, _)| name == "scope");
        let scopes = pairs.flat_map(|(_, value)| value.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let repository = |scope: String| {
            let rest = scope.strip_prefix("repository:")?;
            Some(rest.rsplit_once(':').map_or(rest, |(name, _)| name).to_owned())
        };
        scopes.filter_map(repository).collect()
    }
}

/// The requests of a log, in the order in which they begin.
pub(super) fn requests(log: &Log) -> Vec<LoggedRequest> {
    let realms = realms(log);
    let mut by_address: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (at, exchange) in log.exchanges.iter().enumerate() {
        by_address.entry(exchange.url.as_str()).or_default().push_back(at);
    }
    let mut is_taken = vec![false; log.exchanges.len()];
    let mut found = Vec::new();
    for (at, exchange) in log.exchanges.iter().enumerate() {
        let Some(origin) = Origin::of(&exchange.url).filter(|_| !is_taken[at]) else { continue };
        let mut hops = vec![at];
        while let Some(next) = redirect(&log.exchanges[hops[hops.len() - 1]]).filter(|_| hops.len() <= MOST_HOPS) {
            let last = hops[hops.len() - 1];
            let Some(later) = by_address.get_mut(next.as_str()) else { break };
            while later.front().is_some_and(|front| *front <= last || is_taken[*front]) {
                later.pop_front();
            }
            let Some(target) = later.pop_front() else { break };
            is_taken[target] = true;
            hops.push(target);
        }
        let place = Place::of(&exchange.url);
        let is_for_token = is_realm(exchange, &realms) || looks_like_token(exchange, &place);
        found.push(LoggedRequest { hops, origin, place, is_for_token });
    }
    found
}

/// The address to which an answer redirects.
fn redirect(exchange: &LoggedExchange) -> Option<Url> {
    let response =
        exchange.response.as_ref().filter(|response| matches!(response.status, 301 | 302 | 303 | 307 | 308))?;
    let mut url = exchange.url.join(response.headers.get("location")?).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// The addresses of the token services that the challenges of a log name, without their queries.
fn realms(log: &Log) -> HashSet<String> {
    let mut found = HashSet::new();
    for exchange in &log.exchanges {
        let Some(response) = exchange.response.as_ref().filter(|response| response.status == 401) else { continue };
        let values = response.headers.all("www-authenticate").map(str::as_bytes);
        for challenge in read_challenges(values).all() {
            let realm = challenge.realm().and_then(|realm| exchange.url.join(realm.as_str()).ok());
            if challenge.scheme().as_str().eq_ignore_ascii_case("bearer") {
                found.extend(realm.map(without_query));
            }
        }
    }
    found
}

fn without_query(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

fn is_realm(exchange: &LoggedExchange, realms: &HashSet<String>) -> bool {
    !realms.is_empty() && realms.contains(&without_query(exchange.url.clone()))
}

/// Whether a request is for a token by its form, if its challenge is not in the log.
fn looks_like_token(exchange: &LoggedExchange, place: &Place) -> bool {
    let has = |wanted: &str| exchange.url.query_pairs().any(|(name, _)| name == wanted);
    let answers = || {
        let body = exchange.response.as_ref().and_then(|response| read_json(&response.body.bytes).ok());
        body.is_some_and(|body| body.get("token").is_some() || body.get("access_token").is_some())
    };
    *place == Place::Other && (has("scope") || has("service") || answers())
}
