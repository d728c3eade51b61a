use super::{is_blob, missing_digest};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, error_entries};

rule! {
    /// The digest is that of a blob, not of a manifest.
    ///
    /// ## What it means
    /// What Docker calls an image ID is the digest of the image's configuration. That is stored as a blob, under
    /// another path, and cannot be pulled. The digest of a layer cannot either.
    ///
    /// ## How it is recognised
    /// The digest is refused as a manifest, and the same repository has a blob with it. A 500 with the code `UNKNOWN`,
    /// as CNCF distribution 2.8 answers, makes it likely.
    ///
    /// ## What to do
    /// Pull by the digest of the manifest: `docker image inspect --format '{{.RepoDigests}}' IMAGE` shows it, and
    /// probing the tag does too.
    ///
    /// ## References
    /// moby/moby#17670; distribution/distribution#3122; distribution registry/storage/registry.go (2.8)
    "digest-is-image-id" in Config
}

/// Configurations are not longer than this; layers mostly are.
const LONG: u64 = 4 << 20;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (digest, id, status) = missing_digest(case)?;
    let title = "the digest is that of a blob, not of a manifest";
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, case.words(id))
        .fix("Use the digest of the manifest: probe the tag, or read RepoDigests of docker image inspect.");
    match is_blob(case, digest) {
        Some((blob, true)) => {
            let what = if length(case, blob).is_some_and(|length| length > LONG) {
                "By its size it is a layer."
            } else {
                "Most likely it is an image ID: the digest of the image's configuration."
            };
            Some(finding.because(blob, format!("{} as a blob", case.words(blob).as_str())).cause(format!(
                "There is no manifest with this digest, but {} has a blob with it. {what} Only manifests can be \
                 pulled.",
                case.reference().repository()
            )))
        }
        Some((_, false)) => None,
        None if status == 500 && is_unknown(case, id) => Some(finding.likely().cause(
            "This registry answers 500 without a reason. CNCF distribution 2.8 does that for the digest of a \
             blob, such as an image ID.",
        )),
        None => None,
    }
}

fn length(case: &Case<'_>, id: ExchangeId) -> Option<u64> {
    case.journal().get(id).response.as_ref()?.header("content-length")?.as_str().parse().ok()
}

fn is_unknown(case: &Case<'_>, id: ExchangeId) -> bool {
    let response = case.journal().get(id).response.as_ref();
    response.is_some_and(|response| error_entries(response).iter().any(|entry| entry.code.as_str() == "UNKNOWN"))
}
