use crate::diagnosis::case::signed_address::Signed;
use crate::diagnosis::delivery::{Obstacle, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Registry redirects to an expired signed URL
    ///
    /// ## What it means
    /// Registries sign storage URLs that are valid for some minutes. The URL in the redirect had already expired.
    /// Either a proxy or cache in front of the registry stores redirects and serves old ones, or the registry's clock
    /// is wrong, or the credentials that it signs with have expired.
    ///
    /// ## How it is recognised
    /// The storage refuses a redirected request, and the times in the URL (`X-Amz-Date`, `Expires`, `se`) are past by
    /// the storage's own clock, or its message says so. Comparing the registry's `Date` with the storage's shows
    /// whether the registry's clock is wrong.
    ///
    /// ## What to do
    /// Configure caches to keep redirects no longer than the URLs in them are valid. Correct wrong clocks.
    ///
    /// ## References
    /// distribution/distribution#925; distribution/distribution#4175; rpardini/docker-registry-proxy#26
    "presigned-url-expired" in Transport
}

/// Clocks that differ by less than this many seconds agree.
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
    let state = if early { "not valid yet" } else { "no longer valid" };
    let short = if early { "is not valid yet" } else { "has expired" };
    let title = format!("the registry redirects to a signed URL that {short}");
    let (reading, fix) = reading(case, storage, early);
    let mut finding = Finding::error(ExitStatus::ServerFailed, title, id, refusal_words(case, id)).cause(format!(
        "The manifest was served. For {}, the registry redirects to {host}, with a signature that is {state}{}. \
         {reading}",
        named(case, &late),
        by_how_much(signed.as_ref(), storage, early)
    ));
    if let (Some((redirect, _)), Some(signed)) = (first.sent_by(), signed) {
        finding = finding.because(redirect, format!("location: …{}", signed.quote.printable_within(120)));
    }
    // Without the storage's clock, the evidence is this machine's clock, or messages that some use for other reasons
    // too.
    let is_certain = signed.as_ref().zip(storage).is_some_and(|(signed, now)| now > signed.until || early);
    let finding = if is_certain { finding } else { finding.likely() };
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

/// The likely reason, and the fix for it.
fn reading(case: &Case<'_>, storage: Option<i64>, early: bool) -> (String, &'static str) {
    let registry = case.decisive().and_then(|(_, exchange)| exchange.response.as_ref()?.date());
    let lag = registry.zip(storage).map(|(registry, storage)| storage - registry);
    match lag {
        Some(lag) if lag.abs() > AGREE => {
            let direction = if lag > 0 { "behind" } else { "ahead of" };
            let text = format!(
                "By the Date headers, the registry's clock is {} {direction} the storage's, so most likely it is \
                 wrong.",
                words(lag.abs())
            );
            (text, "The registry operator has to set its clock.")
        }
        Some(_) if !early => (
            "The registry's clock agrees with the storage's. Most likely a proxy or cache in front of the \
             registry stores redirects and serves an old one."
                .to_owned(),
            "The operator of the proxy or cache in front of the registry has to stop it from caching redirects.",
        ),
        _ => (
            "Either a proxy or cache in front of the registry stores redirects, or the registry's clock is wrong: \
             compare the Date headers of registry and storage, if they send any."
                .to_owned(),
            "The registry operator has to check its clock, and that no proxy or cache stores redirects.",
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
