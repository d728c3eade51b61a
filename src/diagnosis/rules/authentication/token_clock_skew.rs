use crate::diagnosis::case::credentials::{story, token_is_called_invalid};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Exchange, ExchangeId, Outcome, TokenClaims};
use crate::text::Untrusted;

rule! {
    /// The clocks of the registry and of its token service differ.
    ///
    /// ## What it means
    /// A token says from when until when it is good, by the clock of the service that made it. If the registry's clock
    /// is behind, the token is not good yet; if it is ahead, the token has expired when it arrives. The clock of the
    /// client plays no part in this.
    ///
    /// ## How it is recognised
    /// A 401 to a token that was just given, and by the `Date` of that refusal the token is outside its times, by more
    /// than a minute, which registries let pass; or it had run out by that Date, and not by that of the service that gave
    /// it, which short-lived tokens do sooner. Where the token does not show its times: the registry calls it invalid,
    /// and the `Date` headers of the two differ by more than a minute. Compared with the clock of this machine, one of
    /// them is off.
    ///
    /// ## What to do
    /// Set the clock of the machine that is off, and have it synchronised (NTP).
    ///
    /// ## References
    /// RFC 7519 §4.1; RFC 9110 §6.6.1; docker/hub-feedback#647; cesanta/docker_auth#59
    "token-clock-skew" in Authentication, instead_of: ["token-scope-too-narrow", "existence-masked", "token-grants-nothing"]
}

/// What registries let pass, in seconds: the leeway of CNCF distribution.
const LEEWAY: i64 = 60;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Skew { token, refusal, ahead, certain } = skew(case)?;
    let (service, registry) = (case.host_of(token), case.host_of(refusal));
    let differ = ahead.abs().min(LEEWAY) / 2;
    let differ = if ahead.abs() > LEEWAY { LEEWAY } else { differ.max(1) };
    let (whose, who) = match (is_off(case, token, differ), is_off(case, refusal, differ)) {
        (Some(false), Some(true)) => {
            (format!("By the clock of this machine, that of {registry} is off."), registry.clone())
        }
        (Some(true), Some(false)) => {
            (format!("By the clock of this machine, that of {service} is off."), service.clone())
        }
        _ => ("Which of the two is off cannot be told from here.".to_owned(), format!("{registry} or {service}")),
    };
    let direction = if ahead < 0 { "behind" } else { "ahead of" };
    let title = "the clocks of the registry and of its token service differ";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, refusal, date(case, refusal))
        .because(token, date(case, token))
        .cause(format!(
            "{service} gave a token, and {registry} does not take it. The clock of the registry is {} {direction} that \
             of the token service, so that a fresh token is not good there. {whose}",
            in_words(ahead.abs())
        ))
        .fix(format!("Whoever runs {who} has to set the clock, and have it synchronised (NTP)."));
    Some(if certain { finding } else { finding.likely() })
}

/// Two clocks that differ.
struct Skew {
    token: ExchangeId,
    refusal: ExchangeId,
    /// How far the registry's clock is ahead of that of the token service, in seconds.
    ahead: i64,
    certain: bool,
}

fn skew(case: &Case<'_>) -> Option<Skew> {
    let story = story(case).filter(|story| story.outcome == Outcome::Rejected)?;
    let (token, issued) = case.token_answer()?;
    let (refusal, response) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let (service_clock, registry_clock) = (issued.date()?, response.date()?);
    let between = since_the_start(case.journal().get(refusal)) - since_the_start(case.journal().get(token));
    let ahead = registry_clock.checked_sub(service_clock)?.checked_sub(between)?;
    let outside = match &story.token_claims {
        Some(claims) => is_outside(claims, registry_clock)?,
        None => token_is_called_invalid(case),
    };
    let certain = story.token_claims.is_some();
    let far = outside && ahead.unsigned_abs() > LEEWAY.unsigned_abs();
    // A token that is good for less than registries let pass: over by the one clock, and not by the other.
    let over_too_soon = || {
        let expires = story.token_claims.as_ref()?.expires?;
        let by_its_own_clock = service_clock.checked_add(between)?;
        Some(by_its_own_clock < expires && expires <= registry_clock && token_is_called_invalid(case))
    };
    (far || over_too_soon() == Some(true)).then_some(Skew { token, refusal, ahead, certain })
}

/// Whether the clock that dated an answer and that of this machine differ by more than so many seconds.
fn is_off(case: &Case<'_>, id: ExchangeId, seconds: i64) -> Option<bool> {
    let exchange = case.journal().get(id);
    let here = case.record().now?.checked_add(since_the_start(exchange))?;
    Some(exchange.response.as_ref()?.date()?.checked_sub(here)?.unsigned_abs() > seconds.unsigned_abs())
}

fn date(case: &Case<'_>, id: ExchangeId) -> Untrusted {
    let date = case.journal().get(id).response.as_ref().and_then(|response| response.header("date"));
    Untrusted::new(format!("Date: {}", date.map(Untrusted::as_str).unwrap_or_default()))
}

/// Whether a token is not good at this time. `None` where it does not say when it is.
fn is_outside(claims: &TokenClaims, time: i64) -> Option<bool> {
    let early = claims.not_before.or(claims.issued_at).map(|from| time < from.saturating_sub(LEEWAY));
    let late = claims.expires.map(|until| time > until.saturating_add(LEEWAY));
    if early.is_none() && late.is_none() {
        return None;
    }
    Some(early == Some(true) || late == Some(true))
}

/// When an answer had come, in whole seconds since the run began.
fn since_the_start(exchange: &Exchange) -> i64 {
    i64::try_from((exchange.started + exchange.duration).as_secs()).unwrap_or(i64::MAX)
}

fn in_words(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
