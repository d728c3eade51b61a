use crate::diagnosis::case::signed_address::is_signed;
use crate::diagnosis::delivery::{Obstacle, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Response;

rule! {
    /// The storage refuses an address that the registry signed for it.
    ///
    /// ## What it means
    /// The registry sends clients to its storage with an address whose signature is the permission. The storage does not
    /// accept it although it has not expired: a proxy in between changes the host or the path, which are part of what is
    /// signed, or the registry signs with a key or a right that is not good. No login has a part in this.
    ///
    /// ## How it is recognised
    /// A configuration or layer is redirected to an address with the parameters of a signature, wherever it is hosted, and
    /// the answer there is 400, 401 or 403. Certain where the storage says that the signature does not match.
    ///
    /// ## What to do
    /// The operator has the proxy in front of the storage pass on `Host` and path as they are, or corrects the key with
    /// which the registry signs.
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
    let title = "the storage refuses the address that the registry signed";
    let finding = Finding::error(ExitStatus::ServerFailed, title, id, refusal_words(case, id)).cause(format!(
        "The manifest was served. For {} the registry redirects to {storage} with a signed address, which has not expired, \
         and {storage} refuses it. Most likely a proxy in between changes host or path, which are signed, or the registry \
         signs with a wrong key. The signature is the permission: no login changes this.",
        named(case, &refused)
    ));
    let finding = match first.sent_by() {
        Some((redirect, _)) => finding.because(redirect, format!("{} to {storage}", case.words(redirect).as_str())),
        None => finding,
    };
    let finding = finding.fix(format!(
        "Tell the operator of {registry}: whatever stands in front of the storage has to pass on Host and path unchanged; \
         else check the key that the registry signs with."
    ));
    Some(if says_so(response) { finding } else { finding.likely() })
}

/// Whether a storage says that it is the signature that it refuses.
fn says_so(response: &Response) -> bool {
    const WORDS: [&str; 4] =
        ["SignatureDoesNotMatch", "signature we calculated does not match", "AuthenticationFailed", "InvalidSignature"];
    let text = String::from_utf8_lossy(&response.body.bytes);
    WORDS.iter().any(|words| text.contains(words))
}
