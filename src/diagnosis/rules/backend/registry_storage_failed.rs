use super::{said_elsewhere, told};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::knowledge::{BackendReason, Behind};

rule! {
    /// The registry cannot read its own storage.
    ///
    /// ## What it means
    /// A registry keeps manifests and layers in a directory, a bucket or a database. When that fails, many registries
    /// answer with the code of the request (`MANIFEST_UNKNOWN`, `UNKNOWN`, `DENIED`) and hide the reason in `detail`. A
    /// 404 of this kind does not say that the image is missing, and a 403 not that you lack a right.
    ///
    /// ## How it is recognised
    /// `message` or `detail` of the error has the words of a storage driver: a clock that S3 does not accept, no space
    /// left on the device, permission denied in the registry's directory, a bucket that does not exist, and the like.
    ///
    /// ## What to do
    /// Only the operator of the registry can mend this. Send the quoted words along.
    ///
    /// ## References
    /// distribution/distribution#1285; distribution, registry/storage/driver; Amazon S3 API, error codes
    "registry-storage-failed" in Backend
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let told = told(case).filter(|told| told.error.behind == Behind::Storage)?;
    let response = case.journal().get(told.id).response.as_ref()?;
    let status = response.status;
    let host = case.host_of(told.id);
    let finding = Finding::error(
        ExitStatus::ServerFailed,
        "the registry cannot read its storage",
        told.id,
        format!("{status} {}", told.words.named_within(300)),
    );
    let believed = match status {
        404 | 410 => " So this answer does not mean that the image is missing.",
        400..500 => " So this answer is not about your rights or the name.",
        _ => "",
    };
    let clock = match told.error.reason {
        BackendReason::Clock => clock(case, told.id),
        _ => String::new(),
    };
    let finding = finding
        .cause(format!("{} {host} says so in its error, under status {status}.{believed}{clock}", told.error.means))
        .fix(format!("Tell the operator of {host}: {}", lower_first(&told.error.fix)));
    let finding = match said_elsewhere(case, &told) {
        Some((id, words)) => finding.because(id, words),
        None => finding,
    };
    Some(if told.error.reason == BackendReason::Unknown { finding.likely() } else { finding })
}

/// By how much the registry's clock differs from that of this machine, where it does.
fn clock(case: &Case<'_>, id: ExchangeId) -> String {
    let exchange = case.journal().get(id);
    let came = i64::try_from((exchange.started + exchange.duration).as_secs()).unwrap_or(i64::MAX);
    let here = case.record().now.and_then(|now| now.checked_add(came));
    let there = exchange.response.as_ref().and_then(|response| response.date());
    match here.zip(there).and_then(|(here, there)| there.checked_sub(here)) {
        Some(ahead) if ahead.unsigned_abs() > 60 => {
            let direction = if ahead < 0 { "behind" } else { "ahead of" };
            format!(" Its Date header is {} s {direction} this machine's clock.", ahead.unsigned_abs())
        }
        _ => String::new(),
    }
}

/// A sentence as it stands after a colon.
pub(super) fn lower_first(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}
