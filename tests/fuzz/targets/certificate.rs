//! Certificates that a server presents, in DER.

use ociscope::internals::{PresentedChain, day};

pub fn run(data: &[u8]) {
    let chain = PresentedChain::read("registry.test", [data, data]);
    assert!(chain.top().is_none_or(|at| at < chain.certificates.len()));
    for certificate in &chain.certificates {
        assert_eq!((certificate.size, certificate.sha256.len()), (data.len(), 64));
        let Ok(details) = &certificate.details else { continue };
        for text in details.names.iter().chain([&details.subject, &details.issuer]).chain(&details.issuer_addresses) {
            super::assert_printable(&text.printable());
        }
        super::assert_printable(&format!("{} {}", day(details.not_before), day(details.not_after)));
        assert!(details.self_issued || !details.self_signed);
    }
}
