//! The handshake of another client, as far as its exchanges show it.

use super::challenge::read_challenges;
use super::flow::{Handshake, judge_token, seen};
use super::scope::Scope;
use crate::evidence::{ChallengeSeen, Exchange, Outcome};

/// The handshake in which another client answered the challenge of a 401, with the exchange with the token service if it
/// is known. What the client was granted is known from its later requests, so no grant is in the result.
///
/// A token whose response is not known, because a log leaves out what is secret, counts as obtained.
pub fn observed_handshake(refused: &Exchange, token: Option<&Exchange>, repository: Option<&str>) -> Handshake {
    let values = refused.response.iter().flat_map(|response| response.all("www-authenticate"));
    let challenges = read_challenges(values.map(|value| value.as_str().as_bytes()));
    let challenge = challenges.best().or(challenges.all().first());
    let scope = repository.zip(challenge).map(|(name, challenge)| Scope::for_challenge(name, challenge.scope()));
    let seen: Option<ChallengeSeen> = challenge.map(|challenge| seen(challenge, &challenges, scope.as_ref()));
    let Some(exchange) = token else { return Handshake::without_grant(seen, Outcome::Accepted) };
    let is_unknown = |exchange: &Exchange| {
        let response = exchange.response.as_ref().filter(|response| (200..300).contains(&response.status));
        response.is_some_and(|response| response.body.truncated)
    };
    let (outcome, token) = match is_unknown(exchange) {
        true => (Outcome::Accepted, None),
        false => judge_token(exchange),
    };
    Handshake {
        token: Some(exchange.clone()),
        ..Handshake::without_grant(seen, outcome).described(token.as_ref(), repository)
    }
}
