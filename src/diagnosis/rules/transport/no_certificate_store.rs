use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// System has no certificate store
    ///
    /// ## What it means
    /// ociscope used its built-in list of authorities instead. It does not contain private authorities that are
    /// installed elsewhere, and other programs on this system will likely trust no authority.
    ///
    /// ## How it is recognised
    /// The system has no trusted authorities, as in images built from scratch.
    ///
    /// ## What to do
    /// Install the package `ca-certificates`, or give an authority with `--cacert FILE`.
    ///
    /// ## References
    /// rustls/rustls-platform-verifier
    "no-certificate-store" in Transport, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if !case.record().bundled_roots {
        return None;
    }
    let (id, exchange) = case.journal().iter().find(|(_, exchange)| exchange.request.url.scheme() == "https")?;
    let seen = exchange.status().map_or_else(|| case.words(id), |status| status.to_string().into());
    let finding = Finding::warning("this system has no certificate store", id, seen)
        .cause(
            "ociscope used its built-in list of authorities instead. Other programs here will likely trust no \
             authority.",
        )
        .fix("Install the package ca-certificates.");
    Some(finding)
}
