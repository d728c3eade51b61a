//! The authentication that a log shows.

use std::collections::HashSet;

use super::exchanges::{Log, LoggedExchange};
use super::groups::Group;
use super::places::Place;
use super::requests::LoggedRequest;
use super::secrets::is_withheld;
use crate::evidence::{CredentialUse, GrantForm};
use crate::text::read_json;

/// The authentication of one image, as positions among the requests of its log.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LoggedHandshake {
    /// The refusal with the challenge, sent without a grant.
    pub refused: Option<usize>,
    /// The request for a token.
    pub token: Option<usize>,
    /// The first request with a grant, and its form.
    pub granted: Option<(usize, GrantForm)>,
}

impl LoggedHandshake {
    /// The handshake before the first request of a group that was sent with credentials or a token; that of its last
    /// refusal if there is none.
    pub fn of(log: &Log, requests: &[LoggedRequest], group: &Group) -> Self {
        let own = || group.requests.iter().copied();
        let is_of_registry =
            |at: &usize| !requests[*at].is_for_token && requests[*at].origin.host() == group.origin.host();
        let granted = own().filter(is_of_registry).find(|at| requests[*at].is_authorized(log));
        let end = granted.unwrap_or(usize::MAX);
        let refusals = || own().filter(is_of_registry).filter(|at| *at < end && requests[*at].is_refused(log));
        // Of several, the one for the image: it names the scope.
        let about = refusals().rfind(|at| matches!(requests[*at].place, Place::Manifest(..)));
        let refused = about.or_else(|| refusals().next_back());
        let token = own().rfind(|at| *at < end && requests[*at].is_for_token);
        let form = |at: usize| {
            let value = requests[at].first(log).headers.get("authorization").unwrap_or_default();
            form_of(value).unwrap_or_else(|| match refused.map(|at| requests[at].last(log)) {
                Some(exchange) if token.is_none() && challenges_basic(exchange) => GrantForm::Basic,
                _ => GrantForm::Bearer,
            })
        };
        Self { refused, token, granted: granted.map(|at| (at, form(at))) }
    }
}

/// The form of the credentials in an `Authorization` header.
fn form_of(value: &str) -> Option<GrantForm> {
    let scheme = value.split(' ').next().unwrap_or_default();
    [GrantForm::Basic, GrantForm::Bearer].into_iter().find(|form| scheme.eq_ignore_ascii_case(form.as_str()))
}

fn challenges_basic(exchange: &LoggedExchange) -> bool {
    let response = exchange.response.as_ref();
    let mut lines = response.into_iter().flat_map(|response| response.headers.all("www-authenticate"));
    lines.any(|line| line.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")))
}

/// The credentials that the requests of a group were sent with. A token counts as credentials unless the log shows that
/// it was obtained without any.
pub(super) fn credentials(log: &Log, requests: &[LoggedRequest], group: &Group) -> CredentialUse {
    let own = || group.requests.iter().map(|at| &requests[*at]);
    let tokens = || own().filter(|request| request.is_for_token);
    let is_login = |request: &LoggedRequest| request.is_authorized(log) || !request.first(log).sent.is_empty();
    if tokens().any(is_login) {
        return CredentialUse::Given;
    }
    // What the token services answered; a log may leave it out.
    let (mut issued, mut has_unknown) = (HashSet::new(), false);
    for response in tokens().filter_map(|request| request.last(log).response.as_ref()) {
        let fields = ["token", "access_token"];
        let body =
            read_json(&response.body.bytes).ok().filter(|body| fields.iter().any(|name| body.get(*name).is_some()));
        has_unknown |= body.is_none() && (200..300).contains(&response.status);
        let values = fields.iter().filter_map(|name| Some(body.as_ref()?.get(*name)?.as_str()?.to_owned()));
        issued.extend(values.collect::<Vec<_>>());
    }
    let sent = own().filter(|request| !request.is_for_token);
    let mut values = sent.filter_map(|request| request.first(log).headers.get("authorization"));
    let is_issued = |value: &str| {
        let token = value.split_once(' ').map_or(value, |(_, token)| token);
        let is_known = issued.contains(token) || (is_withheld(token) && !issued.is_empty());
        form_of(value) != Some(GrantForm::Basic) && (is_known || has_unknown)
    };
    if values.all(is_issued) { CredentialUse::Anonymous } else { CredentialUse::Given }
}
