use super::{first_failure, reported_again};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::knowledge::{BackendPart, BackendReason};

rule! {
    /// Registry cannot read its own storage
    ///
    /// ## What it means
    /// A registry keeps manifests and layers in a directory, a bucket or a database. When this storage fails, many
    /// registries answer with the error code of the request (`MANIFEST_UNKNOWN`, `UNKNOWN`, `DENIED`) and hide the
    /// reason in `detail`. Such a 404 does not mean that the image is missing, and such a 403 does not mean that you
    /// lack permission.
    ///
    /// ## How it is recognised
    /// The `message` or `detail` of the error has the wording of a storage driver: a clock that S3 does not accept, no
    /// space left on the device, permission denied in the registry's directory, a bucket that does not exist, and the
    /// like.
    ///
    /// ## What to do
    /// Only the operator of the registry can fix this. Send them the quoted error message.
    ///
    /// ## References
    /// distribution/distribution#1285; distribution, registry/storage/driver; Amazon S3 API, error codes
    "registry-storage-failed" in Backend
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let failure = first_failure(case).filter(|failure| failure.error.part == BackendPart::Storage)?;
    let response = case.journal().get(failure.id).response.as_ref()?;
    let status = response.status;
    let host = case.host_of(failure.id);
    let finding = Finding::error(
        ExitStatus::ServerFailed,
        "registry cannot read its storage",
        failure.id,
        format!("{status} {}", failure.words.named_within(300)),
    );
    let caution = match status {
        404 | 410 => " This answer does not mean that the image is missing.",
        400..500 => " This answer is not about your permissions or the name.",
        _ => "",
    };
    let clock = match failure.error.reason {
        BackendReason::Clock => clock_offset(case, failure.id),
        _ => String::new(),
    };
    let finding = finding
        .cause(format!(
            "{} {host} reports this in its error message, with status {status}.{caution}{clock}",
            failure.error.means
        ))
        .fix(format!("Tell the operator of {host}: {}", lower_first(&failure.error.fix)));
    let finding = match reported_again(case, &failure) {
        Some((id, words)) => finding.because(id, words),
        None => finding,
    };
    Some(if failure.error.reason == BackendReason::Unknown { finding.likely() } else { finding })
}

/// A sentence about the offset between the registry's clock and that of this machine. Empty if they agree.
fn clock_offset(case: &Case<'_>, id: ExchangeId) -> String {
    let exchange = case.journal().get(id);
    let received = i64::try_from((exchange.started + exchange.duration).as_secs()).unwrap_or(i64::MAX);
    let here = case.record().now.and_then(|now| now.checked_add(received));
    let there = exchange.response.as_ref().and_then(|response| response.date());
    match here.zip(there).and_then(|(here, there)| there.checked_sub(here)) {
        Some(ahead) if ahead.unsigned_abs() > 60 => {
            let direction = if ahead < 0 { "behind" } else { "ahead of" };
            format!(" Its Date header is {} s {direction} this machine's clock.", ahead.unsigned_abs())
        }
        _ => String::new(),
    }
}

/// Lower-cases the first letter, for a sentence after a colon.
pub(super) fn lower_first(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}
