use crate::diagnosis::case::signed_address::Signed;
use crate::diagnosis::delivery::{Obstacle, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The registry sends to an address that is no longer good.
    ///
    /// ## What it means
    /// Registries sign addresses of their storage that are good for some minutes. The one that was given out now had
    /// already ended. Either something in front of the registry keeps its redirects and gives out old ones, or the
    /// clock of the registry is wrong, or what it signs with has ended itself.
    ///
    /// ## How it is recognised
    /// The storage refuses a redirected request, and the times in the address (`X-Amz-Date`, `Expires`, `se`) are past
    /// by the storage's own clock, or it says so in words. Whether the registry's clock is wrong is told by its `Date`
    /// beside the storage's.
    ///
    /// ## What to do
    /// A cache must not keep redirects longer than the addresses in them are good for. Clocks have to be set.
    ///
    /// ## References
    /// distribution/distribution#925; distribution/distribution#4175; rpardini/docker-registry-proxy#26
    "presigned-url-expired" in Transport
}

/// Two clocks that differ by less than this many seconds agree.
const AGREE: i64 = 120;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut late = obstructed(case);
    late.retain(|one| matches!(one.obstacle, Obstacle::OutOfTime(..)));
    let first = late.first()?;
    let Obstacle::OutOfTime(response, signed) = &first.obstacle else { return None };
    let id = first.shown;
    let host = case.host_of(id);
    let storage = response.date();
    let early = signed.as_ref().zip(storage).is_some_and(|(signed, now)| now < signed.until && is_early(signed, now));
    let state = if early { "not good yet" } else { "no longer good" };
    let title = format!("the registry sends to an address that is {state}");
    let (reading, fix) = reading(case, storage, early);
    let mut finding = Finding::error(ExitStatus::ServerFailed, title, id, refusal_words(case, id)).cause(format!(
        "The manifest was served; for {} it sends to {host}, with a signature that is {state}{}. {reading}",
        named(case, &late),
        by_how_much(signed.as_ref(), storage, early)
    ));
    if let (Some((redirect, _)), Some(signed)) = (first.sent_by(), signed) {
        finding = finding.because(redirect, format!("location: …{}", signed.quote.printable_within(120)));
    }
    // Without the storage's clock only this machine's says so, or words that some use for more than this.
    let told = signed.as_ref().zip(storage).is_some_and(|(signed, now)| now > signed.until || early);
    let finding = if told { finding } else { finding.likely() };
    Some(finding.fix(fix))
}

fn is_early(signed: &Signed, now: i64) -> bool {
    signed.from.is_some_and(|from| from > now)
}

fn by_how_much(signed: Option<&Signed>, now: Option<i64>, early: bool) -> String {
    match signed.zip(now) {
        Some((signed, now)) if !early && now > signed.until => format!(" ({} too late)", words(now - signed.until)),
        _ => String::new(),
    }
}

/// What is likely behind it, and what to do about that.
fn reading(case: &Case<'_>, storage: Option<i64>, early: bool) -> (String, &'static str) {
    let registry = case.decisive().and_then(|(_, exchange)| exchange.response.as_ref()?.date());
    let behind = registry.zip(storage).map(|(registry, storage)| storage - registry);
    match behind {
        Some(behind) if behind.abs() > AGREE => {
            let direction = if behind > 0 { "behind" } else { "ahead of" };
            let text = format!(
                "By their Date headers the registry's clock is {} {direction} the storage's, so most likely it is wrong.",
                words(behind.abs())
            );
            (text, "Whoever runs the registry has to set its clock.")
        }
        Some(_) if !early => (
            "The registry's clock agrees with the storage's. Most likely something in front of the registry keeps \
             redirects and gives out an old one."
                .to_owned(),
            "Whoever runs the proxy or cache in front of the registry has to let it pass redirects on without keeping them.",
        ),
        _ => (
            "Either something in front of the registry keeps redirects, or the registry's clock is wrong: the Date headers \
             of both decide, where there are any."
                .to_owned(),
            "Whoever runs the registry has to check its clock, and that no cache in front of it keeps redirects.",
        ),
    }
}

/// A length of time in the largest unit that it fills.
fn words(seconds: i64) -> String {
    let (number, unit) = match seconds {
        172_800.. => (seconds / 86_400, "days"),
        7_200.. => (seconds / 3_600, "hours"),
        120.. => (seconds / 60, "minutes"),
        _ => (seconds, "seconds"),
    };
    format!("{number} {unit}")
}
