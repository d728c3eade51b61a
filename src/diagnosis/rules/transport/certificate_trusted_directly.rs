use crate::diagnosis::case::presented::{in_engines, presenter};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::LeafTrust;

rule! {
    /// Server certificate itself is in the trust store
    ///
    /// ## What it means
    /// No authority vouches for the certificate; it was accepted because exactly this certificate is trusted.
    /// Self-signed certificates are used like that. Clients built on OpenSSL or Go accept it too, if they were given
    /// the certificate; clients built on rustls reject one that is marked as an authority's (`CA:TRUE`), as
    /// `openssl req -x509` creates them.
    ///
    /// ## How it is recognised
    /// The presented certificate equals, byte for byte, one in the file given with `--cacert` or in the certificate
    /// store of this system. Its names, its dates and the handshake signature were verified.
    ///
    /// ## What to do
    /// Give the certificate to every client that pulls, or replace it with one that an authority has signed.
    ///
    /// ## References
    /// RFC 5280 §4.2.1.9; moby/moby#20912
    "certificate-trusted-directly" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut exchanges = case.journal().iter().filter(|(_, exchange)| exchange.response.is_some());
    let (id, trust) = exchanges.find_map(|(id, exchange)| Some((id, exchange.connection.leaf_trusted_by?)))?;
    let host = presenter(case, id);
    let by = match trust {
        LeafTrust::AuthorityFile => "the file given with --cacert contains exactly this certificate",
        LeafTrust::SystemStore => "the certificate store of this system contains exactly this certificate",
    };
    let title = format!("the certificate of {host} is itself in the trust store");
    let finding = Finding::info(title, id, "names, dates and the signature of the handshake are good")
        .cause(format!("No authority signed it; it was accepted because {by}. Every client that pulls needs it too."));
    Some(finding.fix(in_engines(case, id)))
}
