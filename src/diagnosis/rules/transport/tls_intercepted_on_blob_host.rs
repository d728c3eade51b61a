use crate::diagnosis::case::network::is_own_network;
use crate::diagnosis::case::presented::{Distrust, distrust};
use crate::diagnosis::delivery::{Obstacle, named, obstructed};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Certificate of the layer host is not trusted here
    ///
    /// ## What it means
    /// The config and the layers come from another host than the manifest. If a company proxy intercepts TLS and
    /// exempts only the registry, or an internal storage has a certificate of a private authority, the manifest is
    /// served and every blob request fails.
    ///
    /// ## How it is recognised
    /// The manifest was served, and the certificate of the host that a blob request was redirected to is signed by an
    /// authority that is not trusted here.
    ///
    /// ## What to do
    /// Install the authority's certificate where the engine reads it: on the pulling machine, not on the one that
    /// starts the pull. Or exempt the host from TLS interception.
    ///
    /// ## References
    /// moby/moby#36820; docker/for-win#3391
    "tls-intercepted-on-blob-host" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut refused = obstructed(case);
    refused.retain(|one| matches!(one.obstacle, Obstacle::UnknownAuthority(_)));
    let first = refused.first()?;
    let Obstacle::UnknownAuthority(failure) = first.obstacle else { return None };
    let id = first.shown;
    let host = case.host_of(id);
    let distrust = distrust(case, id);
    let reading = match &distrust {
        Distrust::Unknown | Distrust::Open(_) | Distrust::Root(_) if !is_own_network(case, id) => {
            "Most likely a proxy in between intercepts TLS and presents its own certificate.".to_owned()
        }
        _ => distrust.cause(case, id),
    };
    let title = format!("the certificate of layer host {host} is not trusted here");
    let mut finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone()).cause(format!(
        "The manifest was served; {} would come from {host}. No authority that is trusted here has signed its \
         certificate. {reading}",
        named(case, &refused)
    ));
    if let Some((redirect, _)) = first.sent_by() {
        finding = finding.because(redirect, format!("{} to {host}", case.words(redirect).as_str()));
    }
    let finding = if distrust.is_likely() { finding.likely() } else { finding };
    Some(distrust.fixes(case, id, finding, "diagnose"))
}
