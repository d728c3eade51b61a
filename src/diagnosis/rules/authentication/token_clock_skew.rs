use crate::diagnosis::case::credentials::{story, token_is_called_invalid};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Exchange, ExchangeId, Outcome, TokenClaims};
use crate::text::Untrusted;

rule! {
    /// Clocks of the registry and its token service differ
    ///
    /// ## What it means
    /// A token is valid for a certain period, by the clock of the service that issued it. If the registry's clock is
    /// behind, the token is not yet valid; if it is ahead, the token has expired on arrival. The client's clock plays
    /// no part in this.
    ///
    /// ## How it is recognised
    /// The registry returned 401 for a newly issued token, and by the `Date` of that answer the token is more than a
    /// minute outside its validity period; registries tolerate up to a minute. Or the token had expired by that `Date`,
    /// but not by that of the service that issued it, which happens sooner with short-lived tokens. If the token does
    /// not show its validity period, the registry calls it invalid, and the two `Date` headers differ by more than a
    /// minute. The clock of this machine shows which of the two is off, if it agrees with the other one.
    ///
    /// ## What to do
    /// Set the clock of the machine that is off, and keep it synchronized (NTP).
    ///
    /// ## References
    /// RFC 7519 §4.1; RFC 9110 §6.6.1; docker/hub-feedback#647; cesanta/docker_auth#59
    "token-clock-skew" in Authentication, instead_of: ["token-scope-too-narrow", "existence-masked", "token-grants-nothing"]
}

/// The difference that registries tolerate, in seconds: the leeway of CNCF distribution.
const LEEWAY: i64 = 60;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Skew { token, refusal, ahead, certain } = skew(case)?;
    let (service, registry) = (case.host_of(token), case.host_of(refusal));
    let differ = ahead.abs().min(LEEWAY) / 2;
    let differ = if ahead.abs() > LEEWAY { LEEWAY } else { differ.max(1) };
    let (whose, who) = match (is_off(case, token, differ), is_off(case, refusal, differ)) {
        (Some(false), Some(true)) => {
            (format!("Compared with the clock of this machine, that of {registry} is off."), registry.clone())
        }
        (Some(true), Some(false)) => {
            (format!("Compared with the clock of this machine, that of {service} is off."), service.clone())
        }
        _ => ("Which of the two is off cannot be determined from here.".to_owned(), format!("{registry} or {service}")),
    };
    let direction = if ahead < 0 { "behind" } else { "ahead of" };
    let title = "clocks of the registry and its token service differ";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, refusal, date(case, refusal))
        .because(token, date(case, token))
        .cause(format!(
            "{registry} rejects the token that {service} issued. The registry's clock is {} {direction} that of the \
             token service, so a new token is not valid there. {whose}",
            in_words(ahead.abs())
        ))
        .fix(format!("Ask the operator of {who} to set the clock and keep it synchronized (NTP)."));
    Some(if certain { finding } else { finding.likely() })
}

/// The difference between the clocks of the registry and its token service.
struct Skew {
    token: ExchangeId,
    refusal: ExchangeId,
    /// The lead of the registry's clock over that of the token service, in seconds.
    ahead: i64,
    certain: bool,
}

fn skew(case: &Case<'_>) -> Option<Skew> {
    let authentication = story(case).filter(|authentication| authentication.outcome == Outcome::Rejected)?;
    let (token, issued) = case.token_answer()?;
    let (refusal, response) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let (service_clock, registry_clock) = (issued.date()?, response.date()?);
    let between = since_start(case.journal().get(refusal)) - since_start(case.journal().get(token));
    let ahead = registry_clock.checked_sub(service_clock)?.checked_sub(between)?;
    let outside = match &authentication.token_claims {
        Some(claims) => is_outside(claims, registry_clock)?,
        None => token_is_called_invalid(case),
    };
    let certain = authentication.token_claims.is_some();
    let far = outside && ahead.unsigned_abs() > LEEWAY.unsigned_abs();
    // A token with a lifetime below the leeway: expired by one clock, and not by the other.
    let expired_early = || {
        let expires = authentication.token_claims.as_ref()?.expires?;
        let by_its_own_clock = service_clock.checked_add(between)?;
        Some(by_its_own_clock < expires && expires <= registry_clock && token_is_called_invalid(case))
    };
    (far || expired_early() == Some(true)).then_some(Skew { token, refusal, ahead, certain })
}

/// Returns `true` if the clock that dated an answer and that of this machine differ by more than `seconds`.
fn is_off(case: &Case<'_>, id: ExchangeId, seconds: i64) -> Option<bool> {
    let exchange = case.journal().get(id);
    let here = case.record().now?.checked_add(since_start(exchange))?;
    Some(exchange.response.as_ref()?.date()?.checked_sub(here)?.unsigned_abs() > seconds.unsigned_abs())
}

fn date(case: &Case<'_>, id: ExchangeId) -> Untrusted {
    let date = case.journal().get(id).response.as_ref().and_then(|response| response.header("date"));
    Untrusted::new(format!("Date: {}", date.map(Untrusted::as_str).unwrap_or_default()))
}

/// Returns `true` if a token is not valid at this time. `None` if it does not show its validity period.
fn is_outside(claims: &TokenClaims, time: i64) -> Option<bool> {
    let early = claims.not_before.or(claims.issued_at).map(|from| time < from.saturating_sub(LEEWAY));
    let late = claims.expires.map(|until| time > until.saturating_add(LEEWAY));
    if early.is_none() && late.is_none() {
        return None;
    }
    Some(early == Some(true) || late == Some(true))
}

/// The time at which an answer had arrived, in whole seconds since the start of the run.
fn since_start(exchange: &Exchange) -> i64 {
    i64::try_from((exchange.started + exchange.duration).as_secs()).unwrap_or(i64::MAX)
}

fn in_words(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
