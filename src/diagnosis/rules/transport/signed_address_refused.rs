use crate::diagnosis::case::signed_address::is_signed;
use crate::diagnosis::delivery::{Obstacle, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Response;

rule! {
    /// Storage rejects the URL that the registry signed
    ///
    /// ## What it means
    /// The registry redirects clients to its storage with a URL whose signature is the permission. The storage rejects
    /// it although it has not expired: a proxy in between changes the host or the path, which are signed, or the
    /// registry signs with a wrong key or without permission. Logging in has no effect.
    ///
    /// ## How it is recognised
    /// A config or layer request is redirected to a URL with signature parameters, on any host, and the answer there is
    /// 400, 401 or 403. The finding is certain if the storage says that the signature does not match.
    ///
    /// ## What to do
    /// The operator configures the proxy in front of the storage to forward `Host` and path unchanged, or corrects the
    /// key with which the registry signs.
    ///
    /// ## References
    /// distribution/distribution#3139; minio/minio#6546; argoproj/argo-cd#16336; Amazon S3 API, error codes
    "signed-address-refused" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut refused = obstructed(case);
    refused.retain(|one| {
        let exchange = case.journal().get(one.shown);
        let status = matches!(exchange.status(), Some(400 | 401 | 403));
        status && matches!(one.obstacle, Obstacle::Refused) && is_signed(&exchange.request.url)
    });
    let first = refused.first()?;
    let id = first.shown;
    let response = case.journal().get(id).response.as_ref()?;
    let (storage, registry) = (case.host_of(id), case.reference().registry());
    let title = "the storage rejects the URL that the registry signed";
    let finding = Finding::error(ExitStatus::ServerFailed, title, id, refusal_words(case, id)).cause(format!(
        "The manifest was served. For {}, the registry redirects to {storage} with a signed URL that has not expired, \
         and {storage} rejects it. Most likely a proxy in between changes host or path, which are signed, or the \
         registry signs with a wrong key. The signature is the permission: logging in does not help.",
        named(case, &refused)
    ));
    let finding = match first.sent_by() {
        Some((redirect, _)) => finding.because(redirect, format!("{} to {storage}", case.words(redirect).as_str())),
        None => finding,
    };
    let finding = finding.fix(format!(
        "Ask the operator of {registry} to have Host and path forwarded unchanged by every proxy in front of the \
         storage; otherwise to check the signing key."
    ));
    Some(if says_so(response) { finding } else { finding.likely() })
}

/// Returns whether a storage says that it rejects the signature.
fn says_so(response: &Response) -> bool {
    const WORDS: [&str; 4] =
        ["SignatureDoesNotMatch", "signature we calculated does not match", "AuthenticationFailed", "InvalidSignature"];
    let text = String::from_utf8_lossy(&response.body.bytes);
    WORDS.iter().any(|words| text.contains(words))
}
