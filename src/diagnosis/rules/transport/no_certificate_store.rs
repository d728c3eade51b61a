use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// This system has no certificate store.
    ///
    /// ## What it means
    /// The authorities that come with this program were trusted instead. Private authorities that are installed
    /// elsewhere are not among them, and other programs on this system will likely trust nobody.
    ///
    /// ## How it is recognised
    /// No authorities were found on this system, as in images that are built from nothing.
    ///
    /// ## What to do
    /// Install the package `ca-certificates`, or give an authority with `--cacert FILE`.
    ///
    /// ## References
    /// rustls/rustls-platform-verifier
    "no-certificate-store" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if !case.record().bundled_roots {
        return None;
    }
    let (id, exchange) = case.journal().iter().find(|(_, exchange)| exchange.request.url.scheme() == "https")?;
    let seen = exchange.status().map_or_else(|| case.words(id), |status| status.to_string().into());
    let finding = Finding::warning("this system has no certificate store", id, seen)
        .cause(
            "The authorities that come with ociscope were trusted instead. Other programs here will likely \
             trust nobody.",
        )
        .fix("Install the package ca-certificates.");
    Some(finding)
}
