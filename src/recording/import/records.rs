//! Records made of a log: one for each image in it, as a run of this program would have left them.

use std::collections::HashMap;
use std::time::Duration;

use super::NotImported;
use super::accept::Client;
use super::answers::{Parts, queries};
use super::exchanges::{Log, LoggedExchange};
use super::groups::{Group, groups};
use super::handshakes::{LoggedHandshake, credentials};
use super::places::{Place, is_plain};
use super::report::ReportLog;
use super::requests::{LoggedRequest, requests};
use super::secrets::is_withheld;
use crate::auth::observed_handshake;
use crate::evidence::{
    Authentication, Body, Connection, CredentialUse, Depth, Exchange, ExchangeId, GrantForm, Method, Outcome, OverHttp,
    Purpose, Query, Record, Redactor, Reply, Request, RequestForm, RequestHeader, RequestValue, Response, SecretKind,
    Shape, Withheld, is_secret_name, own_header_is_secret,
};
use crate::oci::{Platform, Reference, Scheme};
use crate::text::Untrusted;

/// Request headers whose values are shown. Those of all others may be anything.
const SHOWN: [&str; 14] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "host",
    "if-none-match",
    "range",
    "te",
    "transfer-encoding",
    "user-agent",
    "docker-distribution-api-version",
];

/// The records of a log, without secrets.
///
/// # Errors
/// Fails if the log has no request about an image, or too many.
pub(super) fn records(
    log: &Log,
    report: Option<&ReportLog>,
    redactor: &mut Redactor,
) -> Result<Vec<Record>, NotImported> {
    let requests = requests(log);
    let mut groups = groups(log, &requests)?;
    // A report compares its image with others.
    let is_own = |group: &Group| {
        let own = report.and_then(|report| Reference::parse(&report.reference).ok());
        own.is_none_or(|own| own.to_string() == group.reference.to_string())
    };
    if groups.iter().any(is_own) {
        groups.retain(is_own);
    }
    let records = groups.iter().map(|group| Making { log, report, requests: &requests, group, redactor }.record());
    let records: Vec<_> = records.collect();
    let records: Vec<_> = records.iter().map(|record| redactor.sealed(record)).collect();
    if records.is_empty() { Err(NotImported::NoImage) } else { Ok(records) }
}

/// A record that is being made.
struct Making<'a> {
    log: &'a Log,
    report: Option<&'a ReportLog>,
    requests: &'a [LoggedRequest],
    group: &'a Group,
    redactor: &'a mut Redactor,
}

impl Making<'_> {
    fn record(mut self) -> Record {
        let (log, requests, group) = (self.log, self.requests, self.group);
        let asked = self.report.map(|report| report.accept.clone());
        let client = asked.map_or_else(|| Client::of(log, requests, group), |accept| Client { accept });
        let parts = Parts::of(log, requests, group);
        let credential = credentials(log, requests, group);
        let platform = self.platform(&parts);
        let own = platform.clone().unwrap_or_else(Platform::of_this_machine);
        let mut record = Record::new(group.reference.clone(), Depth::Diagnosis, own);
        record.simulation = self.report.and_then(|report| report.simulation.clone()).map(Into::into);
        record.options.platform = platform;
        record.options.accept = client.accept.clone();
        record.options.credential = credential;
        record.options.plain_http = is_plain(&group.origin) && group.reference.scheme() != Some(Scheme::Http);
        record.authentication = Authentication::not_asked(credential);
        let began = self.began();
        record.now = began.filter(|_| log.has_clock).and_then(|began| i64::try_from(began.as_secs()).ok());

        let mut ids: HashMap<usize, Vec<ExchangeId>> = HashMap::new();
        for &at in &group.requests {
            let request = &requests[at];
            let variant = client.variant(&request.first(log).headers);
            let purpose = parts.purpose(request, group, variant.map(|variant| variant.id()));
            record.journal.begin_round();
            let enter = |hop: &usize| {
                let exchange = self.exchange(&log.exchanges[*hop], purpose, began.unwrap_or_default());
                record.journal.enter(exchange)
            };
            ids.insert(at, request.hops.iter().map(enter).collect());
        }
        let handshake = LoggedHandshake::of(log, requests, group);
        self.authenticate(&mut record, handshake, &ids);
        self.answer(&mut record, &client, &parts, handshake, &ids);
        record
    }

    /// The start of the first request.
    fn began(&self) -> Option<Duration> {
        let exchanges = self.group.requests.iter().flat_map(|at| &self.requests[*at].hops);
        exchanges.filter_map(|at| self.log.exchanges[*at].started).min()
    }

    /// The platform of the client: that of the one entry of an index which it has fetched.
    fn platform(&self, parts: &Parts) -> Option<Platform> {
        let fetched = self.group.requests.iter().filter_map(|at| match &self.requests[*at].place {
            Place::Manifest(_, selector) if self.requests[*at].first(self.log).method == Method::Get => Some(selector),
            _ => None,
        });
        let fetched: std::collections::HashSet<&String> = fetched.collect();
        let entries = parts.entries.iter().filter(|entry| fetched.contains(&entry.digest.as_str().to_owned()));
        let platforms = entries.filter_map(|entry| entry.platform.as_ref()?.text().as_str().parse::<Platform>().ok());
        let mut platforms: Vec<Platform> = platforms.filter(|platform| platform.os != "unknown").collect();
        platforms.dedup();
        match &platforms[..] {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// Adds the authentication: before the first query if there was a grant, else as the answer to the challenge.
    fn authenticate(&self, record: &mut Record, handshake: LoggedHandshake, ids: &HashMap<usize, Vec<ExchangeId>>) {
        let last = |at: usize| ids.get(&at).and_then(|ids| ids.last()).copied();
        let LoggedHandshake { refused, token, granted } = handshake;
        let (refused, token) = (refused.and_then(last), token.and_then(last));
        // A client that sends credentials unasked may be told by a refusal what is asked for.
        let challenging = refused.or_else(|| granted.and_then(|(at, _)| last(at)));
        let Some(challenging) = challenging else { return };
        let name = Some(record.reference.repository()).filter(|name| !name.is_empty());
        let exchange = |id: ExchangeId| record.journal.get(id);
        let observed = observed_handshake(exchange(challenging), token.map(exchange), name);
        let credential = record.options.credential;
        let login = token.map(exchange).or_else(|| granted.and_then(|(at, _)| last(at)).map(exchange));
        let over_http = login.filter(|login| is_login(login) && is_in_clear(login)).map(|_| OverHttp::Sent(credential));
        let story = Authentication {
            credential,
            challenged_by: refused,
            token,
            token_shape: observed.token_shape,
            token_claims: observed.token_claims,
            token_lifetime: observed.token_lifetime,
            token_remarks: observed.token_remarks,
            over_http: over_http.filter(|_| credential == CredentialUse::Given),
            granted: granted.map(|(_, form)| form),
            outcome: match (granted, token) {
                (Some(_), _) => Outcome::Accepted,
                (None, Some(_)) => observed.outcome,
                (None, None) => Outcome::CredentialsMissing,
            },
            challenge: observed.challenge,
        };
        let is_basic = story.challenge.as_ref().is_some_and(|seen| seen.scheme.as_str().eq_ignore_ascii_case("basic"));
        match granted {
            Some(_) => record.authenticated_before = Some(story),
            // Without a request for a token, it is not known what a Bearer challenge would have led to.
            None if token.is_some() || is_basic => record.stories.push(story),
            None => {}
        }
    }

    /// Adds the queries with their answers. What was refused before there was a grant is not the answer.
    fn answer(
        &self,
        record: &mut Record,
        client: &Client,
        parts: &Parts,
        handshake: LoggedHandshake,
        ids: &HashMap<usize, Vec<ExchangeId>>,
    ) {
        let (log, requests, group) = (self.log, self.requests, self.group);
        let is_superseded = |request: &LoggedRequest| {
            handshake.granted.is_some() && request.is_refused(log) && !request.is_authorized(log)
        };
        let is_own_get = |at: &usize| {
            let request = &requests[*at];
            let is_own = matches!(&request.place, Place::Manifest(_, selector) if *selector == group.selector);
            is_own && request.first(log).method == Method::Get && !is_superseded(request)
        };
        let mut has_own_get = group.requests.iter().any(is_own_get);
        let has_manifest = group.requests.iter().any(|at| matches!(requests[*at].place, Place::Manifest(..)));
        for at in &group.requests {
            let request = &requests[*at];
            if is_superseded(request) && request.place != Place::Base {
                continue;
            }
            let exchanges = &ids[at];
            let mut found = queries(log, request, group, client, parts, has_own_get);
            if found.contains(&Query::Manifest(Method::Get, client.own())) {
                has_own_get = true;
            }
            // It is in the authentication, and would be shown twice.
            found.retain(|query| *query != Query::Ping || handshake.refused != Some(*at));
            if !has_manifest && self.ends_with(*at) {
                found.insert(0, Query::Manifest(Method::Get, client.own()));
            }
            let reply = |query| Reply { query, exchanges: exchanges.clone() };
            record.asked.extend(found.into_iter().map(reply));
        }
    }

    /// Whether the client went no further than this request to `/v2/`, which failed: the image was not requested.
    fn ends_with(&self, at: usize) -> bool {
        let is_base = |at: &&usize| self.requests[**at].place == Place::Base;
        let last = self.group.requests.iter().rfind(is_base);
        let response = self.requests[at].last(self.log).response.as_ref();
        last == Some(&at) && response.is_none_or(|response| !(200..300).contains(&response.status))
    }

    fn exchange(&mut self, logged: &LoggedExchange, purpose: Purpose, began: Duration) -> Exchange {
        let headers = logged.headers.iter().map(|(name, value)| self.request_header(name, value)).collect();
        let mut url = logged.url.clone();
        // Only an address without a host has none to set.
        let _ = (url.set_username(""), url.set_password(None));
        let response = logged.response.as_ref().map(|response| {
            let headers = response.headers.iter().map(|(name, value)| (name.to_owned(), Untrusted::from(value)));
            let mut headers: Vec<_> = headers.collect();
            next_to_each_other(&mut headers);
            let body = &response.body;
            let size = body.size.unwrap_or(body.bytes.len() as u64);
            let is_bodiless = response.is_bodiless(logged.method);
            Response {
                status: response.status,
                reason: response.reason.as_deref().map(Untrusted::from),
                http_version: response.version.clone().into(),
                headers,
                body: match is_bodiless || body.is_whole {
                    true => Body::whole(body.bytes.clone()),
                    false => Body::partial(body.bytes.clone(), size),
                },
            }
        });
        Exchange {
            request: Request { purpose, method: logged.method, url, headers, form: form(&logged.sent) },
            response,
            failure: logged.failure.clone(),
            connection: Connection {
                addresses: logged.addresses.clone(),
                remote: logged.remote,
                ..Connection::default()
            },
            started: logged.started.unwrap_or(began).saturating_sub(began),
            duration: logged.duration.unwrap_or_default(),
            timing: logged.timing,
        }
    }

    /// A request header as it may be kept: what is secret by its name or may be is withheld.
    fn request_header(&mut self, name: &str, value: &str) -> RequestHeader {
        if SHOWN.contains(&name) || !own_header_is_secret(name, value) {
            let shown = self.redactor.header(name, &Untrusted::from(value));
            return RequestHeader::sent(name, shown.printable());
        }
        let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
        let scheme = [GrantForm::Basic, GrantForm::Bearer]
            .into_iter()
            .find(|form| name == "authorization" && word.eq_ignore_ascii_case(form.as_str()));
        let (kind, secret) = match scheme {
            Some(GrantForm::Basic) => (SecretKind::Password, rest),
            Some(GrantForm::Bearer) => (SecretKind::Token, rest),
            None => (SecretKind::HeaderValue, value),
        };
        let shape = (!is_withheld(secret)).then(|| Shape::of(secret));
        RequestHeader { name: name.to_owned(), value: RequestValue::Withheld(Withheld { kind, scheme, shape }) }
    }
}

/// Whether an exchange sent a login, and not a token.
fn is_login(exchange: &Exchange) -> bool {
    let is_sent = |withheld: &Withheld| withheld.kind == SecretKind::Password;
    exchange.request.form.is_some() || exchange.request.withheld().any(is_sent)
}

/// Whether an exchange could be read on the way.
fn is_in_clear(exchange: &Exchange) -> bool {
    let url = &exchange.request.url;
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "http" && !matches!(host, "localhost" | "[::1]") && !host.starts_with("127.")
}

/// The form in the body of a request for a token (distribution specification, OAuth2 token authentication): the fields that
/// are harmless, and the name of the one that is not.
fn form(sent: &str) -> Option<RequestForm> {
    const HARMLESS: [&str; 7] =
        ["grant_type", "client_id", "service", "scope", "account", "access_type", "offline_token"];
    if sent.is_empty() {
        return None;
    }
    let (mut fields, mut name) = (url::form_urlencoded::Serializer::new(String::new()), "form".to_owned());
    for (field, value) in url::form_urlencoded::parse(sent.as_bytes()).take(20) {
        if HARMLESS.contains(&&*field) {
            fields.append_pair(&field, &value);
        } else if is_secret_name(&field) {
            name = field.into_owned();
        }
    }
    Some(RequestForm { fields: fields.finish(), name, withheld: SecretKind::IdentityToken })
}

/// Brings header lines with the same name next to each other, in the order of the first.
fn next_to_each_other(headers: &mut [(String, Untrusted)]) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (at, (name, _)) in headers.iter().enumerate() {
        first.entry(name.clone()).or_insert(at);
    }
    headers.sort_by_key(|(name, _)| first[name]);
}
