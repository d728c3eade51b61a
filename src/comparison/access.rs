//! Authentication on both sides: who is served, and how clients prove who they are. Only facts are compared, never
//! values.

use url::Url;

use super::look::Look;
use super::value::{Consequence, Difference, Effect, Kind, Side, Who};
use crate::evidence::{CredentialUse, ExchangeId, Outcome, Query};
use crate::text::Untrusted;

/// The facts about authentication on one side.
struct Access {
    /// How clients authenticate.
    handshake: Handshake,
    /// Whether anonymous clients are served; `None` if unknown.
    anonymous: Option<bool>,
    /// The exchange that shows it.
    exchange: Option<ExchangeId>,
}

/// How clients authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Handshake {
    /// The registry does not require it.
    None,
    /// A user name and a password with each request.
    Basic,
    /// A token, from a service on this host; `None` for the registry's own.
    Token(Option<String>),
    /// Another scheme.
    Other(String),
}

impl Handshake {
    fn words(&self) -> String {
        match self {
            Self::None => "does not require authentication".to_owned(),
            Self::Basic => "requires a user name and password (Basic)".to_owned(),
            Self::Token(None) => "sends clients to its own token service".to_owned(),
            Self::Token(Some(host)) => format!("sends clients to the token service at {host}"),
            Self::Other(scheme) => format!("requires the scheme {scheme}"),
        }
    }
}

impl Access {
    fn of(look: &Look<'_>) -> Self {
        let record = look.case.record();
        let story = &record.authentication;
        let handshake = match (&story.challenge, &story.outcome) {
            (_, Outcome::NotAsked) | (None, _) => Handshake::None,
            (Some(challenge), _) => match challenge.scheme.as_str().to_ascii_lowercase().as_str() {
                "basic" => Handshake::Basic,
                "bearer" => Handshake::Token(realm(look, challenge.realm.as_ref())),
                _ => Handshake::Other(challenge.scheme.named_within(40)),
            },
        };
        let was_anonymous = story.credential == CredentialUse::Anonymous || story.outcome == Outcome::NotAsked;
        let anonymous = match was_anonymous {
            true => Some(look.root.is_some()),
            false => stranger(look),
        };
        Self { handshake, anonymous, exchange: story.challenged_by }
    }
}

/// The host of a realm, unless it is the registry's own.
fn realm(look: &Look<'_>, realm: Option<&Untrusted>) -> Option<String> {
    let host = Url::parse(realm?.as_str()).ok()?.host_str()?.to_owned();
    let own = look.case.record().origin.as_ref().map(ToString::to_string);
    let own = own.and_then(|own| Url::parse(&own).ok()).and_then(|own| own.host_str().map(str::to_owned));
    (own.as_ref() != Some(&host)).then(|| Untrusted::new(host).named_within(80))
}

/// Whether the same request without credentials was served; `None` if it was not made.
fn stranger(look: &Look<'_>) -> Option<bool> {
    let record = look.case.record();
    let reply = record.answered.iter().find(|reply| reply.query == Query::Anonymous)?;
    let last = record.journal.get(*reply.exchanges.last()?);
    last.response.as_ref().map(|_| last.is_success())
}

/// Whether the first side serves anonymous clients, and it is unknown whether the second does.
pub(super) fn is_unknown_on_b_alone(sides: &[Look<'_>; 2]) -> bool {
    let is_read = sides.iter().all(|look| look.root.is_some());
    let [a, b] = sides.each_ref().map(Access::of);
    is_read && a.anonymous == Some(true) && b.anonymous.is_none()
}

/// The differences between the authentication of two sides.
pub(super) fn differences(sides: &[Look<'_>; 2]) -> Vec<Difference> {
    let [a, b] = sides.each_ref().map(Access::of);
    let exchanges = [a.exchange, b.exchange];
    let mut differences = Vec::new();
    if let Some(side) = closed(&a, &b) {
        let text = format!("{} serves anonymous clients, {} does not.", side.other().name(), side.name());
        differences.push(Difference::noticed(Kind::AnonymousAccess, text).shown_by(exchanges));
    }
    if a.handshake != b.handshake {
        let text = format!("A {}; B {}.", a.handshake.words(), b.handshake.words());
        differences.push(Difference::unnoticed(Kind::Authentication, text).shown_by(exchanges));
    }
    differences
}

/// The consequence for anonymous clients.
pub(super) fn consequence(sides: &[Look<'_>; 2]) -> Option<Consequence> {
    let [a, b] = sides.each_ref().map(Access::of);
    let side = closed(&a, &b)?;
    let text = format!("Clients without credentials cannot pull from {}.", side.name());
    Some(Consequence { who: Who::Anonymous, effect: Effect::Fails, side: Some(side), text })
}

/// The side that does not serve anonymous clients, if the other one does.
fn closed(a: &Access, b: &Access) -> Option<Side> {
    match (a.anonymous, b.anonymous) {
        (Some(true), Some(false)) => Some(Side::B),
        (Some(false), Some(true)) => Some(Side::A),
        _ => None,
    }
}
