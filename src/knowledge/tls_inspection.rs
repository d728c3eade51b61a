//! TLS inspection products, by the issuers of the certificates that they present.

use std::sync::LazyLock;

use serde::Deserialize;

/// A TLS inspection product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsInspection {
    /// Its name.
    pub name: String,
    issuers: Vec<String>,
    who: Who,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    checked: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    source: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Who {
    Network,
    Machine,
    Debugging,
}

impl TlsInspection {
    /// The place where it runs, as the end of a sentence that begins with its name.
    pub fn where_it_runs(&self) -> &'static str {
        match self.who {
            Who::Network => "is a network proxy or firewall",
            Who::Machine => "is security software on this machine or its gateway",
            Who::Debugging => "is a tool for inspecting requests",
        }
    }
}

#[derive(Deserialize)]
struct File {
    product: Vec<TlsInspection>,
}

static PRODUCTS: LazyLock<Vec<TlsInspection>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("tls_inspection.toml"))
        .expect("the file is part of the program, and a test reads it");
    file.product
});

/// The product in the issuer or subject of a certificate.
pub fn tls_inspection(name: &str) -> Option<&'static TlsInspection> {
    let name = name.to_lowercase();
    PRODUCTS.iter().find(|product| product.issuers.iter().any(|issuer| name.contains(issuer.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_valid_and_dated() {
        for product in PRODUCTS.iter() {
            assert!(product.checked.len() == 10 && !product.source.is_empty(), "{}", product.name);
            let lower = product.issuers.iter().all(|issuer| !issuer.is_empty() && *issuer == issuer.to_lowercase());
            assert!(lower && !product.issuers.is_empty(), "{}", product.name);
        }
    }

    #[test]
    fn product_is_recognized_by_its_issuer() {
        for (issuer, name) in [
            ("CN=Zscaler Intermediate Root CA (zscalerthree.net), OU=Zscaler Inc., O=Zscaler Inc.", "Zscaler"),
            ("CN=PortSwigger CA, OU=PortSwigger CA, O=PortSwigger", "Burp Suite"),
            ("CN=mitmproxy, O=mitmproxy", "mitmproxy"),
            ("CN=DO_NOT_TRUST_FiddlerRoot, O=DO_NOT_TRUST", "Fiddler"),
            ("CN=FG100ETK18000001, O=Fortinet", "Fortinet FortiGate"),
            ("CN=ESET SSL Filter CA, O=ESET\\, spol. s r. o.", "ESET"),
        ] {
            assert_eq!(tls_inspection(issuer).map(|product| product.name.as_str()), Some(name), "{issuer}");
        }
        for other in ["CN=R11, O=Let's Encrypt, C=US", "CN=Acme Internal Root", "CN=Reset Labs CA", "CN=registry.corp"]
        {
            assert!(tls_inspection(other).is_none(), "{other}");
        }
    }
}
