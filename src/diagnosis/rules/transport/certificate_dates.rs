use super::{certificate, route_remark};
use crate::diagnosis::case::presented::presenter;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CertificateFault, ExchangeId, day};

rule! {
    /// Certificate has expired or is not valid yet
    ///
    /// ## What it means
    /// By the clock of this machine, the current time is outside the certificate's validity period. Either the
    /// certificate was not renewed, or the clock is wrong, such as after a virtual machine was suspended.
    ///
    /// ## How it is recognised
    /// The certificate was rejected because of its dates. If another server answered in the same run, its `Date` shows
    /// whether the clock of this machine is right.
    ///
    /// ## What to do
    /// Check the clock of this machine first. If it is right, the registry operator has to renew the certificate.
    ///
    /// ## References
    /// RFC 5280 §4.1.2.5; moby/moby#11534
    "certificate-dates" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure, fault) = certificate(case)?;
    let host = presenter(case, id);
    let chain = case.journal().get(id).connection.presented.as_ref();
    let outside = chain.and_then(|chain| Some((chain.out_of_date()?, &chain.certificates)));
    let outside = outside.and_then(|(at, certificates)| Some((at, certificates.get(at)?.details.as_ref().ok()?)));
    let which = match outside {
        Some((1.., _)) => format!("an intermediate certificate of {host}"),
        _ => format!("the certificate of {host}"),
    };
    let title = match fault {
        CertificateFault::Expired => format!("{which} has expired"),
        CertificateFault::NotYetValid => format!("{which} is not valid yet"),
        _ => return None,
    };
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone());
    let renew = "Ask the operator of that host to renew the certificate.";
    let (reading, finding) = match clock(case) {
        Some((by, date, true)) => {
            let reading = format!("The clock of this machine is wrong: another server sent the date {date}.");
            (reading, finding.because(by, format!("date: {date}")).fix("Set the date and time of this machine."))
        }
        Some((by, date, false)) => {
            let reading = "The clock of this machine is right: another server has the same time.".to_owned();
            (reading, finding.because(by, format!("date: {date}")).fix(renew))
        }
        None => (
            "A wrong clock looks the same as an expired certificate.".to_owned(),
            finding
                .fix("Check the date and time of this machine.")
                .fix("If they are right, ask the operator of that host to renew the certificate."),
        ),
    };
    let dates = outside.map_or_else(
        || "By the clock of this machine, the certificate is outside its validity period.".to_owned(),
        |(_, details)| {
            let (from, to) = (day(details.not_before), day(details.not_after));
            format!("{} is valid from {from} to {to}.", details.subject.named_within(120))
        },
    );
    Some(finding.cause(format!("{dates} {reading}{}", route_remark(case, id))))
}

/// The difference between two clocks, in seconds, from which one of them is wrong: certificates last for months.
const OFF: u64 = 24 * 60 * 60;

/// Returns the date of another server that answered, and whether this machine's clock differs from it.
fn clock(case: &Case<'_>) -> Option<(ExchangeId, String, bool)> {
    let now = case.record().now?;
    case.journal().iter().find_map(|(id, exchange)| {
        let response = exchange.response.as_ref()?;
        let difference = response.date()?.checked_sub(now)?.unsigned_abs();
        let date = response.header("date")?.printable_within(40);
        // In between, either clock may be wrong: the rule does not decide.
        match difference {
            ..300 => Some((id, date, false)),
            OFF.. => Some((id, date, true)),
            _ => None,
        }
    })
}
